/**
 * What the calibration runs: each host function in the sizes that its price tells apart, and the kinds of contract
 * code that the instruction prices tell apart. A case is one statement in a loop; $n counts down in it.
 */
import { bls12_381 } from '@noble/curves/bls12-381.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { blsAggregate, blsPublicKeyOf, blsSecretKeyFromSeed, blsSign } from '../../node/crypto/bls.ts'
import { ecvrfProve } from '../../node/crypto/ecvrf.ts'
import { publicKeyOf, sign } from '../../node/crypto/ed25519.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { HOST_FUNCTIONS } from '../../vm/host-table.ts'

export interface GasCase {
  readonly name: string
  /** How often the statement runs in one call of the contract. */
  readonly times: number
  readonly statement: string
  /** At {@link DATA} when the contract starts; its pieces one after the other. */
  readonly data?: readonly Uint8Array[]
  /** Runs before the loop. */
  readonly before?: string
  /** The block that the writes belong to counts too: its part of the state tree, its synced batch. */
  readonly withBlock?: boolean
}

/** Entries that the contract's storage starts with: keys are the numbers below this, u32 big-endian. */
export const STORED_ENTRIES = 50_000
export const STORED_VALUE_BYTES = 100
/** Where in the contract's memory the data of a case, the callee's address, a code hash and the names are. */
export const DATA = 4096
export const CALLEE_AT = 64
export const CODE_HASH_AT = 96
const NAMES_AT = 128
/** Methods of the callee; text at {@link NAMES_AT}. */
export const METHODS = ['main', 'init', 'reverts', 'aborts'] as const
export const NAMES = METHODS.join('')

const at = (pointer: number): string => `(i32.const ${pointer})`
const bytes = (pointer: number, length: number): string => `${at(pointer)} ${at(length)}`
const nameOf = (method: (typeof METHODS)[number]): string =>
  bytes(NAMES_AT + NAMES.indexOf(method), method.length)
const OUT = at(2048)

const called = (name: string, args: string): string => {
  const call = `(call $${name} ${args})`
  return HOST_FUNCTIONS.get(name)?.result === undefined ? call : `(drop ${call})`
}
/** Some entry that is there, another each time: its number big-endian at 0. */
const SOME_KEY = `(i32.store8 (i32.const 2) (i32.shr_u (local.tee $x (i32.rem_u (i32.mul (local.get $n) (i32.const 7919))
  (i32.const ${STORED_ENTRIES}))) (i32.const 8))) (i32.store8 (i32.const 3) (local.get $x))`
const KEY = bytes(0, 4)

const one = (name: string, args: string, rest: Partial<GasCase> = {}): GasCase => ({
  name,
  times: 200,
  statement: called(name, args),
  ...rest,
})

const CHEAP: readonly GasCase[] = [
  ...['input', 'register_len', 'value', 'height', 'time_ms', 'chain_id', 'gas_left'].map(name =>
    one(name, '', { times: 1_000 }),
  ),
  ...['caller', 'origin', 'self'].map(name => one(name, OUT, { times: 1_000 })),
  one('register_read', OUT, { times: 1_000, before: called('storage_read', KEY) }),
  one('randomness', OUT),
  one('return_data', bytes(DATA, 1024)),
  one('emit', `${bytes(DATA, 66)} ${bytes(DATA, 100)}`, {
    times: 250,
    data: [Uint8Array.of(1, 64), new Uint8Array(64)],
  }),
  one('trace', `${at(0)} ${at(0)} ${'(f64.const 0) '.repeat(5)}`),
]

