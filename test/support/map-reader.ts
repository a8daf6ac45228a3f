/** A Map by latin1 key as a state, sorted anew for each ordered read: slow and plainly right. */
import type { StateReader } from '../../node/state/view.ts'
import { toLatin1 } from '../../node/types/primitives.ts'

export const mapReader = (values: ReadonlyMap<string, Uint8Array>): StateReader => ({
  get: key => values.get(toLatin1(key)),
  first({ from, to, isReverse }) {
    const keys = [...values.keys()].filter(key => key >= from && key < to).sort()
    const key = isReverse ? keys.at(-1) : keys[0]
    return key === undefined ? undefined : { key, value: values.get(key) as Uint8Array }
  },
})
