/**
 * Addresses of nodes, checked in their form: `/ip4/1.2.3.4/tcp/4101`, `/dns4/node.example.org/tcp/4101/p2p/12D3KooW…`.
 * Whether somebody is there shows when it is dialled.
 */
import { isIPv4, isIPv6 } from 'node:net'

const EXAMPLE = '/ip4/203.0.113.7/tcp/4101/p2p/12D3KooW…'
const MAX_PORT = 65_535

/** Of an Ed25519 key, as all nodes have: a fixed beginning, and 44 digits in base 58. */
export const isPeerId = (text: string): boolean => /^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/.test(text)

const LABEL = /^[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/

const isHostName = (text: string): boolean =>
  text.length <= 253 && text.split('.').every(label => LABEL.test(label))

const HOSTS: Readonly<Record<string, (host: string) => boolean>> = {
  ip4: isIPv4,
  ip6: isIPv6,
  dns: isHostName,
  dns4: isHostName,
  dns6: isHostName,
}

/**
 * What an address is for: where this node listens, where port 0 chooses one; what others are told; whom to call, which
 * takes the peer id, for nobody else may answer there.
 */
export type AddressUse = 'listen' | 'announce' | 'call'

/** What is wrong with the form, as a part of a sentence; `undefined`: nothing. */
export const multiaddrProblem = (text: string, use: AddressUse): string | undefined => {
  const minPort = use === 'listen' ? 0 : 1
  const [empty, protocol = '', host = '', transport, port = '', ...rest] = text.split('/')
  const isHost = Object.hasOwn(HOSTS, protocol) ? HOSTS[protocol] : undefined
  if (empty !== '' || isHost === undefined)
    return `expected an address such as ${EXAMPLE}, that begins with ${Object.keys(HOSTS)
      .map(name => `/${name}/`)
      .join(', ')}`
  if (!isHost(host)) return `${JSON.stringify(host)} is no address or name for /${protocol}/`
  if (transport !== 'tcp') return `expected /tcp/ and a port after /${protocol}/${host}`
  if (!/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > MAX_PORT || Number(port) < minPort)
    return `expected a port from ${minPort} to ${MAX_PORT} after /tcp/`
  const [p2p, id = '', ...more] = rest
  if (p2p === undefined)
    return use === 'call' ? `the peer id is missing: /p2p/12D3KooW… after /tcp/${port}` : undefined
  if (p2p !== 'p2p' || more.length > 0) return `nothing but /p2p/ and a peer id may follow /tcp/${port}`
  return isPeerId(id) ? undefined : `${JSON.stringify(id)} is no peer id: it begins with 12D3KooW`
}

export interface MultiaddrParts {
  readonly host: string
  readonly port: number
  readonly peer: string | undefined
}

/** `undefined` for one whose form is not this one. */
export const parseMultiaddr = (text: string): MultiaddrParts | undefined => {
  if (multiaddrProblem(text, 'listen') !== undefined) return undefined
  const [, , host = '', , port, , peer] = text.split('/')
  return { host, port: Number(port), peer }
}