const STORAGE: readonly GasCase[] = [
  one('storage_read', KEY, { statement: `${SOME_KEY} ${called('storage_read', KEY)}` }),
  one('storage_has', KEY, { statement: `${SOME_KEY} ${called('storage_has', KEY)}` }),
  one('storage_write', '', {
    name: 'storage_write, with its block',
    statement: `${SOME_KEY} ${called('storage_write', `${KEY} ${bytes(DATA, STORED_VALUE_BYTES)}`)}`,
    times: 200,
    withBlock: true,
  }),
  one('storage_delete', '', {
    name: 'storage_delete, with its block',
    statement: `${SOME_KEY} ${called('storage_delete', KEY)}`,
    times: 200,
    withBlock: true,
  }),
  ...['storage_next', 'storage_previous'].map(name =>
    one(name, '', { statement: `${SOME_KEY} ${called(name, `${bytes(0, 0)} ${KEY}`)}` }),
  ),
  one('storage_next', '', {
    name: 'storage_next over 100 deleted',
    times: 20,
    // Keys 0 to 99 are deleted.
    before: `(local.set $x (i32.const 100)) (loop $d (i32.store8 (i32.const 3) (i32.sub (local.get $x) (i32.const 1)))
      ${called('storage_delete', KEY)} (br_if $d (local.tee $x (i32.sub (local.get $x) (i32.const 1)))))`,
    statement: called('storage_next', `${bytes(0, 0)} ${bytes(0, 0)}`),
  }),
]

const CALLS: readonly GasCase[] = [
  one('call', `${at(CALLEE_AT)} ${nameOf('main')} ${bytes(0, 32)} (i64.const 0) (i64.const 0)`),
  one('static_call', `${at(CALLEE_AT)} ${nameOf('main')} ${bytes(0, 32)} (i64.const 0)`),
  one('call', `${at(CALLEE_AT)} ${nameOf('main')} ${bytes(0, 32)} (i64.const 1) (i64.const 0)`, {
    name: 'call with value',
  }),
  one('call', `${at(CALLEE_AT)} ${nameOf('reverts')} ${bytes(0, 0)} (i64.const 0) (i64.const 0)`, {
    name: 'revert, in a call',
  }),
  one('call', `${at(CALLEE_AT)} ${nameOf('aborts')} ${bytes(0, 0)} (i64.const 0) (i64.const 0)`, {
    name: 'abort, in a call',
  }),
  one('transfer', '', {
    name: 'transfer, with its block',
    times: 200,
    statement: `(i32.store ${at(2048)} (local.get $n)) ${called('transfer', `${at(2048)} (i64.const 1)`)}`,
    withBlock: true,
  }),
  one('balance_of', '', {
    statement: `(i32.store ${at(2048)} (local.get $n)) ${called('balance_of', at(2048))}`,
  }),
  one('deploy', `${at(CODE_HASH_AT)} ${bytes(0, 0)} (i64.const 0) (i64.const 0)`, {
    name: 'deploy, with its block',
    times: 60,
    withBlock: true,
  }),
]

const hashes = (name: string, times: number): GasCase[] => [
  one(name, `${bytes(DATA, 32)} ${OUT}`, { times }),
  one(name, `${bytes(DATA, 32_768)} ${OUT}`, { name: `${name} of 32 KiB`, times: times / 100 }),
]

/** A case whose data is `pieces`; `args` gets their pointers. */
const curve = (
  name: string,
  label: string,
  times: number,
  pieces: readonly Uint8Array[],
  args: (...pointers: readonly string[]) => string,
): GasCase => {
  let end = DATA
  const pointers = pieces.map(piece => {
    const start = end
    end += piece.length
    return at(start)
  })
  return { name: label, times, statement: called(name, args(...pointers)), data: pieces }
}

