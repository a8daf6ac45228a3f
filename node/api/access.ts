/** Who may ask: origins of browsers, and whoever shows the token. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** Any page may ask. A node that holds no keys of users has nothing that a foreign page could use. */
export const ANY_ORIGIN = '*'

export interface Access {
  /** Pages of these origins may read the answers; `*` stands for all. */
  readonly corsOrigins: readonly string[]
  /** Whoever asks has to show it. Default: nobody has to. */
  readonly token: string | undefined
}

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type, last-event-id, trpc-accept',
  'access-control-max-age': '86400',
} as const

export const isOriginAllowed = ({ corsOrigins }: Access, origin: string | undefined): boolean =>
  origin === undefined || corsOrigins.includes(ANY_ORIGIN) || corsOrigins.includes(origin)

/** What tells a browser whether its page may read the answer. */
export const corsHeaders = (
  access: Access,
  { origin }: IncomingHttpHeaders,
  method: string | undefined,
): Readonly<Record<string, string>> => {
  const preflight = method === 'OPTIONS' ? PREFLIGHT : {}
  if (access.corsOrigins.includes(ANY_ORIGIN))
    return { 'access-control-allow-origin': ANY_ORIGIN, ...preflight }
  if (origin === undefined || !access.corsOrigins.includes(origin)) return { vary: 'origin' }
  return { 'access-control-allow-origin': origin, vary: 'origin', ...preflight }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** `authorization` is what the header says, `Bearer …`. Takes as long for a token that is nearly right. */
export const isAuthorized = ({ token }: Access, authorization: string | undefined): boolean => {
  if (token === undefined) return true
  const [, shown = ''] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
  return timingSafeEqual(digest(shown), digest(token))
}

const LOOPBACK_NAMES = ['127.0.0.1', '[::1]', 'localhost']

/** A page whose name was made to lead here would be of this machine for its browser. */
export const isFromHere = ({ headers }: IncomingMessage): boolean =>
  headers.origin === undefined && LOOPBACK_NAMES.includes(headers.host?.replace(/:\d+$/, '') ?? '')

export const DENIED = {
  token:
    'this node asks for a token: show it in the header authorization: Bearer …; commands take it from the file that VEX_API_BEARER_TOKEN_FILE names',
  origin: 'pages of this origin may not ask this node: its operator lists them in api.corsOrigins',
  local: 'this listener answers programs on its own machine alone',
} as const
