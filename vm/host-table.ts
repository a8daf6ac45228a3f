/**
 * The host functions: everything a contract can ask of its chain, in one table. It drives import checking, the
 * imports of an instance, the SDK's env.ts check, the documentation and the tests.
 *
 * Pointers and lengths are unsigned 32-bit, addresses are 32 bytes at a pointer. Every function charges
 * HOST_CALL_GAS (gas.ts) + base first, then the price per byte, before the work those pay for; only the bytes of a stored
 * value are known after the read. A fault ends the call as `failed` with exact gas: `trapped` for bytes outside
 * the memory, `limit_exceeded` for more than HOST_LIMITS, `static_violation` for a change in a static call.
 */
import { hash } from 'node:crypto'
import { type CallOutcome, ContractFault } from './execution.ts'
import type { ImportTypes } from './draft.ts'
import { type Frame, Revert } from './frame.ts'
import { HOST_CALL_GAS } from './gas.ts'
import { define, HOST_LIMITS, type HostFunction, readCharged, readKey } from './host-function.ts'
import type { FunctionType } from './module.ts'
import { F64, I32, I64 } from './opcodes.ts'

/** Words of contract stack that stay with the caller of another contract, for the host's own frames between. */
export const CROSS_CALL_STACK_WORDS = 512

/** Prices in gas units (about 0.5 ns), calibrated with test/bench/vm-gas.ts; storage leaves room for a database. */
const PRICE = {
  contextValue: 80n,
  contextBytes: 180n,
  chainId: 600n,
  registerRead: 200n,
  storageRead: 6_000n,
  storageReadByte: 2n,
  storageWrite: 40_000n,
  storageWriteByte: 30n,
  storageDelete: 20_000n,
  emit: 3_000n,
  emitByte: 10n,
  returnData: 200n,
  copyByte: 1n,
  call: 20_000n,
  transfer: 30_000n,
  balanceOf: 6_000n,
  sha256: 1_600n,
  sha256Byte: 4n,
  abort: 500n,
  trace: 1_000n,
} as const

const CALL_RESULT = { returned: 0, reverted: 1, failed: 2 } as const
const utf8 = new TextEncoder()
const asI64 = (value: bigint): bigint => BigInt.asIntN(64, value)

const CONTEXT: readonly HostFunction[] = [
  define({
    name: 'input',
    params: [],
    result: 'i32',
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'Puts the call’s arguments into the register and returns their length.',
    run: frame => frame.toRegister(frame.args),
  }),
  define({
    name: 'register_read',
    params: ['i32'],
    gas: { base: PRICE.registerRead, perByte: PRICE.copyByte, bytes: 'the register' },
    since: 1,
    doc: 'register_read(ptr): copies the register to memory at ptr. The register keeps its contents.',
    run(frame, pointer) {
      frame.chargeBytes(frame.register.length)
      frame.write(pointer, frame.register)
    },
  }),
  define({
    name: 'register_len',
    params: [],
    result: 'i32',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Bytes in the register.',
    run: frame => frame.register.length,
  }),
  define({
    name: 'caller',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'caller(ptr): writes the 32-byte address of the account or contract that made this call.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.caller),
  }),
  define({
    name: 'origin',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'origin(ptr): writes the 32-byte address of the account that signed the transaction.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.origin),
  }),
  define({
    name: 'self',
    params: ['i32'],
    gas: { base: PRICE.contextBytes },
    since: 1,
    doc: 'self(ptr): writes the 32-byte address of the running contract.',
    run: (frame, pointer) => frame.write(pointer, frame.host.context.self),
  }),
  define({
    name: 'value',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Units sent along with this call; the contract already has them.',
    run: frame => asI64(frame.host.context.value),
  }),
  define({
    name: 'height',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Height of the block.',
    run: frame => asI64(frame.host.context.height),
  }),
  define({
    name: 'time_ms',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Time of the block, in milliseconds since 1970.',
    run: frame => asI64(frame.host.context.timeMs),
  }),
  define({
    name: 'chain_id',
    params: [],
    result: 'i32',
    gas: { base: PRICE.chainId },
    since: 1,
    doc: 'Puts the chain id (UTF-8) into the register and returns its length.',
    run: frame => frame.toRegister(utf8.encode(frame.host.context.chainId)),
  }),
  define({
    name: 'gas_left',
    params: [],
    result: 'i64',
    gas: { base: PRICE.contextValue },
    since: 1,
    doc: 'Gas left, after the price of asking.',
    run: frame => frame.gas,
  }),
]

