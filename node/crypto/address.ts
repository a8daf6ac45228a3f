/**
 * Addresses: 32 bytes of a tagged hash, shown as bech32m (BIP-350) with the prefix `vex`.
 *
 * bech32m finds any error that touches up to four characters, so a typo is refused, never sent to.
 */
import { bech32m } from '@scure/base'
import { type Address, ADDRESS_BYTES, toAddress } from '../types/primitives.ts'
import { TAGS, taggedHash } from './hash.ts'

const PREFIX = 'vex'
/** The prefix, a 1, the bytes five bits a character, six characters of checksum. */
const ADDRESS_CHARACTERS = PREFIX.length + 1 + Math.ceil((ADDRESS_BYTES * 8) / 5) + 6

/** As people read it. Its checksum is checked where it is used. */
export type AddressText = `vex1${string}`

export class AddressError extends Error {
  override readonly name = 'AddressError'
  readonly code = 'bad_address'
}

export const publicKeyToAddress = (publicKey: Uint8Array): Address =>
  toAddress(taggedHash(TAGS.accountAddress, publicKey))

/** The address of the `index`-th contract that `deployer` creates in its transaction number `nonce`. */
export const contractAddress = (deployer: Address, nonce: bigint, index = 0): Address => {
  const suffix = new Uint8Array(9)
  new DataView(suffix.buffer).setBigUint64(0, nonce)
  suffix[8] = index
  return toAddress(taggedHash(TAGS.contractAddress, deployer, suffix))
}

export const formatAddress = (address: Address): AddressText =>
  bech32m.encodeFromBytes(PREFIX, address) as AddressText

/** What is plainly wrong with `text`, if it is not the checksum. */
const formProblem = (text: string): string | undefined => {
  const lower = text.toLowerCase()
  if (!lower.startsWith(`${PREFIX}1`)) return `it does not begin with ${PREFIX}1`
  if (text !== lower && text !== text.toUpperCase()) return 'it mixes capital and small letters'
  const stranger = /[^02-9ac-hj-np-z]/u.exec(lower.slice(PREFIX.length + 1))?.[0]
  if (stranger !== undefined) return `no address has the character ${JSON.stringify(stranger)}`
  const { length } = text
  if (length === ADDRESS_CHARACTERS) return undefined
  return `it is too ${length < ADDRESS_CHARACTERS ? 'short' : 'long'}: ${length} characters instead of ${ADDRESS_CHARACTERS}`
}

/** Throws an {@link AddressError} that says what is wrong with `text`. */
export const parseAddress = (text: string): Address => {
  let decoded: { prefix: string; bytes: Uint8Array }
  try {
    decoded = bech32m.decodeToBytes(text)
  } catch {
    const problem = formProblem(text) ?? 'the checksum does not hold. Look for a mistyped character'
    throw new AddressError(`${JSON.stringify(text.slice(0, 80))} is not a Vex address: ${problem}`)
  }
  if (decoded.prefix !== PREFIX) {
    throw new AddressError(
      `the address starts with ${JSON.stringify(decoded.prefix)}; a Vex address starts with "${PREFIX}1"`,
    )
  }
  if (decoded.bytes.length !== ADDRESS_BYTES) {
    throw new AddressError(
      `the address holds ${decoded.bytes.length} bytes; a Vex address holds ${ADDRESS_BYTES}`,
    )
  }
  return toAddress(decoded.bytes)
}
