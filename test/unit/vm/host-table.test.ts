import { bls12_381 } from '@noble/curves/bls12-381.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { blsAggregate, blsPublicKeyOf, blsSecretKeyFromSeed, blsSign } from '../../../node/crypto/bls.ts'
import { ecvrfProofToHash, ecvrfProve } from '../../../node/crypto/ecvrf.ts'
import { publicKeyOf, sign } from '../../../node/crypto/ed25519.ts'
import type { CallOutcome } from '../../../vm/execution.ts'
import { HOST_CALL_GAS } from '../../../vm/gas.ts'
import { HOST_LIMITS } from '../../../vm/host-function.ts'
import { PRICE } from '../../../vm/host-prices.ts'
import { HOST_TABLE, hostGasFormula } from '../../../vm/host-table.ts'
import { RecordingHost } from './recording-host.ts'
import { contract, importOf, run } from './run-wat.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fill = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(32)

function returned(outcome: CallOutcome): Uint8Array {
  if (outcome.kind !== 'returned') throw new Error(`did not return: ${JSON.stringify(outcome, show)}`)
  return outcome.data
}

function show(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value
}

/** Returns memory [0, length). */
const answer = (length: number): string => `(call $return_data (i32.const 0) (i32.const ${length}))`
const ANSWER_I32 = (value: string): string => `(i32.store (i32.const 0) ${value}) ${answer(4)}`
const ANSWER_I64 = (value: string): string => `(i64.store (i32.const 0) ${value}) ${answer(8)}`
const i32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true)
const i64 = (bytes: Uint8Array): bigint => new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true)
const KEY = '(data (i32.const 100) "key") (data (i32.const 200) "value")'
const AT = (pointer: number, length: number): string => `(i32.const ${pointer}) (i32.const ${length})`

/** One behaviour test at least for every host function; the last test of the file counts them. */
const covered = new Set<string>()
function hostTest(name: string, rule: string, body: () => void): void {
  covered.add(name)
  test(`${name}: ${rule}`, body)
}

describe('context', () => {
  hostTest('input', 'puts the arguments into the register and returns their length', () => {
    const code = contract(`(local.set $x (call $input)) (call $register_read (i32.const 0))
      (call $return_data (i32.const 0) (local.get $x))`)
    expect(text(returned(run(code, { args: Buffer.from('hello') })))).toBe('hello')
  })
  hostTest('register_read', 'refuses to write outside the memory', () => {
    const code = contract('(drop (call $input)) (call $register_read (i32.const 65533))')
    const outcome = run(code, { args: Buffer.from('hello') })
    expect(outcome).toMatchObject({
      kind: 'failed',
      code: 'trapped',
      message: 'register_read: 5 bytes at 65533 lie outside the memory of 65536 bytes',
    })
  })
  hostTest('register_len', 'is 0 at first and the length of the last result then', () => {
    const code = contract(`(i32.store (i32.const 0) (call $register_len)) (drop (call $input))
      (i32.store (i32.const 4) (call $register_len)) ${answer(8)}`)
    expect(hex(returned(run(code, { args: Buffer.from('hello') })))).toBe('0000000005000000')
  })
  hostTest('caller', 'writes the caller', () => {
    expect(hex(returned(run(contract(`(call $caller (i32.const 0)) ${answer(32)}`))))).toBe(fill(1))
  })
  hostTest('origin', 'writes the origin', () => {
    expect(hex(returned(run(contract(`(call $origin (i32.const 0)) ${answer(32)}`))))).toBe(fill(2))
  })
  hostTest('self', 'writes the contract', () => {
    expect(hex(returned(run(contract(`(call $self (i32.const 0)) ${answer(32)}`))))).toBe(fill(3))
  })
  hostTest('value', 'is what was sent', () => {
    expect(i64(returned(run(contract(ANSWER_I64('(call $value)')))))).toBe(44n)
  })
  hostTest('height', 'is the height of the block', () => {
    expect(i64(returned(run(contract(ANSWER_I64('(call $height)')))))).toBe(55n)
  })
  hostTest('time_ms', 'is the time of the block', () => {
    expect(i64(returned(run(contract(ANSWER_I64('(call $time_ms)')))))).toBe(1_700_000_000_000n)
  })
  hostTest('chain_id', 'goes to the register', () => {
    const code = contract(`(drop (call $chain_id)) (call $register_read (i32.const 0)) ${answer(8)}`)
    expect(text(returned(run(code)))).toBe('vex-test')
  })
  hostTest('gas_left', 'is the limit less what ran before it and its own price', () => {
    const left = i64(returned(run(contract(ANSWER_I64('(call $gas_left)')), { gasLimit: 1_000n })))
    // i32.const 1, call 14, crossing 15, gas_left 30
    expect(left).toBe(1_000n - 1n - 14n - HOST_CALL_GAS - 80n)
  })
})

