/** As much of Ethereum as a client needs: addresses, signed transactions (EIP-1559), calls of a contract. Pure. */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { encodeRlp, integerBytes, type RlpItem } from './rlp.ts'

/** `0x` hex. */
export type Hex = `0x${string}`

export const toHex = (bytes: Uint8Array): Hex =>
  `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
const fromHex = (text: Hex): Uint8Array => Buffer.from(text.slice(2), 'hex')

/** As JSON-RPC has its numbers. */
export const quantity = (value: bigint): Hex => `0x${value.toString(16)}`

const ADDRESS_BYTES = 20
const lastBytes = (hash: Uint8Array): Hex => toHex(hash.subarray(-ADDRESS_BYTES))

export const addressOf = (secretKey: Uint8Array): Hex =>
  lastBytes(keccak_256(secp256k1.getPublicKey(secretKey, false).subarray(1)))

/** Of what `deployer` creates with the transaction of that nonce. */
export const contractAddress = (deployer: Hex, nonce: bigint): Hex =>
  lastBytes(keccak_256(encodeRlp([fromHex(deployer), integerBytes(nonce)])))

/** A value as the ABI has it in a word: an address, or an unsigned integer. */
const word = (value: Hex | bigint): string =>
  (typeof value === 'bigint' ? value.toString(16) : value.slice(2)).padStart(64, '0')

export const callData = (signature: string, ...args: readonly (Hex | bigint)[]): Hex => {
  const selector = keccak_256(Buffer.from(signature)).subarray(0, 4)
  return `${toHex(selector)}${args.map(word).join('')}`
}

/** Creation code, and what its constructor takes. */
export const deployData = (code: Hex, ...args: readonly (Hex | bigint)[]): Hex =>
  `${code}${args.map(word).join('')}`

export interface UnsignedTransaction {
  readonly chainId: bigint
  readonly nonce: bigint
  /** None creates a contract of `data`. */
  readonly to: Hex | undefined
  readonly value: bigint
  readonly data: Hex
  readonly gasLimit: bigint
  readonly maxFeePerGas: bigint
  readonly maxPriorityFeePerGas: bigint
}

const EIP_1559 = 2

const typed = (fields: readonly RlpItem[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(EIP_1559), encodeRlp(fields)])

/** `raw` is what `eth_sendRawTransaction` takes. */
export const signTransaction = (
  secretKey: Uint8Array,
  transaction: UnsignedTransaction,
): { raw: Hex; hash: Hex } => {
  const { to } = transaction
  const fields: readonly RlpItem[] = [
    integerBytes(transaction.chainId),
    integerBytes(transaction.nonce),
    integerBytes(transaction.maxPriorityFeePerGas),
    integerBytes(transaction.maxFeePerGas),
    integerBytes(transaction.gasLimit),
    to === undefined ? new Uint8Array() : fromHex(to),
    integerBytes(transaction.value),
    fromHex(transaction.data),
    [],
  ]
  const signature = secp256k1.sign(keccak_256(typed(fields)), secretKey, {
    prehash: false,
    format: 'recovered',
  })
  const integer = (from: number, to: number): Uint8Array =>
    integerBytes(BigInt(toHex(signature.subarray(from, to))))
  const raw = typed([...fields, integer(0, 1), integer(1, 33), integer(33, 65)])
  return { raw: toHex(raw), hash: toHex(keccak_256(raw)) }
}
