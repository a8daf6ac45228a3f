/** Walks over the stored keys of one slot in the order of their bytes: what ordered maps and sets are read by. */
import * as env from './env'
import { takeRegister } from './register'
import { Writer } from './writer'

/** Of the key in the register's entry. */
const LENGTH_BYTES = 2
const SLOT_BYTES = 1

@final
export class Cursor {
  private readonly slot: usize = memory.data(SLOT_BYTES)
  private entryLength: i32 = 0

  /** Starts beyond the key of `atLength` bytes at `at`, slot and all; at the very end if it has none. */
  constructor(
    slot: u8,
    private at: usize,
    private atLength: i32,
    private readonly isDown: bool,
  ) {
    store<u8>(this.slot, slot)
  }

  static beyond(slot: u8, key: Writer, isDown: bool): Cursor {
    return new Cursor(slot, key.pointer, key.length, isDown)
  }

  /** Steps to the next entry; false if there is none, or none below `end`. */
  next(end: Writer | null): bool {
    const length = this.isDown
      ? env.storage_previous(this.slot, SLOT_BYTES, this.at, this.atLength)
      : env.storage_next(this.slot, SLOT_BYTES, this.at, this.atLength)
    if (length < 0) return false
    const entry = changetype<usize>(takeRegister(length))
    this.at = entry + LENGTH_BYTES
    this.atLength = load<u16>(entry)
    this.entryLength = length
    return end === null || this.isBelow(end)
  }

  private isBelow(end: Writer): bool {
    const order = memory.compare(this.at, end.pointer, min(this.atLength, end.length))
    return order < 0 || (order == 0 && this.atLength < end.length)
  }

  /** The key without its slot, and the value, of the entry that was found. */
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
    return this.entryLength - LENGTH_BYTES - this.atLength
  }
}
