/** A trace as JSON, raw: what the API sends. Bytes are `0x` hex, amounts and gas decimal strings. */
import { AbiError } from '../abi/error.ts'
import { type Abi, abiFromCode } from '../abi/types.ts'
import { formatAddress } from '../crypto/address.ts'
import type { CallOutcome } from '../../vm/execution.ts'
import type { Trace, TracedCall, TracedCallKind, TraceStep } from '../transition/trace.ts'
import type { CallGas, GasNode } from '../transition/trace-gas.ts'
import { toHex } from '../types/primitives.ts'
import { describeFailure, type Failure } from './failure.ts'
import type { SymbolStore } from './symbol-store.ts'

export type StepView =
  | {
      readonly kind: 'write'
      readonly key: string
      readonly before: string | null
      /** `null`: deleted. */
      readonly after: string | null
    }
  | { readonly kind: 'event'; readonly topics: readonly string[]; readonly data: string }
  | { readonly kind: 'transfer'; readonly to: string; readonly amount: string }
  | { readonly kind: 'log'; readonly message: string }
  | { readonly kind: 'call'; readonly call: CallView }

export type OutcomeView =
  | { readonly kind: 'returned' | 'reverted'; readonly data: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** See trace-gas.ts. */
export interface GasView {
  readonly functionIndex: number
  readonly callSite: number
  readonly spent: readonly (readonly [offset: number, gas: string])[]
  readonly hosts: readonly (readonly [offset: number, name: string, gas: string])[]
  readonly callees: readonly GasView[]
  /** Other contracts: the offset, and the place of the call among those that its caller made, from 0. */
  readonly nested: readonly (readonly [offset: number, call: number])[]
}

export interface CallView {
  readonly kind: TracedCallKind
  readonly caller: string
  readonly contract: string
  /** In hex without `0x`, as the symbols are named; `null` if no code ran. */
  readonly codeHash: string | null
  readonly method: string
  readonly args: string
  readonly value: string
  readonly gasLimit: string
  /** With what the calls inside used. */
  readonly gasUsed: string
  readonly outcome: OutcomeView
  readonly isUndone: boolean
  readonly steps: readonly StepView[]
  readonly gas: GasView | null
}

export interface TraceView {
  readonly calls: readonly CallView[]
  readonly stepsCut: number
  /** By code hash; `null` for code without a readable ABI. */
  readonly abis: Readonly<Record<string, Abi | null>>
  /** Where the last call failed; `null` if it did not. */
  readonly failure: Failure | null
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const orNull = (bytes: Uint8Array | undefined): string | null => (bytes === undefined ? null : hex(bytes))

const viewOutcome = (outcome: CallOutcome): OutcomeView =>
  outcome.kind === 'failed'
    ? { kind: outcome.kind, code: outcome.code, message: outcome.message }
    : { kind: outcome.kind, data: hex(outcome.data) }

const viewGas = (
  { functionIndex, callSite, spent, hosts, callees, nested }: GasNode,
  calls: Calls,
): GasView => ({
  functionIndex,
  callSite,
  spent: [...spent].map(([offset, gas]) => [offset, String(gas)]),
  hosts: [...hosts].flatMap(([offset, prices]) =>
    [...prices].map(([name, gas]) => [offset, name, String(gas)] as const),
  ),
  callees: [...callees.values()].map(callee => viewGas(callee, calls)),
  nested: nested.map(({ offset, gas }) => [offset, calls.indexOf(gas)]),
})
type Calls = readonly (CallGas | undefined)[]

const viewStep = (step: TraceStep): StepView => {
  switch (step.kind) {
    case 'write':
      return { kind: step.kind, key: hex(step.key), before: orNull(step.before), after: orNull(step.after) }
    case 'event':
      return { kind: step.kind, topics: step.topics.map(hex), data: hex(step.data) }
    case 'transfer':
      return { kind: step.kind, to: formatAddress(step.to), amount: String(step.amount) }
    case 'log':
      return step
    case 'call':
      return { kind: step.kind, call: viewCall(step.call) }
  }
}

const viewCall = (call: TracedCall): CallView => ({
  kind: call.kind,
  caller: formatAddress(call.caller),
  contract: formatAddress(call.contract),
  codeHash: call.codeHash === undefined ? null : toHex(call.codeHash),
  method: call.method,
  args: hex(call.args),
  value: String(call.value),
  gasLimit: String(call.gasLimit),
  gasUsed: String(call.gasUsed),
  outcome: viewOutcome(call.outcome),
  isUndone: call.isUndone,
  steps: call.steps.map(viewStep),
  gas:
    call.gas === undefined
      ? null
      : viewGas(
          call.gas.root,
          call.steps.flatMap(step => (step.kind === 'call' ? [step.call.gas] : [])),
        ),
})

const readAbi = (code: Uint8Array): Abi | null => {
  try {
    return abiFromCode(code) ?? null
  } catch (error) {
    if (error instanceof AbiError) return null
    throw error
  }
}

export const viewTrace = (trace: Trace, symbols: SymbolStore): TraceView => ({
  calls: trace.calls.map(viewCall),
  stepsCut: trace.stepsCut,
  abis: Object.fromEntries([...trace.codes].map(([hash, code]) => [hash, readAbi(code)])),
  failure: describeFailure(trace, symbols) ?? null,
})
