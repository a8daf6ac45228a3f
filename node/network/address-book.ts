/** The peers a node has talked to, in a file beside its database: after a start it finds them without its bootstrap peers. */
import { z } from 'zod'
import { parseMultiaddr } from './multiaddr.ts'

export interface BookEntry {
  readonly peer: string
  readonly addresses: readonly string[]
  readonly lastSeenMs: number
}

const MAX_ENTRIES = 1_000
const MAX_ADDRESSES = 8

const schema = z.object({
  version: z.literal(1),
  peers: z
    .array(
      z.object({
        peer: z.string().max(128),
        addresses: z.array(z.string().max(256)).max(MAX_ADDRESSES),
        lastSeenMs: z.number().nonnegative(),
      }),
    )
    .max(MAX_ENTRIES),
})

/** Those seen last. */
export const formatBook = (entries: readonly BookEntry[]): string => {
  const peers = entries
    .toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)
    .slice(0, MAX_ENTRIES)
    .map(entry => ({ ...entry, addresses: entry.addresses.slice(0, MAX_ADDRESSES) }))
  return `${JSON.stringify({ version: 1, peers }, undefined, 2)}\n`
}

/** A book that cannot be read is an empty one: it is found again in seconds. */
export const parseBook = (text: string): readonly BookEntry[] => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return []
  }
  const parsed = schema.safeParse(json)
  if (!parsed.success) return []
  return parsed.data.peers.filter(({ addresses }) =>
    addresses.every(each => parseMultiaddr(each) !== undefined),
  )
}
