/** The state after a block that is not final: its layer, those below it, the database. */
import { Gaps } from '../state/gaps.ts'
import { SortedKeys } from '../state/sorted-keys.ts'
import type { KeyRange, StateEntry, StateReader } from '../state/view.ts'
import { firstWrittenOver } from '../state/written-over.ts'
import { toLatin1 } from '../types/primitives.ts'

/** What a block changed, by key in latin1, over what its parent changed. */
export interface LayerValues {
  readonly values: ReadonlyMap<string, Uint8Array | undefined>
  /** `undefined`: the database is next. */
  readonly parent: LayerValues | undefined
}

/** `read`, spared what is known to be empty, and remembered. */
export const firstBesideGaps = (
  gaps: Gaps,
  range: KeyRange,
  read: (rest: KeyRange) => StateEntry | undefined,
): StateEntry | undefined => {
  const rest = gaps.narrow(range)
  const entry = rest.from < rest.to ? read(rest) : undefined
  gaps.learn(range, entry?.key)
  return entry
}

export class LayerReader implements StateReader {
  readonly #layer: LayerValues
  readonly #base: StateReader
  /** The state under the layer as it is now: a parent that becomes final goes to the database. */
  readonly #below: () => StateReader
  readonly #gaps = new Gaps()
  #keys: SortedKeys | undefined

  constructor(layer: LayerValues, base: StateReader, below: () => StateReader) {
    this.#layer = layer
    this.#base = base
    this.#below = below
  }

  get(key: Uint8Array, name = toLatin1(key)): Uint8Array | undefined {
    for (let at: LayerValues | undefined = this.#layer; at !== undefined; at = at.parent) {
      const value = at.values.get(name)
      if (value !== undefined || at.values.has(name)) return value
    }
    return this.#base.get(key, name)
  }

  /** Which deletions are in a layer depends on how far this node is: nobody hears of them. */
  first(range: KeyRange): StateEntry | undefined {
    const { values } = this.#layer
    this.#keys ??= new SortedKeys(values.keys())
    const written = { keys: this.#keys, valueOf: (key: string) => values.get(key) }
    const below = this.#below()
    return firstBesideGaps(this.#gaps, range, rest =>
      firstWrittenOver(
        written,
        under => below.first(under),
        rest,
        () => undefined,
      ),
    )
  }
}
