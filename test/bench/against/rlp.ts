/**
 * RLP, Ethereum's encoding of byte strings and lists of them (Yellow Paper, appendix B). Encoding alone. Pure.
 *
 *   a byte below 0x80        itself
 *   bytes, shorter than 56   0x80 + length, bytes
 *   bytes                    0xb7 + length of the length, length, bytes
 *   a list                   the same over its encoded items, from 0xc0 and 0xf7
 */
export type RlpItem = Uint8Array | readonly RlpItem[]

const SHORT = 56
const BYTES = 0x80
const LIST = 0xc0

/** Big-endian, without leading zeros: 0 is empty. */
export const integerBytes = (value: bigint): Uint8Array => {
  if (value < 0n) throw new RangeError('RLP has no negative integers')
  if (value === 0n) return new Uint8Array()
  const digits = value.toString(16)
  return Uint8Array.from(Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex'))
}

const prefix = (offset: number, length: number): Uint8Array => {
  if (length < SHORT) return Uint8Array.of(offset + length)
  const size = integerBytes(BigInt(length))
  return Uint8Array.of(offset + SHORT - 1 + size.length, ...size)
}

export const encodeRlp = (item: RlpItem): Uint8Array => {
  if (!(item instanceof Uint8Array)) {
    const body = Buffer.concat(item.map(encodeRlp))
    return Buffer.concat([prefix(LIST, body.length), body])
  }
  const [first] = item
  if (item.length === 1 && first !== undefined && first < BYTES) return item
  return Buffer.concat([prefix(BYTES, item.length), item])
}
