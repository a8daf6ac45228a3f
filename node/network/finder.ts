/**
 * Keeps a node in company: calls persistent and bootstrap peers and those it has heard of (dialer.ts says when), looks for
 * more by walking to random places of the DHT, and remembers them over a restart.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import type { Logger } from 'pino'
import { type BookEntry, formatBook, parseBook } from './address-book.ts'
import { parseMultiaddr } from './multiaddr.ts'
import { type Callable, Dialer } from './dialer.ts'
import type { Host } from './host.ts'
import type { Entry, PeerTable } from './peer-table.ts'
import { HELLO_MS } from './welcome.ts'

const ENOUGH_PEERS = 16
const FEW_PEERS = 3
const CALLS_AT_ONCE = 8
const CALL_MS = 500
/** The first searches come one after another: a node that has just started knows nobody. */
const EARLY_SEARCHES = 8
const EARLY_SEARCH_MS = 1_500
const SEARCH_MS = 15_000
const SEARCH_LIMIT_MS = 10_000
const BOOK_MS = 30_000
const BOOK_ADDRESSES = 8
/** Of two that hear of each other at once one calls; the other waits so long for it. */
const COURTESY_MS = 3_000

export interface FinderOptions {
  readonly host: Host
  readonly table: PeerTable
  readonly logger: Logger
  /** Multiaddrs with peer ids. */
  readonly persistentPeers: readonly string[]
  readonly bootstrap: readonly string[]
  /** Calls nobody but persistent peers. */
  readonly isHidden: boolean
  readonly isDenied: (peer: string) => boolean
  readonly bookPath: string | undefined
}

/** Throws a RangeError for an address without a peer id. */
const toCallables = (addresses: readonly string[], tier: Callable['tier']): Callable[] => {
  const byPeer = new Map<string, string[]>()
  for (const address of addresses) {
    const peer = parseMultiaddr(address)?.peer
    if (peer === undefined)
      throw new RangeError(`${address} is not the address of a peer: /ip4/…/tcp/…/p2p/… is expected`)
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), address])
  }
  return Array.from(byPeer, ([peer, all]) => ({ peer, addresses: all, tier }))
}

