import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decodeRevert, encodeArguments } from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { Overlay } from '../../../node/state/overlay.ts'
import { callContract, STACK_WORDS } from '../../../node/transition/call.ts'
import { Execution } from '../../../node/transition/execution.ts'
import { traceTransaction, traceView } from '../../../node/transition/simulate.ts'
import {
  failedCalls,
  type Trace,
  TRACE_LIMITS,
  type TracedCall,
  Tracer,
} from '../../../node/transition/trace.ts'
import { type Address, toAddress, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import type { Action, SimpleAction } from '../../../node/types/transaction.ts'
import { exampleContract, fixtureContract, type TestContract } from '../../support/contracts.ts'
import { TestChain } from '../../support/test-chain.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'

const alice = testAccount('alice')
const NOTHING = new Uint8Array(0)
const GAS = 100_000_000n
const BLOCK = { chainId: TEST_CHAIN_ID, height: 9n, timeMs: 9_000n, randomness: ZERO_HASH }

let counter: TestContract
let caller: TestContract
beforeAll(async () => {
  counter = await exampleContract('counter')
  caller = await fixtureContract('caller')
})

let chain: TestChain
let nonce: bigint
beforeEach(() => {
  chain = new TestChain([[alice.address, 1_000_000_000_000_000n]])
  nonce = 0n
})

const deploy = ({ code }: TestContract): Address => {
  const action: SimpleAction = { kind: 'deploy', code, args: NOTHING, value: 0n, owner: alice.address }
  const { created, error } = chain.run(signedTransaction(alice, nonce++, action, { gasLimit: GAS }))
  if (created[0] === undefined) throw new Error(`no contract: ${error?.message}`)
  return created[0]
}

const callOf = (
  contract: Address,
  { abi }: TestContract,
  method: string,
  args: readonly unknown[] = [],
  value = 0n,
): SimpleAction => ({ kind: 'call', contract, method, args: encodeArguments(abi, method, args), value })

const traceAction = (action: Action, gasLimit = GAS): Trace & { receipt: Receipt } => {
  const { outcome, trace } = traceTransaction({
    vm: chain.vm,
    state: chain.reader,
    block: BLOCK,
    context: { chainId: TEST_CHAIN_ID, height: 9n, baseFee: 2n, blockGasLimit: chain.gasLimit },
    parsed: signedTransaction(alice, nonce, action, { gasLimit }),
  })
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.message)
  return { ...trace, receipt: outcome.receipt }
}

const only = (trace: Trace): TracedCall => {
  expect(trace.calls).toHaveLength(1)
  return trace.calls[0] as TracedCall
}
const kinds = (call: TracedCall): string[] => call.steps.map(({ kind }) => kind)

