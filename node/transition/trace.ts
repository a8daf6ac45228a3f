/**
 * What a transaction or a view did, call by call: for people, never for the chain. An {@link Execution} with a
 * {@link Tracer} does exactly what one without does; one without pays nothing for it.
 *
 * Bounded: steps and bytes beyond {@link TRACE_LIMITS} are counted and left out, but for the last nested call of
 * each call that failed, so that the way to a failure is always whole.
 */
import type { CallObserver, CallOutcome, CodeFrame } from '../../vm/execution.ts'
import { type Address, type Amount, type Gas, type Hash, toHex } from '../types/primitives.ts'
import { CallGas } from './trace-gas.ts'

export const TRACE_LIMITS = {
  /** Of all calls together; a call is one too. */
  steps: 10_000,
  /** Arguments, stored keys and values, events, messages, results. */
  bytes: 4 * 1024 * 1024,
  /** Codes kept for who reads the trace: each at most 128 KiB. */
  codes: 64,
} as const

export type TracedCallKind = 'call' | 'view' | 'deploy' | 'upgrade'

export type TraceStep =
  /** Of the contract's own storage: a written value, or a deleted one. */
  | {
      readonly kind: 'write'
      readonly key: Uint8Array
      readonly before: Uint8Array | undefined
      readonly after: Uint8Array | undefined
    }
  | { readonly kind: 'event'; readonly topics: readonly Uint8Array[]; readonly data: Uint8Array }
  /** Units that the contract paid. */
  | { readonly kind: 'transfer'; readonly to: Address; readonly amount: Amount }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'call'; readonly call: TracedCall }

/** Where a call was when it failed. */
export interface FailurePoint {
  /** Innermost first; of this call's code only. */
  readonly frames: readonly CodeFrame[]
  readonly gasLeft: Gas
}

export interface TracedCall {
  readonly kind: TracedCallKind
  readonly caller: Address
  readonly contract: Address
  /** `undefined`: the call failed before there was code to run. */
  readonly codeHash: Hash | undefined
  readonly method: string
  readonly args: Uint8Array
  readonly value: Amount
  readonly gasLimit: Gas
  readonly gasUsed: Gas
  readonly outcome: CallOutcome
  /** `undefined` if it returned, or failed before any code ran. */
  readonly failure: FailurePoint | undefined
  /** In order. */
  readonly steps: readonly TraceStep[]
  /** What it changed did not last: it failed, or one that called it, or the transaction. */
  readonly isUndone: boolean
  /** `undefined` unless the trace was asked for it. */
  readonly gas: CallGas | undefined
}

export interface Trace {
  /** Calls that the transaction's actions made, in order; a plain transfer makes none. */
  readonly calls: readonly TracedCall[]
  /** Steps that were left out. */
  readonly stepsCut: number
  /** Code that ran, by its hash in hex. */
  readonly codes: ReadonlyMap<string, Uint8Array>
}

type OpenCall = { -readonly [K in keyof TracedCall]: TracedCall[K] } & {
  steps: TraceStep[]
  isKept: boolean
  /** The last failed call beyond the limits. */
  lastFailed: TracedCall | undefined
}

export type CallStart = Pick<
  TracedCall,
  'kind' | 'caller' | 'contract' | 'method' | 'args' | 'value' | 'gasLimit'
>

const NOTHING = new Uint8Array(0)
const UNFINISHED: CallOutcome = { kind: 'returned', data: NOTHING, gasUsed: 0n }

const bytesOf = (step: Exclude<TraceStep, { kind: 'call' }>): number => {
  switch (step.kind) {
    case 'write':
      return step.key.length + (step.before?.length ?? 0) + (step.after?.length ?? 0)
    case 'event':
      return step.topics.reduce((sum, topic) => sum + topic.length, step.data.length)
    case 'transfer':
      return step.to.length
    case 'log':
      return step.message.length
  }
}

const didFail = (step: TraceStep | undefined): step is Extract<TraceStep, { kind: 'call' }> =>
  step?.kind === 'call' && step.call.outcome.kind !== 'returned'

/** Of one transaction or view. Hand it to an Execution, then ask for the {@link Trace}. */
export class Tracer {
  readonly #hasGas: boolean
  readonly #calls: TracedCall[] = []
  readonly #open: OpenCall[] = []
  readonly #codes = new Map<string, Uint8Array>()
  #steps = 0
  #bytes = 0
  #cut = 0