const SEED = new Uint8Array(32).fill(7)
const MESSAGE = new Uint8Array(100).fill(1)
const word = (value: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'))
const BN_G1 = [word(1n), word(2n)]
const BN_G2 = [
  11559732032986387107991004021392285783925812861821192530917403151452391805634n,
  10857046999023057135944570762232829481370756359578518086990519993285655852781n,
  4082367875863433681332203403145435568316851327593401208105741076214120093531n,
  8495653923123431417604973247489272438418190587263600148770280649306958101930n,
].map(word)
const repeat = (pieces: readonly Uint8Array[], count: number): Uint8Array[] =>
  Array<readonly Uint8Array[]>(count).fill(pieces).flat()

const blsCase = (count: number): GasCase => {
  const secrets = Array.from({ length: count }, (_, n) =>
    blsSecretKeyFromSeed(new Uint8Array(32).fill(n + 1)),
  )
  const keys = new Uint8Array(Buffer.concat(secrets.map(blsPublicKeyOf)))
  const signature = blsAggregate(secrets.map(secret => blsSign(secret, MESSAGE)))
  return curve(
    'bls12_381_aggregate_verify',
    `bls12_381_aggregate_verify, ${count} keys`,
    3,
    [keys, MESSAGE, signature],
    (all, message, of) => `${all} ${at(count)} ${message} ${at(MESSAGE.length)} ${of}`,
  )
}

const pairingCase = (name: string, pair: readonly Uint8Array[], count: number): GasCase =>
  curve(name, `${name}, ${count} pairs`, 1, repeat(pair, count), pairs => `${pairs} ${at(count)}`)

const curves = (): GasCase[] => {
  const [recovery = 0, ...ecdsa] = secp256k1.sign(sha256(MESSAGE), SEED, {
    prehash: false,
    format: 'recovered',
  })
  const blsPair = [bls12_381.G1.Point.BASE.toBytes(true), bls12_381.G2.Point.BASE.toBytes(true)]
  return [
    curve(
      'ed25519_verify',
      'ed25519_verify',
      20,
      [publicKeyOf(SEED), MESSAGE, sign(SEED, MESSAGE)],
      (key, message, of) => `${key} ${message} ${at(MESSAGE.length)} ${of}`,
    ),
    curve(
      'secp256k1_recover',
      'secp256k1_recover',
      3,
      [sha256(MESSAGE), Uint8Array.from(ecdsa)],
      (digest, of) => `${digest} ${of} ${at(recovery)} ${OUT}`,
    ),
    blsCase(1),
    blsCase(64),
    ...[1, 4].map(count => pairingCase('bls12_381_pairing', blsPair, count)),
    curve('bn254_add', 'bn254_add', 50, [...BN_G1, ...BN_G1], a => `${a} ${a} ${OUT}`),
    curve(
      'bn254_mul',
      'bn254_mul',
      3,
      [...BN_G1, new Uint8Array(32).fill(0xab)],
      (point, _, scalar) => `${point} ${scalar} ${OUT}`,
    ),
    ...[1, 4].map(count => pairingCase('bn254_pairing', [...BN_G1, ...BN_G2], count)),
    curve(
      'ecvrf_verify',
      'ecvrf_verify',
      2,
      [publicKeyOf(SEED), ecvrfProve(SEED, MESSAGE), MESSAGE],
      (key, proof, input) => `${key} ${proof} ${input} ${at(MESSAGE.length)} ${OUT}`,
    ),
  ]
}

const CODE: readonly GasCase[] = Object.entries({
  'arithmetic on locals': '(local.set $x (i32.mul (i32.add (local.get $x) (i32.const 7)) (i32.const 31)))',
  division: '(local.set $x (i32.div_u (i32.const 1000000007) (i32.or (local.get $x) (i32.const 1))))',
  'dependent loads': '(local.set $x (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))',
  stores: '(i32.store (i32.const 1024) (local.get $x))',
  calls: '(call $leaf)',
  'memory.fill of 4 KiB': '(memory.fill (i32.const 4096) (i32.const 1) (i32.const 4096))',
}).map(([name, statement]) => ({ name: `code: ${name}`, times: 2_000, statement }))

export const gasCases = (): readonly GasCase[] => [
  ...CHEAP,
  ...STORAGE,
  ...CALLS,
  ...['sha256', 'sha512', 'keccak256', 'blake3'].flatMap(name => hashes(name, 200)),
  ...curves(),
  ...CODE,
]

/** Host functions that no case calls, by name: none, and a test holds it so. */
export const uncoveredFunctions = (cases: readonly GasCase[]): string[] =>
  [...HOST_FUNCTIONS.keys()].filter(
    name =>
      !cases.some(each => each.statement.includes(`$${name} `) || each.name.startsWith(`${name}, in a call`)),
  )
