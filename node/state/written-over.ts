/** Ordered reading where some keys have been written over another state. */
import type { SortedKeys } from './sorted-keys.ts'
import type { KeyRange, StateEntry } from './view.ts'

/**
 * The first entry of the range: of what was written (`undefined`: deleted) over what lies `below`. The state
 * below is asked once, and again for each of its entries that is deleted here. `onPassed` hears of each
 * deletion on the way.
 */
export const firstWrittenOver = (
  written: { readonly keys: SortedKeys; valueOf(key: string): Uint8Array | undefined },
  below: (range: KeyRange) => StateEntry | undefined,
  { from, to, isReverse }: KeyRange,
  onPassed: () => void,
): StateEntry | undefined => {
  let rest = { from, to, isReverse }
  let under = below(rest)
  for (;;) {
    const found = isReverse ? written.keys.below(rest.to) : written.keys.atOrAbove(rest.from)
    if (found === undefined || (isReverse ? found < rest.from : found >= rest.to)) return under
    if (under !== undefined && (isReverse ? under.key > found : under.key < found)) return under
    const value = written.valueOf(found)
    if (value !== undefined) return { key: found, value }
    onPassed()
    rest = isReverse ? { ...rest, to: found } : { ...rest, from: `${found}\0` }
    if (under?.key === found) under = below(rest)
  }
}