describe('randomness', () => {
  hostTest('randomness', 'writes the host’s next 32 bytes', () => {
    const code = contract(`(call $randomness (i32.const 0)) (call $randomness (i32.const 32)) ${answer(64)}`)
    expect(hex(returned(run(code)))).toBe(fill(1) + fill(2))
  })
})

describe('storage', () => {
  hostTest('storage_read', 'puts the value into the register, -1 if there is none', () => {
    const code = contract(
      `(i32.store (i32.const 0) (call $storage_read ${AT(100, 3)}))
       (call $register_read (i32.const 4)) ${answer(9)}`,
      KEY,
    )
    const host = new RecordingHost()
    host.storage.set(hex(Buffer.from('key')), Buffer.from('value'))
    expect(text(returned(run(code, { host })))).toBe('\x05\0\0\0value')
    expect(hex(returned(run(code)).slice(0, 4))).toBe('ffffffff')
  })
  hostTest('storage_read', 'takes a key of 1 to 256 bytes', () => {
    const read = (length: number): CallOutcome =>
      run(contract(`(drop (call $storage_read ${AT(100, length)}))`, KEY))
    expect(read(256).kind).toBe('returned')
    expect(read(257)).toMatchObject({
      code: 'limit_exceeded',
      message: 'storage_read: the key has 257 bytes, the limit is 256',
    })
    expect(read(0)).toMatchObject({ code: 'limit_exceeded', message: 'storage_read: the key is empty' })
  })
  hostTest('storage_write', 'hands key and value to the host, up to 32 KiB', () => {
    const write = (length: number, host: RecordingHost): CallOutcome =>
      run(contract(`(call $storage_write ${AT(100, 3)} ${AT(200, length)})`, KEY), { host })
    const host = new RecordingHost()
    expect(write(5, host).kind).toBe('returned')
    expect(text(host.storage.get(hex(Buffer.from('key'))) as Uint8Array)).toBe('value')
    expect(write(HOST_LIMITS.storageValueBytes, host).kind).toBe('returned')
    expect(write(HOST_LIMITS.storageValueBytes + 1, host)).toMatchObject({ code: 'limit_exceeded' })
  })
  hostTest('storage_delete', 'says whether there was a value', () => {
    const code = contract(ANSWER_I32(`(call $storage_delete ${AT(100, 3)})`), KEY)
    const host = new RecordingHost()
    host.storage.set(hex(Buffer.from('key')), Buffer.from('value'))
    expect(i32(returned(run(code, { host })))).toBe(1)
    expect(i32(returned(run(code, { host })))).toBe(0)
  })
  hostTest('storage_has', 'says whether there is a value', () => {
    const code = contract(ANSWER_I32(`(call $storage_has ${AT(100, 3)})`), KEY)
    const host = new RecordingHost()
    expect(i32(returned(run(code, { host })))).toBe(0)
    host.storage.set(hex(Buffer.from('key')), new Uint8Array(0))
    expect(i32(returned(run(code, { host })))).toBe(1)
  })
})

describe('iteration', () => {
  const DATA = '(data (i32.const 100) "ab") (data (i32.const 200) "abb")'
  /** The register after looking from the key at 200, or from the end. */
  const look = (
    name: string,
    { prefixLength = 2, beyondLength = 0 }: { prefixLength?: number; beyondLength?: number },
    host: RecordingHost,
  ): CallOutcome =>
    run(
      contract(
        `(i32.store (i32.const 0) (call $${name} ${AT(100, prefixLength)} ${AT(200, beyondLength)}))
         (call $register_read (i32.const 4)) ${answer(20)}`,
        DATA,
      ),
      { host },
    )
  const filled = (): RecordingHost => {
    const host = new RecordingHost()
    for (const key of ['aa', 'aba', 'abb', 'abc', 'b'])
      host.storage.set(hex(Buffer.from(key)), Buffer.from(`=${key}`))
    return host
  }
  const shown = (outcome: CallOutcome): string => text(returned(outcome)).replaceAll('\0', '.')

  hostTest('storage_next', 'puts length and bytes of the key, then the value, into the register', () => {
    expect(shown(look('storage_next', {}, filled()))).toBe('\t...\x03.aba=aba.......')
    expect(shown(look('storage_next', { beyondLength: 3 }, filled()))).toBe('\t...\x03.abc=abc.......')
  })
  hostTest('storage_next', 'is -1 after the last key, and leaves the register', () => {
    const host = filled()
    for (const key of ['aba', 'abb', 'abc']) host.storage.delete(hex(Buffer.from(key)))
    expect(hex(returned(look('storage_next', {}, host))).slice(0, 8)).toBe('ffffffff')
    expect(shown(look('storage_next', { prefixLength: 0 }, host))).toBe('\x07...\x02.aa=aa.........')
  })
  hostTest('storage_previous', 'goes the other way', () => {
    expect(shown(look('storage_previous', {}, filled()))).toBe('\t...\x03.abc=abc.......')
    expect(shown(look('storage_previous', { beyondLength: 3 }, filled()))).toBe('\t...\x03.aba=aba.......')
  })
  for (const name of ['storage_next', 'storage_previous']) {
    hostTest(name, 'takes up to 256 bytes of prefix and start, and may be empty of both', () => {
      const limits = (prefixLength: number, beyondLength: number): CallOutcome =>
        look(name, { prefixLength, beyondLength }, new RecordingHost())
      expect(limits(0, 0).kind).toBe('returned')
      expect(limits(256, 256).kind).toBe('returned')
      expect(limits(257, 0)).toMatchObject({ message: `${name}: the prefix has 257 bytes, the limit is 256` })
      expect(limits(0, 257)).toMatchObject({
        message: `${name}: the key to start at has 257 bytes, the limit is 256`,
      })
    })
    hostTest(name, 'charges for each deleted key before it steps over it', () => {
      const host = filled()
      const free = look(name, {}, host).gasUsed
      for (const key of ['abA', 'ab1', 'abz', 'abx']) host.deleted.add(hex(Buffer.from(key)))
      expect(look(name, {}, host).gasUsed - free).toBe(2n * PRICE.storagePassed)
      for (let i = 0; i < 1000; i++)
        for (const side of ['0', '~']) host.deleted.add(hex(Buffer.from(`ab${side}${i}`)))
      expect(look(name, {}, host)).toMatchObject({ code: 'out_of_gas' })
    })
  }
})

