/** How everything above the database sees the state: one key space of byte strings. */

/** The keys k with `from` <= k < `to`, in latin1, read upwards or, in reverse, downwards. */
export interface KeyRange {
  readonly from: string
  readonly to: string
  readonly isReverse: boolean
}

export interface StateEntry {
  /** In latin1. */
  readonly key: string
  readonly value: Uint8Array
}

export interface StateReader {
  /** `name` is the key in latin1, from who has it already: Maps go by it. */
  get(key: Uint8Array, name?: string): Uint8Array | undefined
  /**
   * The entry of the range that is read first. `onPassed` is called for each key on the way that an
   * {@link Overlay} has deleted: those differ from node to node in nothing, so that gas may depend on them.
   */
  first(range: KeyRange, onPassed?: () => void): StateEntry | undefined
}

export interface StateWriter extends StateReader {
  set(key: Uint8Array, value: Uint8Array, name?: string): void
  delete(key: Uint8Array, name?: string): void
}

/** Final value of each changed key: `undefined` means deleted. Keys are unique; order means nothing. */
export interface StateChange {
  key: Uint8Array
  value: Uint8Array | undefined
}
