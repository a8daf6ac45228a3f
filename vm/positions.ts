/** Which instruction of the original module an instrumented offset belongs to. */
export class PositionMap {
  /** Rising. From each on, either a copy of what stands at `original`, or code in place of that one instruction. */
  private readonly at: number[] = []
  private readonly original: number[] = []
  private readonly isCopy: boolean[] = []

  copied(at: number, original: number): void {
    this.add(at, original, true)
  }

  inserted(at: number, original: number): void {
    this.add(at, original, false)
  }

  private add(at: number, original: number, isCopy: boolean): void {
    this.at.push(at)
    this.original.push(original)
    this.isCopy.push(isCopy)
  }

  /** Nothing for what stands before all of them. */
  originalOf(offset: number): number | undefined {
    let low = 0
    let high = this.at.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.at[middle] as number) <= offset) low = middle + 1
      else high = middle
    }
    const found = this.original[low - 1]
    if (found === undefined) return undefined
    return this.isCopy[low - 1] === true ? found + offset - (this.at[low - 1] as number) : found
  }
}