describe('a traced call', () => {
  it('tells who called what with which arguments, what it wrote over what, and its events in order', () => {
    const at = deploy(counter)
    chain.run(signedTransaction(alice, nonce++, callOf(at, counter, 'increment', ['3']), { gasLimit: GAS }))
    const call = only(traceAction(callOf(at, counter, 'increment', ['2'])))
    expect(call).toMatchObject({
      kind: 'call',
      caller: alice.address,
      contract: at,
      method: 'increment',
      args: encodeArguments(counter.abi, 'increment', ['2']),
      value: 0n,
      isUndone: false,
      failure: undefined,
    })
    expect(call.codeHash).toEqual(chain.account(at).contract?.codeHash)
    expect(call.outcome.kind).toBe('returned')
    expect(kinds(call)).toEqual(['write', 'write', 'event'])
    const [write, , event] = call.steps
    expect(write).toEqual({
      kind: 'write',
      key: Uint8Array.of(0),
      before: Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0),
      after: Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0),
    })
    expect(event?.kind === 'event' && Buffer.from(event.topics[0] ?? []).toString()).toBe('Incremented')
  })

  it('holds the calls it made where it made them, with the gas of each', () => {
    const inner = deploy(counter)
    const outer = deploy(caller)
    const call = only(traceAction(callOf(outer, caller, 'incrementOther', [formatAddress(inner), '7'])))
    expect(kinds(call)).toEqual(['write', 'call'])
    const nested = call.steps[1]
    if (nested?.kind !== 'call') throw new Error('no nested call')
    expect(nested.call).toMatchObject({ caller: outer, contract: inner, method: 'increment' })
    expect(nested.call.gasUsed).toBeGreaterThan(0n)
    expect(nested.call.gasUsed).toBeLessThan(call.gasUsed)
  })

  it('notes deletions, payments and value, and not what was refused', () => {
    const at = deploy(caller)
    const send = (action: SimpleAction) =>
      chain.run(signedTransaction(alice, nonce++, action, { gasLimit: GAS }))
    send(callOf(at, caller, 'keep', [], 50n))
    send(callOf(at, caller, 'fill', [1, 2]))
    const cleared = only(traceAction(callOf(at, caller, 'clear', [0, 3])))
    expect(cleared.steps).toEqual([
      {
        kind: 'write',
        key: Uint8Array.of(1, 1, 0, 0, 0),
        before: Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0),
        after: undefined,
      },
    ])
    const to = testAccount('bob').address
    const pay = (amount: string) =>
      only(traceAction(callOf(at, caller, 'payOut', [formatAddress(to), amount])))
    expect(pay('20').steps).toEqual([{ kind: 'transfer', to, amount: 20n }])
    expect(pay('51').steps).toEqual([])
    expect(only(traceAction(callOf(at, caller, 'keep', [], 4n))).value).toBe(4n)
  })

  it('is a deploy or a view where it is one', () => {
    const at = deploy(counter)
    const { trace, outcome } = traceView({
      vm: chain.vm,
      state: chain.reader,
      block: BLOCK,
      caller: alice.address,
      contract: at,
      method: 'get',
      args: NOTHING,
      gasLimit: GAS,
    })
    expect(outcome.kind).toBe('returned')
    expect(only(trace).kind).toBe('view')
  })
})

describe('a failed call', () => {
  it('marks what it changed as undone, and what it called too', () => {
    const other = deploy(caller)
    const outer = deploy(caller)
    const call = only(traceAction(callOf(outer, caller, 'tryFailing', [formatAddress(other)])))
    expect(call.isUndone).toBe(false)
    const inner = call.steps.find(step => step.kind === 'call')?.call
    expect(inner).toMatchObject({ method: 'writeThenRevert', isUndone: true })
    expect(inner && kinds(inner)).toEqual(['write'])

    const all = traceAction({
      kind: 'batch',
      actions: [callOf(outer, caller, 'fill', [0, 2]), callOf(outer, caller, 'writeThenRevert')],
    })
    expect(all.calls.map(({ isUndone }) => isUndone)).toEqual([true, true])
    expect(all.calls[0]?.outcome.kind).toBe('returned')
  })

  it('tells where it stood and the gas it had left, after a revert and after a trap', () => {
    const at = deploy(caller)
    const reverted = only(traceAction(callOf(at, caller, 'writeThenRevert')))
    expect(reverted.failure?.frames.length).toBeGreaterThan(0)
    expect(reverted.failure?.gasLeft).toBe(reverted.gasLimit - reverted.gasUsed)
    const trapped = only(traceAction(callOf(at, caller, 'divide', [0])))
    expect(trapped.outcome).toMatchObject({ kind: 'failed', code: 'trapped' })
    expect(trapped.failure?.frames.length).toBeGreaterThan(0)
  })

  it('is traced too if no code ran: an unknown contract, a lifecycle method', () => {
    const nobody = toAddress(new Uint8Array(32).fill(3))
    const call = only(
      traceAction({ kind: 'call', contract: nobody, method: 'get', args: NOTHING, value: 0n }),
    )
    expect(call).toMatchObject({ codeHash: undefined, failure: undefined, isUndone: true })
    const at = deploy(counter)
    const init = only(traceAction({ kind: 'call', contract: at, method: 'init', args: NOTHING, value: 0n }))
    expect(init.outcome).toMatchObject({ kind: 'failed', code: 'unknown_method' })
  })
})

