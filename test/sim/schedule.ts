/** Virtual time: a binary heap of what happens when; ties run in the order they were planned. */
interface Planned {
  at: number
  order: number
  run: () => void
}

const isBefore = (a: Planned, b: Planned): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

export class Schedule {
  readonly #heap: Planned[] = []
  #order = 0
  #now = 0

  get now(): number {
    return this.#now
  }

  at(time: number, run: () => void): void {
    const item = { at: Math.max(time, this.#now), order: this.#order++, run }
    const heap = this.#heap
    let i = heap.push(item) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (isBefore(heap[parent]!, item)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = item
  }

  after(delay: number, run: () => void): void {
    this.at(this.#now + delay, run)
  }

  /** Runs the next; false if nothing is planned. */
  step(): boolean {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) return false
    if (heap.length > 0) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
        if (isBefore(last, heap[child]!)) break
        heap[i] = heap[child]!
        i = child
      }
      heap[i] = last
    }
    this.#now = first.at
    first.run()
    return true
  }
}
