/**
 * Changes that lie over a state and may be taken back: what a block, a transaction or a call has written
 * so far.
 *
 * Reads see the overlay first, then the parent. Every write notes in a journal what it replaced, so going
 * back to a mark costs the number of writes since then, not the size of the overlay. Marks nest: going
 * back to one forgets every later one. Accepting what was done since a mark takes nothing but forgetting it.
 *
 * Values are kept, not copied: who passes one in, or gets one, must not change it.
 */
import { fromLatin1, toLatin1 } from '../types/primitives.ts'
import { SortedKeys } from './sorted-keys.ts'
import type { KeyRange, StateChange, StateEntry, StateReader, StateWriter } from './view.ts'
import { firstWrittenOver } from './written-over.ts'

/** A written key's value; `undefined` is a deletion and hides the parent's value. */
type Written = { readonly value: Uint8Array | undefined }

interface JournalEntry {
  readonly key: string
  /** `undefined`: the overlay had not written the key. */
  readonly before: Written | undefined
}

export class Overlay implements StateWriter {
  readonly #parent: StateReader
  readonly #written = new Map<string, Written>()
  readonly #journal: JournalEntry[] = []
  /** The written keys in order; kept from the first ordered read on. */
  #keys: SortedKeys | undefined

  constructor(parent: StateReader) {
    this.#parent = parent
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const written = this.#written.get(toLatin1(key))
    return written === undefined ? this.#parent.get(key) : written.value
  }

  first(range: KeyRange, onPassed: () => void = () => {}): StateEntry | undefined {
    this.#keys ??= new SortedKeys(this.#written.keys())
    return firstWrittenOver(
      { keys: this.#keys, valueOf: key => this.#written.get(key)?.value },
      rest => this.#parent.first(rest, onPassed),
      range,
      onPassed,
    )
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#write(toLatin1(key), { value })
  }

  delete(key: Uint8Array): void {
    this.#write(toLatin1(key), { value: undefined })
  }

  #write(key: string, written: Written): void {
    const before = this.#written.get(key)
    this.#journal.push({ key, before })
    this.#written.set(key, written)
    if (before === undefined) this.#keys?.add(key)
  }

  checkpoint(): number {
    return this.#journal.length
  }

  /** Takes back every write since `mark` was made. */
  revertTo(mark: number): void {
    if (!Number.isInteger(mark) || mark < 0 || mark > this.#journal.length) {
      throw new RangeError(
        `checkpoint ${mark} does not exist: the journal holds ${this.#journal.length} writes; was an earlier checkpoint reverted?`,
      )
    }
    for (let i = this.#journal.length - 1; i >= mark; i--) {
      const { key, before } = this.#journal[i] as JournalEntry
      if (before === undefined) {
        this.#written.delete(key)
        this.#keys?.delete(key)
      } else {
        this.#written.set(key, before)
      }
    }
    this.#journal.length = mark
  }

  /** Every key that was written and not taken back, also where the value is the parent's own. */
  changes(): StateChange[] {
    return Array.from(this.#written, ([key, { value }]) => ({ key: fromLatin1(key), value }))
  }
}