describe('output', () => {
  const event = (topics: string, length: number, host = new RecordingHost()): CallOutcome =>
    run(contract(`(call $emit ${AT(0, length)} ${AT(200, 5)})`, `${KEY} (data (i32.const 0) "${topics}")`), {
      host,
    })
  hostTest('emit', 'takes 1 to 4 topics and the data', () => {
    const host = new RecordingHost()
    expect(event('\\02\\01a\\02bc', 6, host).kind).toBe('returned')
    expect(host.events).toEqual([{ topics: ['61', '6263'], data: '76616c7565' }])
  })
  hostTest('emit', 'refuses a topic list that does not parse', () => {
    expect(event('\\00', 1)).toMatchObject({ message: 'emit: 0 topics, there must be 1 to 4' })
    expect(event('\\05', 1)).toMatchObject({ message: 'emit: 5 topics, there must be 1 to 4' })
    expect(event('\\01\\41', 67)).toMatchObject({ message: 'emit: topic 0 has 65 bytes, the limit is 64' })
    expect(event('\\01\\05a', 3)).toMatchObject({ message: 'emit: the topic list ends too early' })
    expect(event('\\01\\01ab', 4)).toMatchObject({ message: 'emit: the topic list has bytes left over' })
  })
  hostTest('emit', 'takes at most 4 KiB of data', () => {
    const code = contract(
      `(call $emit ${AT(0, 3)} ${AT(200, HOST_LIMITS.eventDataBytes + 1)})`,
      '(data (i32.const 0) "\\01\\01a")',
    )
    expect(run(code)).toMatchObject({ code: 'limit_exceeded' })
  })
  hostTest('return_data', 'sets the return value and execution goes on; the last one counts', () => {
    const code = contract(`${answer(4)} (call $return_data ${AT(200, 5)})`, KEY)
    expect(text(returned(run(code)))).toBe('value')
  })
  hostTest('return_data', 'takes at most 32 KiB', () => {
    expect(returned(run(contract(answer(HOST_LIMITS.returnDataBytes)))).length).toBe(32 * 1024)
    expect(run(contract(answer(HOST_LIMITS.returnDataBytes + 1)))).toMatchObject({ code: 'limit_exceeded' })
  })
  hostTest('revert', 'ends the call with its data and exact gas', () => {
    const code = contract(`(call $revert ${AT(200, 5)}) (loop $l (br $l))`, KEY)
    // two constants, call, crossing, base, five bytes
    expect(run(code)).toEqual({
      kind: 'reverted',
      data: Uint8Array.from(Buffer.from('value')),
      gasUsed: 2n + 14n + HOST_CALL_GAS + PRICE.revert + 5n,
    })
  })
})

