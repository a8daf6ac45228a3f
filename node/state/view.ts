/** How everything above the database sees the state: one key space of byte strings. */

export interface StateReader {
  get(key: Uint8Array): Uint8Array | undefined
}

export interface StateWriter extends StateReader {
  set(key: Uint8Array, value: Uint8Array): void
  delete(key: Uint8Array): void
}

/** Final value of each changed key: `undefined` means deleted. Keys are unique; order means nothing. */
export interface StateChange {
  key: Uint8Array
  value: Uint8Array | undefined
}
