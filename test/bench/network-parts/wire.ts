/** What test/net/wire-count.ts says in each node's log, and what came between two moments. */
import type { World } from '../../net/world.ts'

export const WIRE_COUNT = new URL('../../net/wire-count.ts', import.meta.url).href

/** Of one node, since it began. */
interface Wire {
  readonly atMs: number
  readonly links: number
  readonly bytesWritten: number
  readonly transactions: number
  readonly different: number
  readonly repeats: number
  readonly unreadable: number
}

/** Of each node, by place, as it was within the last second. */
export const readWire = (world: World): Wire[] =>
  world.devnet.nodes.map(({ name }) => {
    const said = world.lines.findLast(({ node, line }) => node === name && line.msg === 'wire')
    if (said === undefined) throw new Error(`${name} says nothing of its connections`)
    return said.line as unknown as Wire
  })

export interface WireFigures {
  /** One way, all protocols, encrypted. */
  readonly bytesPerLinkSecond: number
  /** Of a transaction that a node got by gossip: how often it got it, from all its peers together. */
  readonly copies: number
  /** And how many of a thousand copies came from a peer that had sent it before. */
  readonly repeatsPerThousand: number
}

export const wireFigures = (before: readonly Wire[], after: readonly Wire[]): WireFigures => {
  let [bytesPerSecond, links, transactions, different, repeats] = [0, 0, 0, 0, 0]
  for (const [place, now] of after.entries()) {
    const then = before[place]
    if (then === undefined) continue
    if (now.unreadable > 0)
      throw new Error(`${now.unreadable} gossip messages of honest nodes were not understood`)
    bytesPerSecond += ((now.bytesWritten - then.bytesWritten) / (now.atMs - then.atMs)) * 1_000
    links += now.links
    transactions += now.transactions - then.transactions
    different += now.different - then.different
    repeats += now.repeats - then.repeats
  }
  return {
    bytesPerLinkSecond: bytesPerSecond / links,
    copies: transactions / different,
    repeatsPerThousand: (1_000 * repeats) / transactions,
  }
}
