/**
 * Why a call failed and where, for people and as JSON: the failed calls from the innermost out, each with its
 * stack in the author's lines where there are symbols. The one place that puts a failure into words; tests, the
 * command line, the API and logs show what comes out of here.
 */
import { AbiError } from '../abi/error.ts'
import { formatRecord } from '../abi/format-value.ts'
import { type Abi, abiFromCode } from '../abi/types.ts'
import { decodeError, decodeRevert } from '../abi/values.ts'
import { formatAddress } from '../crypto/address.ts'
import { failedCalls, type Trace, type TracedCall, type TracedCallKind } from '../transition/trace.ts'
import { bytesEqual, toHex } from '../types/primitives.ts'
import type { CodeFrame } from '../../vm/execution.ts'
import type { SymbolStore } from './symbol-store.ts'
import { type Excerpt, isAuthorsFrame, type SourceFrame, type Symbols } from './symbols.ts'

/** Of one call; a recursion may have thousands. */
const MAX_FRAMES = 64

/** JSON: what the API sends. */
export interface FailedCall {
  readonly kind: TracedCallKind
  readonly contract: string
  /** Of the contract's class; `null` if its code has no ABI. */
  readonly contractName: string | null
  readonly method: string
  /** In hex; `null` if no code ran. */
  readonly codeHash: string | null
  readonly code: string
  readonly message: string
  /** At the point of failure; `null` if no code ran. */
  readonly gasLeft: string | null
  readonly hasSymbols: boolean
  /** Innermost first; from the author's first to the author's last, if any is the author's. */
  readonly frames: readonly SourceFrame[]
  /** How many outer frames are left out. */
  readonly framesCut: number
  /** The lines around the first frame of the author's. */
  readonly excerpt: Excerpt | null
}

/** Innermost first: the call that failed by itself, then those that it took along. Never empty. */
export type Failure = readonly FailedCall[]

const readAbi = (code: Uint8Array | undefined): Abi | undefined => {
  if (code === undefined) return undefined
  try {
    return abiFromCode(code)
  } catch (error) {
    if (error instanceof AbiError) return undefined
    throw error
  }
}

/** What was described before: the call that this one made last, and its words. */
interface Inner {
  readonly outcome: TracedCall['outcome']
  readonly message: string
}

/** The contract's own error with its fields, or that of a contract it called, passed on as it came. */
const revertMessage = (data: Uint8Array, abi: Abi | undefined, inner: Inner | undefined): string => {
  const error = abi && decodeError(abi, data)
  if (error !== undefined) return formatRecord(error)
  const isPassedOn = inner?.outcome.kind === 'reverted' && bytesEqual(inner.outcome.data, data)
  return isPassedOn ? inner.message : decodeRevert(data)
}

const reasonOf = (
  { outcome }: TracedCall,
  abi: Abi | undefined,
  inner: Inner | undefined,
): { code: string; message: string } => {
  switch (outcome.kind) {
    case 'returned':
      throw new Error('a call that returned is no failure')
    case 'reverted':
      return { code: 'reverted', message: revertMessage(outcome.data, abi, inner) }
    case 'failed':
      return { code: outcome.code, message: outcome.message }
  }
}

/**
 * Authors look for their own lines: how `require` reverts is no news. Where none of them runs, as while arguments are
 * decoded, it is the method that was called.
 */
const fromAuthors = (bare: readonly CodeFrame[], symbols: Symbols): readonly SourceFrame[] => {
  const frames = bare.map(frame => symbols.locate(frame))
  const first = frames.findIndex(isAuthorsFrame)
  if (first >= 0) return frames.slice(first, frames.findLastIndex(isAuthorsFrame) + 1)
  const method = frames.at(-1)
  const position = method && symbols.declaration(method)
  return method === undefined || position === undefined ? frames : [{ ...method, position }]
}

const locate = (call: TracedCall, symbols: Symbols | undefined): readonly SourceFrame[] => {
  const frames = call.failure?.frames ?? []
  return symbols === undefined
    ? frames.map(({ functionIndex, offset }) => ({ functionIndex, offset, function: null, position: null }))
    : fromAuthors(frames, symbols)
}

const describeCall = (
  call: TracedCall,
  inner: Inner | undefined,
  trace: Trace,
  store: SymbolStore,
): FailedCall => {
  const codeHash = call.codeHash === undefined ? undefined : toHex(call.codeHash)
  const symbols = codeHash === undefined ? undefined : store.get(codeHash)
  const abi = codeHash === undefined ? undefined : readAbi(trace.codes.get(codeHash))
  const frames = locate(call, symbols)
  const position = frames[0]?.position ?? undefined
  return {
    kind: call.kind,
    contract: formatAddress(call.contract),
    contractName: abi?.name ?? null,
    method: call.method,
    codeHash: codeHash ?? null,
    ...reasonOf(call, abi, inner),
    gasLeft: call.failure === undefined ? null : String(call.failure.gasLeft),
    hasSymbols: symbols !== undefined,
    frames: frames.slice(0, MAX_FRAMES),
    framesCut: Math.max(0, frames.length - MAX_FRAMES),
    excerpt: (position && symbols?.excerpt(position)) ?? null,
  }
}

/** `undefined` if the trace's last call returned. */
export const describeFailure = (trace: Trace, store: SymbolStore): Failure | undefined => {
  const described: FailedCall[] = []
  let inner: Inner | undefined
  for (const call of failedCalls(trace)) {
    const failed = describeCall(call, inner, trace, store)
    inner = { outcome: call.outcome, message: failed.message }
    described.push(failed)
  }
  return described.length === 0 ? undefined : described
}

/** The same failure with the lines that `store` knows and whoever described it did not. */
export const withSymbols = (failure: Failure, store: SymbolStore): Failure =>
  failure.map(call => {
    if (call.hasSymbols || call.codeHash === null) return call
    const symbols = store.get(call.codeHash)
    if (symbols === undefined) return call
    const frames = fromAuthors(call.frames, symbols)
    const position = frames[0]?.position ?? undefined
    return {
      ...call,
      hasSymbols: true,
      frames,
      excerpt: (position && symbols.excerpt(position)) ?? null,
    }
  })
