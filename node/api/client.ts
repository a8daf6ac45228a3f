/**
 * The typed client: everything the API has, with the types of the router and no code generation.
 *
 *   const vex = createApiClient({ url: 'http://127.0.0.1:4100' })
 *   const info = await vex.api.chain.info.query()
 *
 * Queries and mutations go over HTTP, one request each; subscriptions over a WebSocket that
 * is opened with the first of them and resumes after a break where it stopped. `token` is what a node asks for that
 * was started with `api.bearerTokenFile`. How often a question is asked that got no answer: see retry.ts.
 */
import {
  createTRPCClient,
  createWSClient,
  httpLink,
  splitLink,
  TRPCClientError,
  type TRPCClient,
  wsLink,
} from '@trpc/client'
import type { ApiErrorCode, CallDetails } from './api-error.ts'
import { createPatientFetch, DEFAULT_RETRY, readRetryAfterMs, type RetryPolicy } from './retry.ts'
import type { ApiRouter } from './router.ts'

export interface ApiClient {
  readonly api: TRPCClient<ApiRouter>
  readonly url: string
  /** As it was set, with the defaults; `undefined` if questions are asked once. */
  readonly retry: RetryPolicy | undefined
  /** Ends subscriptions and their connection. */
  close(): void
}

export interface ApiClientOptions {
  readonly url: string
  readonly token?: string | undefined
  /** What is set differs from the defaults. Left out: every question is asked once, and waits as long as it takes. */
  readonly retry?: Partial<RetryPolicy> | undefined
}

export const createApiClient = ({ url, token, retry: given }: ApiClientOptions): ApiClient => {
  const retry = given && { ...DEFAULT_RETRY, ...given }
  const base = url.replace(/\/+$/, '')
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const sockets = createWSClient({
    url: `${base.replace(/^http/, 'ws')}/trpc`,
    lazy: { enabled: true, closeMs: 1_000 },
    ...(headers === undefined ? {} : { connectionParams: headers }),
  })
  const api = createTRPCClient<ApiRouter>({
    links: [
      splitLink({
        condition: operation => operation.type === 'subscription',
        true: wsLink({ client: sockets }),
        // One request a call: collecting the calls of a tick into one request makes each wait for a timer, and
        // for the slowest. POST, because simulating a deploy carries the code, too much for the address of a GET.
        false: httpLink({
          url: `${base}/trpc`,
          methodOverride: 'POST',
          ...(headers === undefined ? {} : { headers }),
          ...(retry === undefined ? {} : { fetch: createPatientFetch(retry) }),
        }),
      }),
    ],
  })
  return {
    api,
    url: base,
    retry,
    close() {
      void sockets.close()
    },
  }
}

export interface ApiFailure {
  /**
   * `unreachable`: nothing answers; `not_vex`: something does, but it is no Vex node; `aborted`: whoever asked gave up.
   * What stands before a node and finds it gone or too busy is `unreachable` and `busy`.
   */
  readonly code: ApiErrorCode | 'unreachable' | 'not_vex' | 'aborted'
  /** The finer code, such as why a transaction was refused. */
  readonly detail: string | undefined
  readonly message: string
  /** Of a view that failed. */
  readonly call?: CallDetails
  /** How long the server asks to wait before it is asked again. */
  readonly retryAfterMs?: number | undefined
}

/** The innermost reason: `fetch` itself says no more than that it failed. */
const rootCause = (error: Error): Error => {
  let at: Error = error
  while (at.cause instanceof Error) at = at.cause
  return at
}

const START_ONE = 'Start one with "vex dev", or give its address with --url'

/** An answer came whole, but it is none of the API's: no HTTP, no JSON, or other JSON. */
const isForeignAnswer = ({ meta, cause }: TRPCClientError<ApiRouter>, root: Error): boolean =>
  root.name === 'HTTPParserError' || cause instanceof SyntaxError || meta?.['response'] !== undefined

/** What `fetch` answered, if it did. */
const responseOf = ({ meta }: TRPCClientError<ApiRouter>): Pick<Response, 'status' | 'headers'> | undefined =>
  meta?.['response'] as Response | undefined

const GATEWAY_STATUS: ReadonlySet<number> = new Set([502, 503, 504])

const withoutAnswer = (error: TRPCClientError<ApiRouter>, url: string | undefined): ApiFailure => {
  const root = rootCause(error)
  const at = url === undefined ? '' : ` at ${url}`
  if (root.name === 'AbortError') return { code: 'aborted', detail: undefined, message: 'it was given up' }
  const { status = 0 } = responseOf(error) ?? {}
  if (status === 429)
    return {
      code: 'busy',
      detail: undefined,
      message: `too many requests${at}: what stands before the node takes no more for now`,
    }
  if (GATEWAY_STATUS.has(status))
    return {
      code: 'unreachable',
      detail: undefined,
      message: `the node${at} is not there: what stands before it answers ${status}`,
    }
  const { code = '' } = root as NodeJS.ErrnoException
  if (code.startsWith('ERR_SSL_'))
    return {
      code: 'not_vex',
      detail: undefined,
      message: `something answers${at}, but not in TLS. Write http:// unless a proxy is there that offers https://`,
    }
  if (isForeignAnswer(error, root))
    return {
      code: 'not_vex',
      detail: undefined,
      message: `something answers${at}, but it is not a Vex node. ${START_ONE}`,
    }
  // Some ports are closed to every client that follows the Fetch standard.
  const isBlocked = root.message === 'bad port'
  const reason = isBlocked ? 'no client may use this port: the Fetch standard blocks it' : root.message
  return {
    code: 'unreachable',
    detail: undefined,
    message: `no Vex node answers${at} (${reason}). ${START_ONE}`,
  }
}

/** What went wrong, if `error` came from the API or from not reaching it; `undefined` for anything else. */
export const apiFailure = (error: unknown, url?: string): ApiFailure | undefined => {
  if (!(error instanceof TRPCClientError)) return undefined
  const data: unknown = error.data
  const retryAfterMs = readRetryAfterMs(responseOf(error)?.headers.get('retry-after'), Date.now())
  if (typeof data === 'object' && data !== null && 'vex' in data) {
    const { code, detail, ...call } = data.vex as { code: ApiErrorCode; detail: string | null } & CallDetails
    return { code, detail: detail ?? undefined, message: error.message, call, retryAfterMs }
  }
  return { ...withoutAnswer(error, url), retryAfterMs }
}
