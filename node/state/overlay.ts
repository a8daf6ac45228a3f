/**
 * Changes that lie over a state and may be taken back: what a block, a transaction or a call has written
 * so far.
 *
 * Reads see the overlay first, then the parent. Every write notes in a journal what it replaced, so going
 * back to a mark costs the number of writes since then, not the size of the overlay. Marks nest: going
 * back to one forgets every later one. Accepting what was done since a mark takes nothing but forgetting it.
 *
 * Keys and values are kept, not copied: who passes one in, or gets one, must not change it.
 */
import { toLatin1 } from '../types/primitives.ts'
import { SortedKeys } from './sorted-keys.ts'
import type { KeyRange, StateChange, StateEntry, StateReader, StateWriter } from './view.ts'
import { firstWrittenOver } from './written-over.ts'

/** A written key's value; `undefined` is a deletion and hides the parent's value. */
type Written = { readonly key: Uint8Array; readonly value: Uint8Array | undefined }

interface JournalEntry {
  readonly name: string
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

  get(key: Uint8Array, name = toLatin1(key)): Uint8Array | undefined {
    const written = this.#written.get(name)
    return written === undefined ? this.#parent.get(key, name) : written.value
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

  set(key: Uint8Array, value: Uint8Array, name = toLatin1(key)): void {
    this.#write(name, { key, value })
  }

  delete(key: Uint8Array, name = toLatin1(key)): void {
    this.#write(name, { key, value: undefined })
  }

  #write(name: string, written: Written): void {
    const before = this.#written.get(name)
    this.#journal.push({ name, before })
    this.#written.set(name, written)
    if (before === undefined) this.#keys?.add(name)
  }

  /** Accepts all that was written so far for good: no mark made before this can be gone back to. */
  settle(): void {
    this.#journal.length = 0
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
      const { name, before } = this.#journal[i] as JournalEntry
      if (before === undefined) {
        this.#written.delete(name)
        this.#keys?.delete(name)
      } else {
        this.#written.set(name, before)
      }
    }
    this.#journal.length = mark
  }

  /** Every key that was written and not taken back, also where the value is the parent's own. */
  changes(): StateChange[] {
    return Array.from(this.#written.values(), ({ key, value }) => ({ key, value }))
  }
}
