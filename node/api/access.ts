/** Who may ask: origins of browsers, and whoever shows the token. Pure. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

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
): OutgoingHttpHeaders => {
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
