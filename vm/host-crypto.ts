/**
 * Host functions for cryptography. Hashes are computed here; what has a policy of its own (which signature, which
 * point is valid) is the Host's {@link HostCrypto}. Bytes that are no signature, point or proof are an answer,
 * never the end of the call.
 */
import { blake3 } from '@noble/hashes/blake3.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { hash } from 'node:crypto'
import type { Frame } from './frame.ts'
import { define, HOST_LIMITS, type HostFunction } from './host-function.ts'
import { PRICE } from './host-prices.ts'

type HashGas = { base: bigint; perByte: bigint }

/** `name(ptr, len, out)` */
const hashFunction = (
  name: string,
  outputBytes: number,
  { base, perByte }: HashGas,
  compute: (data: Uint8Array) => Uint8Array,
): HostFunction =>
  define({
    name,
    params: ['i32', 'i32', 'i32'],
    gas: { base, perByte, bytes: 'data' },
    since: 1,
    doc: `${name}(ptr, len, out): writes the ${outputBytes}-byte hash of the data at out.`,
    run(frame, pointer, length, out) {
      frame.chargeBytes(length >>> 0)
      frame.write(out, compute(frame.read(pointer, length)))
    },
  })

/** `count` pieces of `size` bytes, one after the other. */
function readItems(frame: Frame, pointer: number, count: number, size: number, what: string): Uint8Array[] {
  frame.limitCount(count >>> 0, HOST_LIMITS.curveItems, what)
  frame.chargeItems(count >>> 0)
  const bytes = frame.read(pointer, count * size)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}

/** 1 and the bytes at `out`, or 0 and nothing written. */
function writeIfAny(frame: Frame, out: number, bytes: Uint8Array | undefined): number {
  if (bytes === undefined) return 0
  frame.write(out, bytes)
  return 1
}

const PAIRING_RESULT = (isOne: boolean | undefined): number => (isOne === undefined ? -1 : isOne ? 1 : 0)