describe('the calls that led to a failure', () => {
  const names = (trace: Trace): string[] => failedCalls(trace).map(({ method }) => method)

  it('are the innermost that failed and those that it took along', () => {
    const inner = deploy(caller)
    const outer = deploy(caller)
    const trace = traceAction(callOf(outer, caller, 'incrementOther', [formatAddress(inner), '1']))
    expect(names(trace)).toEqual(['increment', 'incrementOther'])
  })

  it('are none if the call went on after a failure, and returned', () => {
    const inner = deploy(caller)
    const outer = deploy(caller)
    expect(names(traceAction(callOf(outer, caller, 'tryFailing', [formatAddress(inner)])))).toEqual([])
  })

  it('tell what the contract said', () => {
    const at = deploy(caller)
    const [call] = failedCalls(traceAction(callOf(at, caller, 'writeThenRevert')))
    expect(call?.outcome.kind === 'reverted' && decodeRevert(call.outcome.data)).toBe('as asked')
  })
})

describe('the limits of a trace', () => {
  const start = {
    kind: 'call',
    caller: alice.address,
    contract: alice.address,
    method: 'm',
    args: NOTHING,
    value: 0n,
    gasLimit: 1n,
  } as const
  const returned = { kind: 'returned', data: NOTHING, gasUsed: 1n } as const
  const reverted = { kind: 'reverted', data: NOTHING, gasUsed: 1n } as const

  it('leave out steps beyond them and say how many', () => {
    const tracer = new Tracer()
    tracer.enter(start)
    for (let i = 0; i < TRACE_LIMITS.steps + 4; i++) tracer.step({ kind: 'log', message: 'x' })
    tracer.leave(returned)
    const trace = tracer.finish(true)
    expect(only(trace).steps).toHaveLength(TRACE_LIMITS.steps - 1)
    expect(trace.stepsCut).toBe(5)
  })

  it('bound the bytes that are kept', () => {
    const tracer = new Tracer()
    tracer.enter(start)
    const data = new Uint8Array(TRACE_LIMITS.bytes / 2)
    for (let i = 0; i < 3; i++) tracer.step({ kind: 'event', topics: [], data })
    tracer.leave(returned)
    const trace = tracer.finish(true)
    expect(only(trace).steps).toHaveLength(2)
    expect(trace.stepsCut).toBe(1)
  })

  it('keep the way to a failure whole all the same', () => {
    const tracer = new Tracer()
    tracer.enter(start)
    for (let i = 0; i < TRACE_LIMITS.steps; i++) tracer.step({ kind: 'log', message: 'x' })
    const nested = (method: string, outcome: typeof returned | typeof reverted): void => {
      tracer.enter({ ...start, method })
      tracer.leave(outcome)
    }
    nested('first', reverted)
    nested('goes well', returned)
    tracer.enter({ ...start, method: 'second' })
    nested('innermost', reverted)
    tracer.leave(reverted)
    tracer.leave(reverted)
    expect(failedCalls(tracer.finish(false)).map(({ method }) => method)).toEqual([
      'innermost',
      'second',
      'm',
    ])
  })
})

it('a call does the same with a tracer as without', () => {
  const inner = deploy(counter)
  const outer = deploy(caller)
  const run = (tracer: Tracer | undefined) => {
    const state = new Overlay(chain.reader)
    const execution = new Execution({ vm: chain.vm, block: BLOCK, state, origin: alice.address, tracer })
    const args = encodeArguments(caller.abi, 'incrementOther', [formatAddress(inner), '7'])
    const outcome = callContract(execution, {
      caller: alice.address,
      to: outer,
      method: 'incrementOther',
      args,
      value: 0n,
      gasLimit: GAS,
      stackLimit: STACK_WORDS,
      isStatic: false,
    })
    return { outcome, events: execution.events, changes: state.changes() }
  }
  const plain = run(undefined)
  expect(plain.outcome.kind).toBe('returned')
  expect(run(new Tracer())).toEqual(plain)
  expect(run(new Tracer({ gas: true }))).toEqual(plain)
})