const STORAGE: readonly HostFunction[] = [
  define({
    name: 'storage_read',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageRead, perByte: PRICE.storageReadByte, bytes: 'key and value' },
    since: 1,
    doc: 'storage_read(key, keyLen): puts the value into the register and returns its length, or -1 if there is none.',
    run(frame, keyPointer, keyLength) {
      const value = frame.host.storageRead(readKey(frame, keyPointer, keyLength))
      if (value === undefined) return -1
      frame.chargeBytes(value.length)
      return frame.toRegister(value)
    },
  }),
  define({
    name: 'storage_write',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.storageWrite, perByte: PRICE.storageWriteByte, bytes: 'key and value' },
    since: 1,
    doc: 'storage_write(key, keyLen, value, valueLen): sets the value of a key.',
    run(frame, keyPointer, keyLength, valuePointer, valueLength) {
      frame.refuseIfStatic()
      const key = readKey(frame, keyPointer, keyLength)
      const value = readCharged(frame, valuePointer, valueLength, HOST_LIMITS.storageValueBytes, 'the value')
      frame.host.storageWrite(key, value)
    },
  }),
  define({
    name: 'storage_delete',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageDelete, perByte: PRICE.storageReadByte, bytes: 'key' },
    since: 1,
    doc: 'storage_delete(key, keyLen): removes a key. Returns 1 if it had a value, 0 if not.',
    run(frame, keyPointer, keyLength) {
      frame.refuseIfStatic()
      return frame.host.storageDelete(readKey(frame, keyPointer, keyLength)) ? 1 : 0
    },
  }),
  define({
    name: 'storage_has',
    params: ['i32', 'i32'],
    result: 'i32',
    gas: { base: PRICE.storageRead, perByte: PRICE.storageReadByte, bytes: 'key' },
    since: 1,
    doc: 'storage_has(key, keyLen): 1 if the key has a value, 0 if not.',
    run: (frame, keyPointer, keyLength) =>
      frame.host.storageRead(readKey(frame, keyPointer, keyLength)) === undefined ? 0 : 1,
  }),
]

const OUTPUT: readonly HostFunction[] = [
  define({
    name: 'emit',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.emit, perByte: PRICE.emitByte, bytes: 'topics and data' },
    since: 1,
    doc:
      'emit(topics, topicsLen, data, dataLen): adds an event. Topics are a count of 1 to 4 in one byte, then each as ' +
      'one byte of length and at most 64 bytes.',
    run(frame, topicsPointer, topicsLength, dataPointer, dataLength) {
      frame.refuseIfStatic()
      const most = 1 + HOST_LIMITS.topics * (1 + HOST_LIMITS.topicBytes)
      const topics = parseTopics(
        frame,
        readCharged(frame, topicsPointer, topicsLength, most, 'the topic list'),
      )
      frame.host.emit(
        topics,
        readCharged(frame, dataPointer, dataLength, HOST_LIMITS.eventDataBytes, 'the data'),
      )
    },
  }),
  define({
    name: 'return_data',
    params: ['i32', 'i32'],
    gas: { base: PRICE.returnData, perByte: PRICE.copyByte, bytes: 'data' },
    since: 1,
    doc: 'return_data(ptr, len): sets what the call returns; the last one counts. Execution goes on.',
    run(frame, pointer, length) {
      frame.returnData = readCharged(frame, pointer, length, HOST_LIMITS.returnDataBytes, 'the return value')
    },
  }),
  define({
    name: 'revert',
    params: ['i32', 'i32'],
    gas: { base: PRICE.returnData, perByte: PRICE.copyByte, bytes: 'data' },
    since: 1,
    doc: 'revert(ptr, len): ends the call, undoes its changes and hands the data to the caller. Does not return.',
    run(frame, pointer, length) {
      throw new Revert(readCharged(frame, pointer, length, HOST_LIMITS.returnDataBytes, 'the revert data'))
    },
  }),
]

const CALLS: readonly HostFunction[] = [
  define({
    name: 'call',
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i64', 'i64'],
    result: 'i32',
    gas: {
      base: PRICE.call,
      perByte: PRICE.copyByte,
      bytes: 'method and arguments, and what the callee uses',
    },
    since: 1,
    doc:
      'call(to, method, methodLen, args, argsLen, value, gas): runs a method of another contract with at most `gas`, 0 ' +
      'meaning all; a 64th of what is left always stays here. Returns 0 returned, 1 reverted, 2 failed, with the return ' +
      'data, the revert data or the message (UTF-8) in the register. In a static call no value may be sent.',
    run(frame, to, method, methodLength, args, argsLength, value, gas) {
      if (value !== 0n) frame.refuseIfStatic()
      return crossCall(frame, [to, method, methodLength, args, argsLength], value, gas, frame.host.isStatic)
    },
  }),
  define({
    name: 'static_call',
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i64'],
    result: 'i32',
    gas: {
      base: PRICE.call,
      perByte: PRICE.copyByte,
      bytes: 'method and arguments, and what the callee uses',
    },
    since: 1,
    doc: 'static_call(to, method, methodLen, args, argsLen, gas): as call, without value; the callee can change nothing.',
    run: (frame, to, method, methodLength, args, argsLength, gas) =>
      crossCall(frame, [to, method, methodLength, args, argsLength], 0n, gas, true),
  }),
  define({
    name: 'transfer',
    params: ['i32', 'i64'],
    result: 'i32',
    gas: { base: PRICE.transfer },
    since: 1,
    doc: 'transfer(to, amount): sends units of the contract. Returns 1 if done, 0 if it does not have them.',
    run(frame, to, amount) {
      frame.refuseIfStatic()
      return frame.host.transfer(frame.readAddress(to), BigInt.asUintN(64, amount)) ? 1 : 0
    },
  }),
  define({
    name: 'balance_of',
    params: ['i32'],
    result: 'i64',
    gas: { base: PRICE.balanceOf },
    since: 1,
    doc: 'balance_of(address): units an account or contract has.',
    run: (frame, address) => asI64(frame.host.balanceOf(frame.readAddress(address))),
  }),
]

