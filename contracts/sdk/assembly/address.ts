import * as env from './env'
import { require } from './errors'
import { Writer } from './writer'

function hexDigit(value: u8): u16 {
  return value < 10 ? 48 + value : 87 + value
}

/** An account or a contract: 32 bytes, compared by value. `new Address()` is the zero address, which nobody owns. */
@final
export class Address {
  private w0: u64 = 0
  private w1: u64 = 0
  private w2: u64 = 0
  private w3: u64 = 0

  /** Of 32 bytes; traps for any other number. Cost: about 280 gas. */
  static fromBytes(bytes: Uint8Array): Address {
    assert(bytes.length == 32, 'an address takes 32 bytes')
    const address = new Address()
    memory.copy(address.pointer, bytes.dataStart, 32)
    return address
  }

  /** Where the 32 bytes lie. Cost: nothing. */
  get pointer(): usize {
    return changetype<usize>(this)
  }

  /** Whether it is the zero address. Cost: about 50 gas. */
  get isZero(): bool {
    return (this.w0 | this.w1 | this.w2 | this.w3) == 0
  }

  /** `a == b`. Cost: about 45 gas. */
  @operator('==')
  equals(other: Address): bool {
    return this.w0 == other.w0 && this.w1 == other.w1 && this.w2 == other.w2 && this.w3 == other.w3
  }

  /** `a != b`. Cost: about 45 gas. */
  @operator('!=')
  differs(other: Address): bool {
    return !this.equals(other)
  }

  /** A copy of the 32 bytes. Cost: about 400 gas. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(32)
    memory.copy(bytes.dataStart, this.pointer, 32)
    return bytes
  }

  /** 64 lower-case hex digits: for messages, not for keys. Cost: about 3,300 gas. */
  toString(): string {
    const text = __new(128, idof<string>())
    for (let i: usize = 0; i < 32; i++) {
      const byte = load<u8>(this.pointer + i)
      store<u16>(text + (i << 2), hexDigit(byte >> 4))
      store<u16>(text + (i << 2), hexDigit(byte & 15), 2)
    }
    return changetype<string>(text)
  }
}

/** What stands before a key where an address is made of it. */
const ADDRESS_TAG = 'vex/address/v1'

/** The account of a 32-byte Ed25519 public key. Cost: about 3,500 gas. */
export function addressOf(publicKey: Uint8Array): Address {
  require(publicKey.length == 32, 'a public key takes 32 bytes')
  const tagged = new Writer()
  tagged.string(ADDRESS_TAG)
  tagged.raw(publicKey.dataStart, 32)
  const address = new Address()
  env.sha256(tagged.pointer, tagged.length, address.pointer)
  return address
}
