/** Walks over the stored keys of one slot in the order of their bytes: what ordered maps and sets are read by. */
import * as env from './env'
import { takeRegister } from './register'
import { Writer } from './writer'

/** Of the key in the register's entry. */
const LENGTH_BYTES = 2
const SLOT_BYTES = 1

/** Where a walk is, and the entry it found last. */
@final
export class Cursor {
  private readonly slot: usize = memory.data(SLOT_BYTES)
  private entry: ArrayBuffer = new ArrayBuffer(0)

  /** Starts beyond the key of `atLength` bytes at `at`; at the very end if it has none. */
  constructor(
    slot: u8,
    private at: usize,
    private atLength: i32,
    private readonly isDown: bool,
  ) {
    store<u8>(this.slot, slot)
  }

  /** Steps to the next entry; false if there is none. */
  next(): bool {
    const length = this.isDown
      ? env.storage_previous(this.slot, SLOT_BYTES, this.at, this.atLength)
      : env.storage_next(this.slot, SLOT_BYTES, this.at, this.atLength)
    if (length < 0) return false
    this.entry = takeRegister(length)
    this.at = changetype<usize>(this.entry) + LENGTH_BYTES
    this.atLength = load<u16>(changetype<usize>(this.entry))
    return true
  }

  /** The key, without its slot. */
  get key(): usize {
    return this.at + SLOT_BYTES
  }
  get keyLength(): i32 {
    return this.atLength - SLOT_BYTES
  }
  get value(): usize {
    return this.at + this.atLength
  }
  get valueLength(): i32 {
    return this.entry.byteLength - LENGTH_BYTES - this.atLength
  }

  /** Whether the key, slot and all, is below `other`. */
  isBelow(other: Writer): bool {
    const length = min(this.atLength, other.length)
    const order = memory.compare(this.at, other.pointer, length)
    return order < 0 || (order == 0 && this.atLength < other.length)
  }
}
