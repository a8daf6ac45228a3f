/** The nearest-rank percentile: the smallest value that at least `share` of all do not exceed. NaN if there are none. */
export const percentile = (values: ArrayLike<number>, share: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/** The one in the middle by `rank`; of two in the middle the lower. Throws if there are none. */
export const medianBy = <T>(items: readonly T[], rank: (item: T) => number): T => {
  const sorted = items.toSorted((a, b) => rank(a) - rank(b))
  const middle = sorted[(sorted.length - 1) >> 1]
  if (middle === undefined) throw new RangeError('there is no median of nothing')
  return middle
}