const TOOLS: readonly HostFunction[] = [
  define({
    name: 'sha256',
    params: ['i32', 'i32', 'i32'],
    gas: { base: PRICE.sha256, perByte: PRICE.sha256Byte, bytes: 'data' },
    since: 1,
    doc: 'sha256(ptr, len, out): writes the 32-byte hash of the data at out.',
    run(frame, pointer, length, out) {
      frame.chargeBytes(length >>> 0)
      frame.write(out, hash('sha256', frame.read(pointer, length), 'buffer'))
    },
  }),
  define({
    name: 'abort',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.abort },
    since: 1,
    doc:
      'abort(message, file, line, column), AssemblyScript’s own: ends the call as failed with code `aborted` and the ' +
      'message `text (file:line:column)`. Does not return.',
    run(frame, message, file, line, column) {
      const text = frame.readString(message, HOST_LIMITS.messageUnits) ?? 'abort'
      const source = frame.readString(file, HOST_LIMITS.fileUnits) ?? 'unknown'
      throw new ContractFault('aborted', `${text} (${source}:${line >>> 0}:${column >>> 0})`)
    },
  }),
  define({
    name: 'trace',
    params: ['i32', 'i32', 'f64', 'f64', 'f64', 'f64', 'f64'],
    gas: { base: PRICE.trace },
    since: 1,
    doc: 'trace(message, n, a0, a1, a2, a3, a4), AssemblyScript’s own: for development, no effect on the chain.',
    run(frame, message, count, ...values) {
      const text = frame.readString(message, HOST_LIMITS.messageUnits) ?? ''
      const shown = values.slice(0, Math.min(Math.max(count, 0), values.length))
      frame.host.trace(shown.length === 0 ? text : `${text} ${shown.join(', ')}`)
    },
  }),
]

export const HOST_TABLE: readonly HostFunction[] = [...CONTEXT, ...STORAGE, ...OUTPUT, ...CALLS, ...TOOLS]

export const HOST_FUNCTIONS: ReadonlyMap<string, HostFunction> = new Map(HOST_TABLE.map(fn => [fn.name, fn]))

const WASM_TYPE = { i32: I32, i64: I64, f64: F64 } as const

/** The table as the decoder checks imports against it. */
export const HOST_IMPORT_TYPES: ImportTypes = new Map(
  HOST_TABLE.map(({ name, params, result }): [string, FunctionType] => [
    name,
    {
      params: params.map(type => WASM_TYPE[type]),
      result: result === undefined ? undefined : WASM_TYPE[result],
    },
  ]),
)

/** The price as a formula, for the documentation. */
export function hostGasFormula({ gas }: HostFunction): string {
  const fixed = `${gas.base + HOST_CALL_GAS}`
  return gas.bytes === undefined ? fixed : `${fixed} + ${gas.perByte} per byte of ${gas.bytes}`
}

function parseTopics(frame: Frame, bytes: Uint8Array): Uint8Array[] {
  const count = bytes[0] ?? 0
  if (count < 1 || count > HOST_LIMITS.topics) {
    throw frame.fault('limit_exceeded', `${count} topics, there must be 1 to ${HOST_LIMITS.topics}`)
  }
  const topics: Uint8Array[] = []
  let position = 1
  for (let i = 0; i < count; i++) {
    const length = bytes[position] ?? 0
    frame.limit(length, HOST_LIMITS.topicBytes, `topic ${i}`)
    const topic = bytes.slice(position + 1, position + 1 + length)
    position += 1 + length
    if (position > bytes.length) throw frame.fault('limit_exceeded', 'the topic list ends too early')
    topics.push(topic)
  }
  if (position !== bytes.length) throw frame.fault('limit_exceeded', 'the topic list has bytes left over')
  return topics
}

function crossCall(
  frame: Frame,
  [to, method, methodLength, args, argsLength]: [number, number, number, number, number],
  value: bigint,
  gas: bigint,
  isStatic: boolean,
): number {
  frame.limit(methodLength >>> 0, HOST_LIMITS.methodNameBytes, 'the method name')
  frame.chargeBytes(methodLength >>> 0)
  const request = {
    to: frame.readAddress(to),
    method: frame.readUtf8(method, methodLength, 'the method name'),
    args: readCharged(frame, args, argsLength, HOST_LIMITS.argumentsBytes, 'the argument list'),
    value: BigInt.asUintN(64, value),
    isStatic,
  }
  const outcome = frame.callContract(request, gas, CROSS_CALL_STACK_WORDS)
  frame.toRegister(answerOf(outcome))
  return CALL_RESULT[outcome.kind]
}

function answerOf(outcome: CallOutcome): Uint8Array {
  return outcome.kind === 'failed' ? utf8.encode(outcome.message) : outcome.data
}