  /** `gas`: each call notes where its gas went, which slows it down. */
  constructor({ gas = false }: { gas?: boolean } = {}) {
    this.#hasGas = gas
  }

  /** Counts a step; false if it is beyond the limits. */
  #take(bytes: number): boolean {
    if (this.#steps >= TRACE_LIMITS.steps || this.#bytes + bytes > TRACE_LIMITS.bytes) {
      this.#cut++
      return false
    }
    this.#steps++
    this.#bytes += bytes
    return true
  }

  enter(start: CallStart): void {
    const outer = this.#open.at(-1)
    const isKept = (outer?.isKept ?? true) && this.#take(start.args.length)
    this.#open.push({
      ...start,
      codeHash: undefined,
      gasUsed: 0n,
      outcome: UNFINISHED,
      failure: undefined,
      steps: [],
      isUndone: false,
      gas: this.#hasGas && isKept ? new CallGas() : undefined,
      isKept,
      lastFailed: undefined,
    })
  }

  /** The code of the call that was entered last. */
  runs(codeHash: Hash, code: () => Uint8Array): void {
    const call = this.#open.at(-1)
    if (call === undefined) return
    call.codeHash = codeHash
    const name = toHex(codeHash)
    if (!this.#codes.has(name) && this.#codes.size < TRACE_LIMITS.codes) this.#codes.set(name, code())
  }

  /** For the VM, of the call that was entered last. */
  observer(): CallObserver {
    const call = this.#open.at(-1)
    return {
      failed: (frames, gasLeft) => {
        if (call !== undefined) call.failure = { frames, gasLeft }
      },
      ...(call?.gas !== undefined && { profile: call.gas }),
    }
  }

  leave(outcome: CallOutcome): void {
    const done = this.#open.pop()
    if (done === undefined) throw new Error('a call ended that was not traced')
    const { isKept, lastFailed, ...call } = done
    if (lastFailed !== undefined) call.steps.push({ kind: 'call', call: lastFailed })
    const traced: TracedCall = { ...call, outcome, gasUsed: outcome.gasUsed }
    const outer = this.#open.at(-1)
    if (!isKept) {
      if (outer !== undefined) outer.lastFailed = outcome.kind === 'returned' ? undefined : traced
      else this.#calls.push(traced)
      return
    }
    if (outer === undefined) this.#calls.push(traced)
    else {
      outer.steps.push({ kind: 'call', call: traced })
      if (traced.gas !== undefined) outer.gas?.nested(traced.gas)
    }
  }

  /** Of the call that was entered last. */
  step(step: Exclude<TraceStep, { kind: 'call' }>): void {
    const call = this.#open.at(-1)
    if (call === undefined) return
    // Beyond the limits it is no more the last thing that happened.
    call.lastFailed = undefined
    if (call.isKept && this.#take(bytesOf(step))) call.steps.push(step)
    else if (!call.isKept) this.#cut++
  }

  /** `isKept`: what the transaction did lasts. A view changes nothing that could. */
  finish(isKept: boolean): Trace {
    return {
      calls: this.#calls.map(call => withUndone(call, !isKept)),
      stepsCut: this.#cut,
      codes: this.#codes,
    }
  }
}

const withUndone = (call: TracedCall, isOuterUndone: boolean): TracedCall => {
  const isUndone = isOuterUndone || call.outcome.kind !== 'returned'
  return {
    ...call,
    isUndone,
    steps: call.steps.map(step =>
      step.kind === 'call' ? { kind: 'call', call: withUndone(step.call, isUndone) } : step,
    ),
  }
}

/**
 * The failed calls that led to the end of the last call, innermost first: a call belongs to them if it is the
 * last thing that its failed caller did. Empty if that call returned.
 */
export const failedCalls = ({ calls }: Pick<Trace, 'calls'>): TracedCall[] => {
  const chain: TracedCall[] = []
  let at = calls.at(-1)
  while (at !== undefined && at.outcome.kind !== 'returned') {
    chain.unshift(at)
    const last: TraceStep | undefined = at.steps.findLast(({ kind }) => kind !== 'log')
    at = didFail(last) ? last.call : undefined
  }
  return chain
}