describe('calls', () => {
  const CALL = (value: string, gas: string): string =>
    `(call $call (i32.const 300) ${AT(100, 3)} ${AT(200, 5)} (i64.const ${value}) (i64.const ${gas}))`
  const STATIC = `(call $static_call (i32.const 300) ${AT(100, 3)} ${AT(200, 5)} (i64.const 0))`
  const withAnswer = (answerOf: RecordingHost['answer'], isStatic = false): RecordingHost => {
    const host = new RecordingHost({}, isStatic)
    host.answer = answerOf
    return host
  }

  hostTest('call', 'passes everything on, and 63/64 of the gas at most', () => {
    const host = new RecordingHost()
    run(contract(`(drop ${CALL('7', '0')})`, KEY), { host, gasLimit: 1_000_000n })
    run(contract(`(drop ${CALL('0', '500')})`, KEY), { host })
    run(contract(`(drop ${CALL('0', '-1')})`, KEY), { host, gasLimit: 1_000_000n })
    const left = 1_000_000n - 7n - 14n - HOST_CALL_GAS - PRICE.call - 8n
    const leftWithValue = left - PRICE.sentValue
    expect(host.calls[0]).toMatchObject({
      to: new Uint8Array(32),
      method: 'key',
      args: Uint8Array.from(Buffer.from('value')),
      value: 7n,
      gasLimit: leftWithValue - leftWithValue / 64n,
      isStatic: false,
    })
    expect(host.calls[1]?.gasLimit).toBe(500n)
    expect(host.calls[2]?.gasLimit).toBe(left - left / 64n)
    expect(host.calls[0]?.stackLimit).toBeLessThan(16_384)
  })
  hostTest('call', 'answers 0, 1 or 2 with the data or the message in the register', () => {
    const code = contract(
      `(i32.store (i32.const 0) ${CALL('0', '0')}) (call $register_read (i32.const 4)) ${answer(8)}`,
      KEY,
    )
    const data = Buffer.from('data')
    const ask = (outcome: CallOutcome): string =>
      text(returned(run(code, { host: withAnswer(() => outcome) })))
    expect(ask({ kind: 'returned', data, gasUsed: 1n })).toBe('\0\0\0\0data')
    expect(ask({ kind: 'reverted', data, gasUsed: 1n })).toBe('\x01\0\0\0data')
    expect(ask({ kind: 'failed', code: 'trapped', message: 'oops', gasUsed: 1n })).toBe('\x02\0\0\0oops')
  })
  hostTest('call', 'costs what the callee used', () => {
    const code = contract(`(drop ${CALL('0', '0')})`, KEY)
    const use = (gasUsed: bigint): bigint =>
      run(code, { host: withAnswer(() => ({ kind: 'returned', data: new Uint8Array(0), gasUsed })) }).gasUsed
    expect(use(12_345n) - use(0n)).toBe(12_345n)
  })
  hostTest('call', 'a Host that reports more gas than it was given is the node’s fault', () => {
    const host = withAnswer(({ gasLimit }) => ({
      kind: 'returned',
      data: new Uint8Array(0),
      gasUsed: gasLimit + 1n,
    }))
    expect(() => run(contract(`(drop ${CALL('0', '0')})`, KEY), { host })).toThrow('a call used')
  })
  hostTest('call', 'refuses a method name that is not UTF-8 or too long', () => {
    const code = (method: string): Uint8Array =>
      contract(
        `(drop (call $call (i32.const 300) ${method} ${AT(200, 5)} (i64.const 0) (i64.const 0)))`,
        '(data (i32.const 100) "\\ff")',
      )
    expect(run(code(AT(100, 1)))).toMatchObject({ message: 'call: the method name is not UTF-8' })
    expect(run(code(AT(100, 65)))).toMatchObject({
      message: 'call: the method name has 65 bytes, the limit is 64',
    })
  })
  hostTest('static_call', 'marks the call static, and so does a plain call from a static one', () => {
    const host = new RecordingHost()
    run(contract(`(drop ${STATIC})`, KEY), { host })
    expect(host.calls[0]).toMatchObject({ isStatic: true, value: 0n })
    const inner = new RecordingHost({}, true)
    run(contract(`(drop ${CALL('0', '0')})`, KEY), { host: inner })
    expect(inner.calls[0]?.isStatic).toBe(true)
  })
  hostTest('transfer', 'returns 1 if done, 0 if there is not enough', () => {
    const host = new RecordingHost()
    host.balances.set(fill(3), 10n)
    const code = contract(ANSWER_I32('(call $transfer (i32.const 300) (i64.const 7))'))
    expect(i32(returned(run(code, { host })))).toBe(1)
    expect(host.balances.get(fill(0))).toBe(7n)
    expect(i32(returned(run(code, { host })))).toBe(0)
  })
  hostTest('transfer', 'amounts are unsigned', () => {
    const host = new RecordingHost()
    host.balances.set(fill(3), 10n)
    const code = contract(ANSWER_I32('(call $transfer (i32.const 300) (i64.const -1))'))
    expect(i32(returned(run(code, { host })))).toBe(0)
    expect(host.balances.get(fill(3))).toBe(10n)
  })
  hostTest('balance_of', 'is what the host says', () => {
    const host = new RecordingHost()
    host.balances.set(fill(0), 99n)
    expect(i64(returned(run(contract(ANSWER_I64('(call $balance_of (i32.const 300))')), { host })))).toBe(99n)
  })

  const DEPLOY = `(call $deploy (i32.const 300) ${AT(200, 5)} (i64.const 7) (i64.const 0))`
  hostTest('deploy', 'passes everything on, and puts the new address into the register', () => {
    const host = new RecordingHost()
    const code = contract(
      `(i32.store (i32.const 0) ${DEPLOY}) (call $register_read (i32.const 4)) ${answer(36)}`,
      KEY,
    )
    expect(hex(returned(run(code, { host })))).toBe(`00000000${fill(0x77)}`)
    expect(host.deploys[0]).toMatchObject({
      codeHash: new Uint8Array(32),
      args: Uint8Array.from(Buffer.from('value')),
      value: 7n,
    })
    expect(host.deploys[0]?.stackLimit).toBeLessThan(16_384)
  })
  hostTest('deploy', 'tells why there is no new contract, and costs what init used', () => {
    const code = contract(
      `(i32.store (i32.const 0) ${DEPLOY}) (call $register_read (i32.const 4)) ${answer(8)}`,
      KEY,
    )
    const host = new RecordingHost()
    const before = run(code, { host }).gasUsed
    host.deployed = () => ({ kind: 'failed', code: 'trapped', message: 'oops', gasUsed: 1_000n })
    const outcome = run(code, { host })
    expect(text(returned(outcome))).toBe('\x02\0\0\0oops')
    // 32 bytes of address were read from the register before, four are now.
    expect(outcome.gasUsed - before).toBe(1_000n - 28n)
  })

  test('in a static call nothing that changes the world is allowed', () => {
    const host = new RecordingHost({}, true)
    const changes: Record<string, string> = {
      storage_write: `(call $storage_write ${AT(100, 3)} ${AT(200, 5)})`,
      storage_delete: `(drop (call $storage_delete ${AT(100, 3)}))`,
      emit: `(call $emit ${AT(0, 3)} ${AT(200, 5)})`,
      transfer: '(drop (call $transfer (i32.const 300) (i64.const 0)))',
      call: `(drop ${CALL('1', '0')})`,
      deploy: `(drop ${DEPLOY})`,
    }
    for (const [name, body] of Object.entries(changes)) {
      const outcome = run(contract(body, KEY), { host })
      expect(outcome).toMatchObject({
        kind: 'failed',
        code: 'static_violation',
        message: `${name}: not allowed in a static call`,
      })
      expect(outcome.gasUsed).toBeLessThan(PRICE.deploy + 50_000n)
    }
    expect(host.storage.size + host.events.length + host.calls.length + host.deploys.length).toBe(0)
  })
})

