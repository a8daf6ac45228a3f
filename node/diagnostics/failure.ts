/**
 * Why a call failed and where, for people and as JSON: the failed calls from the innermost out, each with its
 * stack in the author's lines where there are symbols. The one place that puts a failure into words; tests, the
 * command line, the API and logs show what comes out of here.
 */
import { AbiError } from '../abi/error.ts'
import { abiFromCode } from '../abi/types.ts'
import { decodeRevert } from '../abi/values.ts'
import { formatAddress } from '../crypto/address.ts'
import { failedCalls, type Trace, type TracedCall, type TracedCallKind } from '../transition/trace.ts'
import { toHex } from '../types/primitives.ts'
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

const abiName = (code: Uint8Array | undefined): string | null => {
  if (code === undefined) return null
  try {
    return abiFromCode(code)?.name ?? null
  } catch (error) {
    if (error instanceof AbiError) return null
    throw error
  }
}

const reasonOf = ({ outcome }: TracedCall): { code: string; message: string } => {
  switch (outcome.kind) {
    case 'returned':
      throw new Error('a call that returned is no failure')
    case 'reverted':
      return { code: 'reverted', message: decodeRevert(outcome.data) }
    case 'failed':
      return { code: outcome.code, message: outcome.message }
  }
}

/** Authors look for their own lines: how `require` reverts, or arguments are decoded, is no news. */
const fromAuthors = (frames: readonly SourceFrame[]): readonly SourceFrame[] => {
  const first = frames.findIndex(isAuthorsFrame)
  return first < 0 ? frames : frames.slice(first, frames.findLastIndex(isAuthorsFrame) + 1)
}

const locate = (call: TracedCall, symbols: Symbols | undefined): readonly SourceFrame[] => {
  const frames = call.failure?.frames ?? []
  return symbols === undefined
    ? frames.map(({ functionIndex, offset }) => ({ functionIndex, offset, function: null, position: null }))
    : fromAuthors(frames.map(frame => symbols.locate(frame)))
}

const describeCall = (call: TracedCall, trace: Trace, store: SymbolStore): FailedCall => {
  const codeHash = call.codeHash === undefined ? undefined : toHex(call.codeHash)
  const symbols = codeHash === undefined ? undefined : store.get(codeHash)
  const frames = locate(call, symbols)
  const position = frames[0]?.position ?? undefined
  return {
    kind: call.kind,
    contract: formatAddress(call.contract),
    contractName: codeHash === undefined ? null : abiName(trace.codes.get(codeHash)),
    method: call.method,
    codeHash: codeHash ?? null,
    ...reasonOf(call),
    gasLeft: call.failure === undefined ? null : String(call.failure.gasLeft),
    hasSymbols: symbols !== undefined,
    frames: frames.slice(0, MAX_FRAMES),
    framesCut: Math.max(0, frames.length - MAX_FRAMES),
    excerpt: (position && symbols?.excerpt(position)) ?? null,
  }
}

/** `undefined` if the trace's last call returned. */
export const describeFailure = (trace: Trace, store: SymbolStore): Failure | undefined => {
  const calls = failedCalls(trace)
  return calls.length === 0 ? undefined : calls.map(call => describeCall(call, trace, store))
}

/** The same failure with the lines that `store` knows and whoever described it did not. */
export const withSymbols = (failure: Failure, store: SymbolStore): Failure =>
  failure.map(call => {
    if (call.hasSymbols || call.codeHash === null) return call
    const symbols = store.get(call.codeHash)
    if (symbols === undefined) return call
    const frames = fromAuthors(call.frames.map(frame => symbols.locate(frame)))
    const position = frames[0]?.position ?? undefined
    return {
      ...call,
      hasSymbols: true,
      frames,
      excerpt: (position && symbols.excerpt(position)) ?? null,
    }
  })
