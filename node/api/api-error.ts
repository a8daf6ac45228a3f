/**
 * Errors as the API gives them: each carries `data.vex = {code, detail}` and a sentence that says what to do, never a
 * stack trace of the node. Those of a contract's call carry more: see {@link CallDetails}.
 */
import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import type { Failure } from '../diagnostics/failure.ts'
import { QueryError } from '../execution/query.ts'
import { describeIssues } from './inputs.ts'

export type ApiErrorCode =
  | 'not_found'
  | 'bad_input'
  | 'refused'
  | 'call_failed'
  | 'timeout'
  /** Too much is asked at once; the same call may go through later. */
  | 'busy'
  /** The node's token was not shown. */
  | 'unauthorized'
  | 'stopping'
  | 'internal'

/** What a failed call left behind. */
export interface CallDetails {
  /** What the contract passed to `revert`, in hex. */
  readonly data?: string
  /** Where it failed. */
  readonly failure?: Failure | undefined
}

/** An error the user is meant to read; `detail` is the finer code, such as a refusal's. */
export class ApiError extends TRPCError {
  readonly vexCode: ApiErrorCode
  readonly detail: string | undefined
  readonly call: CallDetails
  constructor(vexCode: ApiErrorCode, message: string, detail?: string, call: CallDetails = {}) {
    const codes = {
      not_found: 'NOT_FOUND',
      bad_input: 'BAD_REQUEST',
      refused: 'UNPROCESSABLE_CONTENT',
      call_failed: 'UNPROCESSABLE_CONTENT',
      timeout: 'TIMEOUT',
      busy: 'TOO_MANY_REQUESTS',
      unauthorized: 'UNAUTHORIZED',
      stopping: 'SERVICE_UNAVAILABLE',
      internal: 'INTERNAL_SERVER_ERROR',
    } as const
    super({ code: codes[vexCode], message })
    this.vexCode = vexCode
    this.detail = detail
    this.call = call
  }
}

/** What tRPC itself refuses, where its own words do not say what to do. */
const MESSAGES: Partial<Record<TRPCError['code'], string>> = {
  INTERNAL_SERVER_ERROR: 'the node failed to answer; its log says why',
  PAYLOAD_TOO_LARGE: 'the request is larger than the node reads. Send fewer transactions at once',
}

/** What a query's own failure is to the caller. */
export const answered = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof QueryError) || error.code === 'fault') throw error
    const code = error.code === 'time_limit' ? 'call_failed' : error.code
    throw new ApiError(code, error.message, error.code === 'time_limit' ? 'time_limit' : undefined)
  }
}

/** The shape that goes out: tRPC's own, with our code, and our words where the error is not meant for the user. */
export const describeError = <S extends { message: string; data: object }>(shape: S, error: TRPCError) => {
  const vex = (code: ApiErrorCode, detail: string | null = null, call: CallDetails = {}) => ({
    ...shape.data,
    vex: { code, detail, ...call },
  })
  if (error instanceof ApiError)
    return { ...shape, data: vex(error.vexCode, error.detail ?? null, error.call) }
  if (error.cause instanceof z.ZodError) {
    return { ...shape, message: describeIssues(error.cause.issues), data: vex('bad_input') }
  }
  const code = error.code === 'INTERNAL_SERVER_ERROR' ? 'internal' : 'bad_input'
  return { ...shape, message: MESSAGES[error.code] ?? shape.message, data: vex(code) }
}