describe('tools', () => {
  hostTest('sha256', 'writes the hash', () => {
    const code = contract(`(call $sha256 ${AT(200, 5)} (i32.const 0)) ${answer(32)}`, KEY)
    expect(hex(returned(run(code)))).toBe(createHash('sha256').update('value').digest('hex'))
  })
  hostTest('sha256', 'is paid for before the memory is looked at', () => {
    const code = contract('(call $sha256 (i32.const 0) (i32.const -1) (i32.const 0))')
    expect(run(code)).toMatchObject({ code: 'out_of_gas' })
    expect(run(code, { gasLimit: 1n << 40n })).toMatchObject({ code: 'trapped' })
  })

  hostTest('sha512', 'writes the hash', () => {
    const code = contract(`(call $sha512 ${AT(200, 5)} (i32.const 0)) ${answer(64)}`, KEY)
    expect(hex(returned(run(code)))).toBe(createHash('sha512').update('value').digest('hex'))
  })
  // Of the empty input, from the Ethereum yellow paper and from BLAKE3's paper.
  hostTest('keccak256', 'writes the hash, with the padding of 2011, not SHA-3’s', () => {
    const code = contract(`(call $keccak256 ${AT(0, 0)} (i32.const 0)) ${answer(32)}`)
    expect(hex(returned(run(code)))).toBe('c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
  })
  hostTest('blake3', 'writes the hash', () => {
    const code = contract(`(call $blake3 ${AT(0, 0)} (i32.const 0)) ${answer(32)}`)
    expect(hex(returned(run(code)))).toBe('af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262')
  })
  for (const name of ['sha512', 'keccak256', 'blake3']) {
    hostTest(name, 'is paid for before the memory is looked at', () => {
      const code = contract(`(call $${name} (i32.const 0) (i32.const -1) (i32.const 0))`)
      expect(run(code)).toMatchObject({ code: 'out_of_gas' })
      expect(run(code, { gasLimit: 1n << 40n })).toMatchObject({ code: 'trapped' })
    })
  }

  const STRINGS = `(data (i32.const 100) "\\06\\00\\00\\00n\\00o\\00!\\00")
    (data (i32.const 200) "\\08\\00\\00\\00a\\00.\\00t\\00s\\00")`
  const ABORT = (message: number, file: number): string =>
    `(call $abort (i32.const ${message}) (i32.const ${file}) (i32.const 12) (i32.const 34))`
  hostTest('abort', 'ends the call with text, file, line and column, and exact gas', () => {
    const outcome = run(contract(`${ABORT(104, 204)} unreachable`, STRINGS))
    expect(outcome).toEqual({
      kind: 'failed',
      code: 'aborted',
      message: 'no! (a.ts:12:34)',
      gasUsed: 4n + 14n + HOST_CALL_GAS + PRICE.abort,
    })
  })
  hostTest('abort', 'still aborts when its pointers are null, wild or its strings too long', () => {
    const message = (at: number, file: number, data = STRINGS): unknown => {
      const outcome = run(contract(ABORT(at, file), data))
      return outcome.kind === 'failed' && outcome.code === 'aborted' ? outcome.message : outcome
    }
    expect(message(0, 0)).toBe('abort (unknown:12:34)')
    expect(message(-1, 65_537)).toBe('abort (unknown:12:34)')
    const long = message(104, 0, '(data (i32.const 100) "\\ff\\ff\\00\\00")') as string
    expect(long.length).toBe(HOST_LIMITS.messageUnits + ' (unknown:12:34)'.length)
    expect(message(104, 0, '(data (i32.const 100) "\\02\\00\\00\\00\\00\\d8")')).toBe(
      '\ufffd (unknown:12:34)',
    )
  })
  hostTest('trace', 'reaches the host and nothing else', () => {
    const host = new RecordingHost()
    const floats = [1.5, 2, 3, 4, 5].map(x => `(f64.const ${x})`).join(' ')
    const code = contract(`(call $trace (i32.const 104) (i32.const 2) ${floats})`, STRINGS)
    expect(run(code, { host }).kind).toBe('returned')
    expect(host.traces).toEqual(['no! 1.5, 2'])
  })
})

describe('signatures, pairings and proofs', () => {
  const RICH = { gasLimit: 1_000_000_000n }
  /** `main` with the pieces one after the other from 1000 on: calls `name` with their pointers through `call`. */
  const ask = (
    pieces: readonly Uint8Array[],
    call: (...at: readonly string[]) => string,
    outLength = 0,
  ): { status: number; out: string; gasUsed: bigint } => {
    let end = 1_000
    const at = pieces.map(piece => {
      const start = end
      end += piece.length
      return `(i32.const ${start})`
    })
    const bytes = Buffer.concat(pieces).toString('hex').replaceAll(/../g, '\\$&')
    const code = contract(
      `(i32.store (i32.const 0) ${call(...at)}) ${answer(4 + outLength)}`,
      `(data (i32.const 1000) "${bytes}")`,
    )
    const outcome = run(code, RICH)
    const data = returned(outcome)
    return { status: i32(data), out: hex(data.subarray(4)), gasUsed: outcome.gasUsed }
  }
  const OUT = '(i32.const 4)'
  const len = (bytes: Uint8Array): string => `(i32.const ${bytes.length})`
  const seed = new Uint8Array(32).fill(9)
  const message = Buffer.from('a message')
  const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 8 ? byte ^ 1 : byte))

  hostTest('ed25519_verify', 'is 1 for the key’s signature and 0 for another', () => {
    const verify = (signature: Uint8Array): number =>
      ask(
        [publicKeyOf(seed), message, signature],
        (key, text_, sig) => `(call $ed25519_verify ${key} ${text_} ${len(message)} ${sig})`,
      ).status
    expect(verify(sign(seed, message))).toBe(1)
    expect(verify(flip(sign(seed, message)))).toBe(0)
  })
  hostTest('secp256k1_recover', 'writes the key, or returns 0 and writes nothing', () => {
    const digest = createHash('sha256').update(message).digest()
    const [recovery = 0, ...signature] = secp256k1.sign(digest, seed, { prehash: false, format: 'recovered' })
    const recover = (of: Uint8Array) =>
      ask(
        [digest, of],
        (hash, sig) => `(call $secp256k1_recover ${hash} ${sig} (i32.const ${recovery}) ${OUT})`,
        64,
      )
    expect(recover(Uint8Array.from(signature))).toMatchObject({
      status: 1,
      out: hex(secp256k1.getPublicKey(seed, false).subarray(1)),
    })
    expect(recover(new Uint8Array(64))).toMatchObject({ status: 0, out: '00'.repeat(64) })
  })
  hostTest(
    'bls12_381_aggregate_verify',
    'is 1 for all keys’ signature of the message; each key costs',
    () => {
      const secrets = [1, 2, 3].map(n => blsSecretKeyFromSeed(new Uint8Array(32).fill(n)))
      const keys = Buffer.concat(secrets.map(blsPublicKeyOf))
      const signature = blsAggregate(secrets.map(secret => blsSign(secret, message)))
      const verify = (count: number, of = signature) =>
        ask(
          [keys, message, of],
          (all, text_, sig) =>
            `(call $bls12_381_aggregate_verify ${all} (i32.const ${count}) ${text_} ${len(message)} ${sig})`,
        )
      expect(verify(3).status).toBe(1)
      expect([verify(2).status, verify(0).status, verify(3, new Uint8Array(96)).status]).toEqual([0, 0, 0])
      expect(verify(3).gasUsed - verify(2).gasUsed).toBe(PRICE.bls12381VerifyKey)
    },
  )
  const MINUS = bls12_381.G1.Point.BASE.negate().toBytes(true)
  const G1_G2 = [bls12_381.G1.Point.BASE.toBytes(true), bls12_381.G2.Point.BASE.toBytes(true)]
  hostTest('bls12_381_pairing', 'is 1, 0 or -1; each pair costs', () => {
    const pairing = (pieces: readonly Uint8Array[]) =>
      ask(pieces, at => `(call $bls12_381_pairing ${at} (i32.const ${pieces.length / 2}))`)
    const one = pairing([...G1_G2, MINUS, G1_G2[1] as Uint8Array])
    const other = pairing(G1_G2)
    expect([one.status, other.status]).toEqual([1, 0])
    expect(one.gasUsed - other.gasUsed).toBe(PRICE.bls12381PairingPair)
    expect(pairing([new Uint8Array(48), G1_G2[1] as Uint8Array]).status).toBe(-1)
  })
  const word = (n: number): Uint8Array => new Uint8Array(32).fill(n, 31)
  const G = Buffer.concat([word(1), word(2)])
  const TWICE_G =
    '030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd315ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4'
  hostTest('bn254_add', 'writes the sum, or returns 0 for a point that is none', () => {
    const add = (b: Uint8Array) => ask([G, b], (x, y) => `(call $bn254_add ${x} ${y} ${OUT})`, 64)
    expect(add(G)).toMatchObject({ status: 1, out: TWICE_G })
    expect(add(Buffer.concat([word(1), word(3)]))).toMatchObject({ status: 0, out: '00'.repeat(64) })
  })
  hostTest('bn254_mul', 'writes the product, or returns 0 for a point that is none', () => {
    const multiply = (point: Uint8Array) =>
      ask([point, word(2)], (p, k) => `(call $bn254_mul ${p} ${k} ${OUT})`, 64)
    expect(multiply(G)).toMatchObject({ status: 1, out: TWICE_G })
    expect(multiply(Buffer.concat([word(1), word(3)]))).toMatchObject({ status: 0, out: '00'.repeat(64) })
  })
  hostTest('bn254_pairing', 'is 1, 0 or -1; each pair costs', () => {
    const pairing = (g1: Uint8Array, count: number) =>
      ask([g1, new Uint8Array(128)], at => `(call $bn254_pairing ${at} (i32.const ${count}))`)
    expect([pairing(G, 1).status, pairing(G, 0).status]).toEqual([1, 1])
    expect(pairing(Buffer.concat([word(1), word(3)]), 1).status).toBe(-1)
    expect(pairing(G, 1).gasUsed - pairing(G, 0).gasUsed).toBe(PRICE.bn254PairingPair)
  })
  hostTest('ecvrf_verify', 'writes the output, or returns 0 and writes nothing', () => {
    const proof = ecvrfProve(seed, message)
    const verify = (of: Uint8Array) =>
      ask(
        [publicKeyOf(seed), of, message],
        (key, pi, alpha) => `(call $ecvrf_verify ${key} ${pi} ${alpha} ${len(message)} ${OUT})`,
        64,
      )
    const output = hex(ecvrfProofToHash(proof) as Uint8Array)
    expect(verify(proof)).toMatchObject({ status: 1, out: output })
    expect(verify(flip(proof))).toMatchObject({ status: 0, out: '00'.repeat(64) })
  })
  hostTest(
    'bn254_pairing',
    'refuses more than 256 pairs before it charges for them, and charges before it reads',
    () => {
      const call = (name: string, count: number): CallOutcome =>
        run(contract(`(drop (call $${name} (i32.const 65000) (i32.const ${count})))`), {
          gasLimit: 1n << 40n,
        })
      for (const name of ['bn254_pairing', 'bls12_381_pairing']) {
        expect(call(name, 257)).toMatchObject({ message: `${name}: 257 pairs, the limit is 256` })
        expect(call(name, -1)).toMatchObject({ message: `${name}: 4294967295 pairs, the limit is 256` })
        const outside = call(name, 256)
        expect(outside).toMatchObject({ code: 'trapped' })
        expect(outside.gasUsed).toBeGreaterThan(256n * PRICE.bn254PairingPair)
      }
    },
  )
})

