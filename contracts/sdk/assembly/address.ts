import * as env from './env'
import { require } from './errors'
import { Writer } from './writer'

const HEX = '0123456789abcdef'

/** An account or a contract: 32 bytes, compared by value. `new Address()` is the zero address, which nobody owns. */
@final
export class Address {
  private w0: u64 = 0
  private w1: u64 = 0
  private w2: u64 = 0
  private w3: u64 = 0

  /** The first 32 bytes of `bytes`; the caller has checked that there are as many. */
  static fromBytes(bytes: Uint8Array): Address {
    assert(bytes.length == 32, 'an address takes 32 bytes')
    const address = new Address()
    memory.copy(address.pointer, bytes.dataStart, 32)
    return address
  }

  /** Where the 32 bytes lie. */
  get pointer(): usize {
    return changetype<usize>(this)
  }

  get isZero(): bool {
    return (this.w0 | this.w1 | this.w2 | this.w3) == 0
  }

  @operator('==')
  equals(other: Address): bool {
    return this.w0 == other.w0 && this.w1 == other.w1 && this.w2 == other.w2 && this.w3 == other.w3
  }

  @operator('!=')
  differs(other: Address): bool {
    return !this.equals(other)
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(32)
    memory.copy(bytes.dataStart, this.pointer, 32)
    return bytes
  }

  /** 64 lower-case hex digits. Cost: about 5,000 gas; for messages, not for keys. */
  toString(): string {
    let text = ''
    for (let i: usize = 0; i < 32; i++) {
      const byte = load<u8>(this.pointer + i)
      text += HEX.charAt(byte >> 4) + HEX.charAt(byte & 15)
    }
    return text
  }
}

/** What stands before a key where an address is made of it. */
const ADDRESS_TAG = 'vex/address/v1'

/** The account of a 32-byte Ed25519 public key. Cost: about 2,000 gas. */
export function addressOf(publicKey: Uint8Array): Address {
  require(publicKey.length == 32, 'a public key takes 32 bytes')
  const tagged = new Writer()
  tagged.string(ADDRESS_TAG)
  tagged.raw(publicKey.dataStart, 32)
  const address = new Address()
  env.sha256(tagged.pointer, tagged.length, address.pointer)
  return address
}
