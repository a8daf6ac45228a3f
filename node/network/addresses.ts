/** Which of a node's own addresses it tells others, and how multiaddrs are read here: `/ip4/1.2.3.4/tcp/4160/p2p/12D3…`. */

export interface AddressParts {
  /** `ip4`, `ip6`, `dns4`, `dns6`. */
  readonly family: string
  readonly host: string
  readonly port: number
  readonly peer: string | undefined
}

const FORM = /^\/(ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d{1,5})(?:\/p2p\/([^/]+))?$/

export const parseAddress = (address: string): AddressParts | undefined => {
  const [, family, host, port, peer] = FORM.exec(address) ?? []
  return family === undefined || host === undefined || Number(port) > 65_535
    ? undefined
    : { family, host, port: Number(port), peer }
}

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
  const parts = parseAddress(address)
  if (parts === undefined) return false
  const isNamed = listen.some(each => parseAddress(each)?.host === parts.host)
  if (isNamed && !isWildcard(parts.host)) return true
  if (isLoopback(parts.host) || isWildcard(parts.host)) return false
  return wantsLocal || !LOCAL.some(range => range.test(parts.host))
}