describe('the table', () => {
  test('has a behaviour test for every host function', () => {
    expect(HOST_TABLE.map(fn => fn.name).filter(name => !covered.has(name))).toEqual([])
  })
  test('has no name twice, a price and a description for each', () => {
    expect(new Set(HOST_TABLE.map(fn => fn.name)).size).toBe(HOST_TABLE.length)
    for (const fn of HOST_TABLE) {
      expect(fn.gas.base, fn.name).toBeGreaterThan(0n)
      expect(fn.doc.length, fn.name).toBeGreaterThan(10)
    }
  })
  test('signatures and prices change only on purpose', () => {
    expect(
      HOST_TABLE.map(fn => `${fn.name}(${fn.params.join(' ')}) ${fn.result ?? '-'} : ${hostGasFormula(fn)}`),
    ).toMatchInlineSnapshot(`
      [
        "input() i32 : 195",
        "register_read(i32) - : 215 + 1 per byte of the register",
        "register_len() i32 : 95",
        "caller(i32) - : 195",
        "origin(i32) - : 195",
        "self(i32) - : 195",
        "value() i64 : 95",
        "height() i64 : 95",
        "time_ms() i64 : 95",
        "chain_id() i32 : 615",
        "gas_left() i64 : 95",
        "randomness(i32) - : 5015",
        "storage_read(i32 i32) i32 : 10015 + 2 per byte of key and value",
        "storage_write(i32 i32 i32 i32) - : 120015 + 30 per byte of key and value",
        "storage_delete(i32 i32) i32 : 110015 + 2 per byte of key",
        "storage_has(i32 i32) i32 : 10015 + 2 per byte of key",
        "storage_next(i32 i32 i32 i32) i32 : 40015 + 25000 per key on the way that this block deleted + 2 per byte of prefix, start, key and value",
        "storage_previous(i32 i32 i32 i32) i32 : 40015 + 25000 per key on the way that this block deleted + 2 per byte of prefix, start, key and value",
        "emit(i32 i32 i32 i32) - : 3015 + 10 per byte of topics and data",
        "return_data(i32 i32) - : 215 + 1 per byte of data",
        "revert(i32 i32) - : 12015 + 1 per byte of data",
        "abort(i32 i32 i32 i32) - : 12015",
        "trace(i32 i32 f64 f64 f64 f64 f64) - : 315",
        "call(i32 i32 i32 i32 i32 i64 i64) i32 : 16015 + 100000 per call with value + 1 per byte of method and arguments, and what the callee uses",
        "static_call(i32 i32 i32 i32 i32 i64) i32 : 16015 + 1 per byte of method and arguments, and what the callee uses",
        "transfer(i32 i64) i32 : 120015",
        "balance_of(i32) i64 : 10015",
        "deploy(i32 i32 i32 i64 i64) i32 : 300015 + 100000 per deploy with value + 1 per byte of arguments, and what init uses",
        "sha256(i32 i32 i32) - : 1615 + 3 per byte of data",
        "sha512(i32 i32 i32) - : 2015 + 4 per byte of data",
        "keccak256(i32 i32 i32) - : 10015 + 50 per byte of data",
        "blake3(i32 i32 i32) - : 5015 + 32 per byte of data",
        "ed25519_verify(i32 i32 i32 i32) i32 : 250015 + 4 per byte of message",
        "secp256k1_recover(i32 i32 i32 i32) i32 : 3000015",
        "bls12_381_aggregate_verify(i32 i32 i32 i32 i32) i32 : 2500015 + 150000 per key + 20 per byte of message",
        "bls12_381_pairing(i32 i32) i32 : 22000015 + 12000000 per pair",
        "bn254_add(i32 i32 i32) i32 : 30015",
        "bn254_mul(i32 i32 i32) i32 : 3000015",
        "bn254_pairing(i32 i32) i32 : 18000015 + 11000000 per pair",
        "ecvrf_verify(i32 i32 i32 i32 i32) i32 : 5000015 + 4 per byte of input",
      ]
    `)
  })
  test('an exception of the Host passes through untouched, and the VM goes on working', () => {
    const host = new RecordingHost()
    const broken = new TypeError('disk on fire')
    host.storageRead = () => {
      throw broken
    }
    const code = contract(`(drop (call $storage_has ${AT(100, 3)}))`, KEY)
    let thrown: unknown
    try {
      run(code, { host })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(broken)
    expect(run(code).kind).toBe('returned')
  })
  test('every function charges before it looks at its arguments: wild pointers cost at least the base', () => {
    for (const fn of HOST_TABLE) {
      const args = fn.params.map(type => `(${type}.const -1)`).join(' ')
      const call = `(call $${fn.name} ${args})`
      const body = `(module ${importOf(fn.name)} (memory 1))`
      expect(body).toContain(fn.name)
      const code = contract(fn.result === undefined ? call : `(drop ${call})`)
      const outcome = run(code, { gasLimit: 1n << 40n })
      expect(outcome.gasUsed, fn.name).toBeGreaterThanOrEqual(fn.gas.base + HOST_CALL_GAS)
      const poor = run(code, { gasLimit: fn.gas.base })
      expect(poor, fn.name).toMatchObject({ kind: 'failed', code: 'out_of_gas', gasUsed: fn.gas.base })
    }
  })
})