export const CRYPTO_FUNCTIONS: readonly HostFunction[] = [
  hashFunction('sha256', 32, { base: PRICE.sha256, perByte: PRICE.sha256Byte }, data =>
    hash('sha256', data, 'buffer'),
  ),
  hashFunction('sha512', 64, { base: PRICE.sha512, perByte: PRICE.sha512Byte }, data =>
    hash('sha512', data, 'buffer'),
  ),
  hashFunction('keccak256', 32, { base: PRICE.keccak256, perByte: PRICE.keccak256Byte }, data =>
    keccak_256(data),
  ),
  hashFunction('blake3', 32, { base: PRICE.blake3, perByte: PRICE.blake3Byte }, data => blake3(data)),
  define({
    name: 'ed25519_verify',
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.ed25519Verify, perByte: PRICE.ed25519VerifyByte, bytes: 'message' },
    since: 1,
    doc:
      'ed25519_verify(key, message, messageLen, signature): 1 if the 64-byte signature of the message is by the ' +
      '32-byte key, by the strict rules of the chain’s own transactions, 0 if not.',
    run(frame, key, message, messageLength, signature) {
      frame.chargeBytes(messageLength >>> 0)
      const isValid = frame.host.crypto.ed25519Verify(
        frame.read(key, 32),
        frame.read(message, messageLength),
        frame.read(signature, 64),
      )
      return isValid ? 1 : 0
    },
  }),
  define({
    name: 'secp256k1_recover',
    params: ['i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.secp256k1Recover },
    since: 1,
    doc:
      'secp256k1_recover(hash, signature, recovery, out): writes the 64-byte public key (x | y) that made the ECDSA ' +
      'signature (r | s, 32 bytes each, big-endian) of the 32-byte hash, and returns 1; 0 if there is none. `recovery` ' +
      'is the parity of the nonce point’s y, 0 or 1 (27 and 28 elsewhere). s must be at most half the order: of the two ' +
      'signatures that hold, only the low one counts.',
    run: (frame, digest, signature, recovery, out) =>
      writeIfAny(
        frame,
        out,
        frame.host.crypto.secp256k1Recover(frame.read(digest, 32), frame.read(signature, 64), recovery),
      ),
  }),
  define({
    name: 'bls12_381_aggregate_verify',
    params: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: {
      base: PRICE.bls12381Verify,
      perByte: PRICE.bls12381VerifyByte,
      bytes: 'message',
      perItem: PRICE.bls12381VerifyKey,
      items: 'key',
    },
    since: 1,
    doc:
      'bls12_381_aggregate_verify(keys, count, message, messageLen, signature): 1 if the 96-byte signature is the sum of ' +
      'signatures of the one message by all `count` keys (48 bytes each, 1 to 256), 0 if not or if any is malformed. ' +
      'Ciphersuite BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_: a caller must know that each key has proven possession.',
    run(frame, keys, count, message, messageLength, signature) {
      frame.chargeBytes(messageLength >>> 0)
      const isValid = frame.host.crypto.bls12381AggregateVerify(
        readItems(frame, keys, count, 48, 'keys'),
        frame.read(message, messageLength),
        frame.read(signature, 96),
      )
      return isValid ? 1 : 0
    },
  }),
  define({
    name: 'bls12_381_pairing',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.bls12381Pairing, perItem: PRICE.bls12381PairingPair, items: 'pair' },
    since: 1,
    doc:
      'bls12_381_pairing(pairs, count): 1 if the product of the pairings is one, 0 if not, -1 if a point is malformed or ' +
      'outside its group. A pair is a point of G1 (48 bytes) and one of G2 (96 bytes), both compressed as keys and ' +
      'signatures are; infinity is allowed, and no pairs give 1. At most 256 pairs.',
    run: (frame, pairs, count) =>
      PAIRING_RESULT(frame.host.crypto.bls12381Pairing(readItems(frame, pairs, count, 144, 'pairs'))),
  }),
  define({
    name: 'bn254_add',
    params: ['i32', 'i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.bn254Add },
    since: 1,
    doc:
      'bn254_add(a, b, out): writes the sum of two points and returns 1; 0 if one is not on the curve. As EIP-196: x | y, ' +
      '32 bytes each, big-endian, below the field’s prime; infinity is 64 zero bytes.',
    run: (frame, a, b, out) =>
      writeIfAny(frame, out, frame.host.crypto.bn254Add(frame.read(a, 64), frame.read(b, 64))),
  }),
  define({
    name: 'bn254_mul',
    params: ['i32', 'i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.bn254Multiply },
    since: 1,
    doc:
      'bn254_mul(point, scalar, out): writes the point times the 32-byte scalar (big-endian, any value) and returns 1; 0 ' +
      'if the point is not on the curve. Encoded as for bn254_add.',
    run: (frame, point, scalar, out) =>
      writeIfAny(frame, out, frame.host.crypto.bn254Multiply(frame.read(point, 64), frame.read(scalar, 32))),
  }),
  define({
    name: 'bn254_pairing',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.bn254Pairing, perItem: PRICE.bn254PairingPair, items: 'pair' },
    since: 1,
    doc:
      'bn254_pairing(pairs, count): 1 if the product of the pairings is one, 0 if not, -1 if a point is malformed or ' +
      'outside its group. As EIP-197: a pair is a point of G1 (64 bytes, as for bn254_add) and one of G2 (128 bytes: the ' +
      'imaginary and the real part of x, then of y); infinity is all zero, and no pairs give 1. At most 256 pairs.',
    run: (frame, pairs, count) =>
      PAIRING_RESULT(frame.host.crypto.bn254Pairing(readItems(frame, pairs, count, 192, 'pairs'))),
  }),
  define({
    name: 'ecvrf_verify',
    params: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.ecvrfVerify, perByte: PRICE.ecvrfVerifyByte, bytes: 'input' },
    since: 1,
    doc:
      'ecvrf_verify(key, proof, input, inputLen, out): if the 80-byte proof is the 32-byte key’s for the input, writes ' +
      'the 64-byte output and returns 1; else 0. RFC 9381, ECVRF-EDWARDS25519-SHA512-ELL2, keys of small order refused.',
    run(frame, key, proof, input, inputLength, out) {
      frame.chargeBytes(inputLength >>> 0)
      const output = frame.host.crypto.ecvrfVerify(
        frame.read(key, 32),
        frame.read(input, inputLength),
        frame.read(proof, 80),
      )
      return writeIfAny(frame, out, output)
    },
  }),
]