export class Finder {
  readonly #options: FinderOptions
  readonly #dialer = new Dialer({
    enoughPeers: ENOUGH_PEERS,
    fewPeers: FEW_PEERS,
    callsAtOnce: CALLS_AT_ONCE,
  })
  readonly #persistent: readonly Callable[]
  readonly #bootstrap: readonly Callable[]
  readonly #book = new Map<string, BookEntry>()
  readonly #heardOfMs = new Map<string, number>()
  readonly #stopping = new AbortController()

  constructor(options: FinderOptions) {
    this.#options = options
    this.#persistent = toCallables(options.persistentPeers, 'persistent')
    this.#bootstrap = options.isHidden ? [] : toCallables(options.bootstrap, 'bootstrap')
  }

  isPersistent(peer: string): boolean {
    return this.#persistent.some(each => each.peer === peer)
  }

  async start(): Promise<void> {
    const { host, isHidden, bookPath } = this.#options
    await this.#readBook()
    void this.#repeat(
      n => (n === 0 ? 0 : CALL_MS),
      () => this.#callAround(),
    )
    if (host.services.dht !== undefined && !isHidden)
      void this.#repeat(
        n => (n < EARLY_SEARCHES ? EARLY_SEARCH_MS : SEARCH_MS),
        () => this.#search(),
      )
    if (bookPath !== undefined)
      void this.#repeat(
        () => BOOK_MS,
        () => this.#writeBook(),
      )
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#writeBook()
  }

  welcomed({ id }: Entry): void {
    this.#dialer.succeeded(id)
  }

  /** `waitMs`: before the n-th time, from 0. */
  async #repeat(waitMs: (n: number) => number, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping
    for (let n = 0; ; n++) {
      try {
        await sleep(waitMs(n), undefined, { signal, ref: false })
      } catch {
        return
      }
      try {
        await action()
      } catch (error) {
        if (!signal.aborted) this.#options.logger.warn({ error }, 'looking after peers went wrong')
      }
    }
  }

  async #callAround(): Promise<void> {
    const { host, isDenied } = this.#options
    const own = host.peerId.toString()
    const connected = new Set(host.getConnections().map(({ remotePeer }) => remotePeer.toString()))
    const all = [...this.#persistent, ...this.#bootstrap, ...(await this.#known(own))]
    const callables = all.filter(({ peer }) => peer !== own && !isDenied(peer))
    for (const callable of this.#dialer.next(callables, connected, Date.now())) void this.#call(callable)
  }

  /** Heard of through the DHT, mdns, an identify or the book. */
  async #known(own: string): Promise<Callable[]> {
    const { host, table, isHidden } = this.#options
    if (isHidden || table.size >= ENOUGH_PEERS) return []
    const nowMs = Date.now()
    const known = await host.peerStore.all()
    const isPatient = (peer: string): boolean => {
      const sinceMs = this.#heardOfMs.get(peer) ?? nowMs
      this.#heardOfMs.set(peer, sinceMs)
      return own > peer && nowMs - sinceMs < COURTESY_MS
    }
    if (this.#heardOfMs.size > 2 * known.length + 100) this.#heardOfMs.clear()
    return known
      .filter(({ id, addresses }) => addresses.length > 0 && !isPatient(id.toString()))
      .map(({ id }): Callable => ({ peer: id.toString(), addresses: [], tier: 'known' }))
  }

  async #call(callable: Callable): Promise<void> {
    const { host, table, logger } = this.#options
    const { peer, addresses } = callable
    try {
      const target = addresses.length > 0 ? addresses.map(each => multiaddr(each)) : peerIdFromString(peer)
      await host.dial(target, { signal: AbortSignal.timeout(HELLO_MS) })
      // Dialed is not welcomed.
      if ((await table.awaited(peer, HELLO_MS)) === undefined) this.#dialer.failed(callable, Date.now())
    } catch (error) {
      logger.debug({ peer, error }, 'a peer could not be reached')
      this.#dialer.failed(callable, Date.now())
    }
  }

  async #search(): Promise<void> {
    const { host, table } = this.#options
    const { dht } = host.services
    if (dht === undefined || table.size === 0) return
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(SEARCH_LIMIT_MS)])
    try {
      for await (const event of dht.getClosestPeers(randomBytes(32), { signal })) {
        if (event.name !== 'PEER_RESPONSE') continue
        for (const { id, multiaddrs } of event.closer)
          if (multiaddrs.length > 0 && !id.equals(host.peerId)) await host.peerStore.merge(id, { multiaddrs })
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  async #remember({ id, connection }: Entry): Promise<void> {
    const { addresses } = await this.#options.host.peerStore.get(connection.remotePeer)
    const dialed = connection.direction === 'outbound' ? [connection.remoteAddr.toString()] : []
    const all = [...dialed, ...addresses.map(({ multiaddr: each }) => each.toString())]
      .map(each => (each.includes('/p2p/') ? each : `${each}/p2p/${id}`))
      .filter(each => parseMultiaddr(each) !== undefined)
    if (all.length === 0) return
    const entry = { peer: id, addresses: [...new Set(all)].slice(0, BOOK_ADDRESSES), lastSeenMs: Date.now() }
    this.#book.set(id, entry)
  }

  async #readBook(): Promise<void> {
    const { bookPath, host } = this.#options
    if (bookPath === undefined) return
    let text: string
    try {
      text = readFileSync(bookPath, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    for (const entry of parseBook(text)) {
      this.#book.set(entry.peer, entry)
      const multiaddrs = entry.addresses.map(each => multiaddr(each))
      await host.peerStore.merge(peerIdFromString(entry.peer), { multiaddrs })
    }
  }

  async #writeBook(): Promise<void> {
    const { bookPath, table, logger } = this.#options
    if (bookPath === undefined) return
    try {
      for (const entry of table.all()) await this.#remember(entry)
      writeFileSync(`${bookPath}.new`, formatBook([...this.#book.values()]))
      renameSync(`${bookPath}.new`, bookPath)
    } catch (error) {
      logger.warn({ error }, 'the peers of this node are not remembered over a restart')
    }
  }
}
