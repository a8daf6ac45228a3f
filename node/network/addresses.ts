/** Which of a node's own addresses it tells others. */
import { parseMultiaddr } from './multiaddr.ts'

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::'

const isLoopback = (host: string): boolean => host.startsWith('127.') || host === '::1'

/** Unique local, link local, private and shared ranges (RFC 1918, 3927, 4193, 4291, 6598). */
const LOCAL = [
  /^10\./,
  /^192\.168\./,
  /^172\.(1[6-9]|2\d|3[01])\./,
  /^169\.254\./,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./,
  /^f[cd]/i,
  /^fe[89ab]/i,
]

/**
 * What one listens on by name is announced as it is. Of a wildcard, what others can reach: addresses of the internet, and
 * with `wantsLocal` those of the local network too; never loopback.
 */
export const isAnnounced = (
  address: string,
  { listen, wantsLocal }: { readonly listen: readonly string[]; readonly wantsLocal: boolean },
): boolean => {
  const parts = parseMultiaddr(address)
  if (parts === undefined) return false
  const isNamed = listen.some(each => parseMultiaddr(each)?.host === parts.host)
  if (isNamed && !isWildcard(parts.host)) return true
  if (isLoopback(parts.host) || isWildcard(parts.host)) return false
  return wantsLocal || !LOCAL.some(range => range.test(parts.host))
}
