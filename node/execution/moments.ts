/**
 * The state that queries see. A snapshot costs more than most queries, and so does reading a value from it: one is kept
 * for as long as the same head is named, with the small values that were read. It keeps old data from being
 * dropped, and goes when nobody has asked for a moment.
 */
import type { BlockStore } from '../chain/store.ts'
import type { StateReader } from '../state/view.ts'
import { COLUMNS, type Database, type Snapshot } from '../storage/database.ts'
import type { BlockHeader } from '../types/block.ts'
import { fromLatin1, type Height, toLatin1 } from '../types/primitives.ts'

const IDLE_MS = 100
const MAX_KEPT_VALUES = 4_096
const MAX_KEPT_VALUE_BYTES = 512

export interface Moment {
  readonly state: StateReader
  /** Of the block after which this is the state. */
  readonly height: Height
}

const toEntry = (entry: [Uint8Array, Uint8Array] | undefined) =>
  entry === undefined ? undefined : { key: toLatin1(entry[0]), value: entry[1] }

/** What is read once is given again: whoever gets a value must not change it (state/overlay.ts). */
const toReader = (snapshot: Snapshot): StateReader => {
  const kept = new Map<string, Uint8Array | undefined>()
  return {
    get(key) {
      const name = toLatin1(key)
      const known = kept.get(name)
      if (known !== undefined || kept.has(name)) return known
      const value = snapshot.get(key)
      const isSmall = value === undefined || value.length <= MAX_KEPT_VALUE_BYTES
      if (isSmall && kept.size < MAX_KEPT_VALUES) kept.set(name, value)
      return value
    },
    first({ from, to, isReverse }) {
      const entry = toEntry(
        isReverse ? snapshot.before(fromLatin1(to)) : snapshot.atOrAfter(fromLatin1(from)),
      )
      return entry !== undefined && entry.key >= from && entry.key < to ? entry : undefined
    },
  }
}

export class Moments {
  readonly #database: Database
  readonly #store: Pick<BlockStore, 'head'>
  #kept: { readonly head: BlockHeader; readonly snapshot: Snapshot; readonly moment: Moment } | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(database: Database, store: Pick<BlockStore, 'head'>) {
    this.#database = database
    this.#store = store
  }

  /** The state after the block of `head`, or after a later one that was final when it was asked for first. */
  at(head: BlockHeader): Moment {
    if (this.#idle === undefined) this.#idle = setTimeout(() => this.close(), IDLE_MS).unref()
    else this.#idle.refresh()
    if (this.#kept?.head === head) return this.#kept.moment
    this.#kept?.snapshot.close()
    this.#kept = undefined
    const { snapshot, height } = this.#open()
    this.#kept = { head, snapshot, moment: { state: toReader(snapshot), height } }
    return this.#kept.moment
  }

  /** A block may be written while the snapshot is taken. */
  #open(): { snapshot: Snapshot; height: Height } {
    for (;;) {
      const before = this.#store.head()
      const snapshot = this.#database.snapshot(COLUMNS.state)
      const after = this.#store.head()
      if (before !== undefined && before.height === after?.height) return { snapshot, height: before.height }
      snapshot.close()
    }
  }

  /** Lets go of the snapshot; the next query takes another. */
  close(): void {
    this.#kept?.snapshot.close()
    this.#kept = undefined
  }
}
