/** Host functions that reach other accounts: calls, payments, new contracts. */
import type { CallOutcome } from './execution.ts'
import type { Frame } from './frame.ts'
import { define, HOST_LIMITS, type HostFunction, readCharged } from './host-function.ts'
import { PRICE } from './host-prices.ts'

/** Words of contract stack that stay with the caller of another contract, for the host's own frames between. */
export const CROSS_CALL_STACK_WORDS = 512

const CODE_HASH_BYTES = 32
const CALL_RESULT = { returned: 0, reverted: 1, failed: 2 } as const
const utf8 = new TextEncoder()
const asI64 = (value: bigint): bigint => BigInt.asIntN(64, value)

export const CALL_FUNCTIONS: readonly HostFunction[] = [
  define({
    name: 'call',
    params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i64', 'i64'],
    result: 'i32',
    gas: {
      base: PRICE.call,
      perByte: PRICE.copyByte,
      bytes: 'method and arguments, and what the callee uses',
      perItem: PRICE.sentValue,
      items: 'call with value',
    },
    since: 1,
    doc:
      'call(to, method, methodLen, args, argsLen, value, gas): runs a method of another contract with at most `gas`, 0 ' +
      'meaning all; a 64th of what is left always stays here. Returns 0 returned, 1 reverted, 2 failed, with the return ' +
      'data, the revert data or the message (UTF-8) in the register. In a static call no value may be sent.',
    run(frame, to, method, methodLength, args, argsLength, value, gas) {
      if (value !== 0n) {
        frame.refuseIfStatic()
        frame.chargeItems(1)
      }
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
  define({
    name: 'deploy',
    params: ['i32', 'i32', 'i32', 'i64', 'i64'],
    result: 'i32',
    gas: {
      base: PRICE.deploy,
      perByte: PRICE.copyByte,
      bytes: 'arguments, and what init uses',
      perItem: PRICE.sentValue,
      items: 'deploy with value',
    },
    since: 1,
    doc:
      'deploy(codeHash, args, argsLen, value, gas): makes a new contract from code that a contract of the chain runs ' +
      'already (32-byte hash) and runs its init, as `call` runs a method. Returns 0 with the 32-byte address in the ' +
      'register, or 1 or 2 as `call` does, and then there is no new contract. Its code counts towards the storage ' +
      'deposit; nobody owns it, so it stays as it is.',
    run(frame, codeHash, args, argsLength, value, gas) {
      frame.refuseIfStatic()
      if (value !== 0n) frame.chargeItems(1)
      const request = {
        codeHash: frame.read(codeHash, CODE_HASH_BYTES),
        args: readCharged(frame, args, argsLength, HOST_LIMITS.argumentsBytes, 'the argument list'),
        value: BigInt.asUintN(64, value),
      }
      return answer(
        frame,
        frame.runNested(gas, CROSS_CALL_STACK_WORDS, limits => frame.host.deploy({ ...request, ...limits })),
      )
    },
  }),
]

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
  return answer(
    frame,
    frame.runNested(gas, CROSS_CALL_STACK_WORDS, limits => frame.host.call({ ...request, ...limits })),
  )
}

/** The callee's data or message goes to the register, how it ended is the result. */
function answer(frame: Frame, outcome: CallOutcome): number {
  frame.toRegister(outcome.kind === 'failed' ? utf8.encode(outcome.message) : outcome.data)
  return CALL_RESULT[outcome.kind]
}
