/**
 * A network of nodes on this machine: makes their directories, starts a process for each, and, where links are to be cut,
 * a proxy for each way from one to another. For `vex devnet`, and for tests and benchmarks that need many nodes.
 */
import { existsSync } from 'node:fs'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseGenesis } from '../../node/genesis-file.ts'
import { initDirectory } from '../../node/init-directory.ts'
import { peerIdOf } from '../../node/network/peer-id.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { makeFolder } from '../../node/storage/make-folder.ts'
import { readTextIfThere } from '../../node/storage/read-text.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual } from '../../node/types/primitives.ts'
import { CliError } from '../errors.ts'
import { type LinkProxy, startLinkProxy } from './link-proxy.ts'
import { type NodeChild, type NodeLine, startNodeChild } from './node-child.ts'
import type { DevnetPlan, PlannedNode } from './plan.ts'

export interface DevnetOptions {
  readonly plan: DevnetPlan
  readonly folder: string
  readonly command: readonly [string, ...string[]]
  /** Nodes talk through proxies only, one for each pair and direction, so that links can be cut. */
  readonly hasCuttableLinks: boolean
  readonly onLine: (node: PlannedNode, line: NodeLine, devnet: Devnet) => void
  /** Put before the settings of config.json. */
  readonly environmentOf?: (node: PlannedNode) => Readonly<Record<string, string>>
  /** Whether the node is started with the others; by default all are. */
  readonly isStarted?: (node: PlannedNode) => boolean
}

export interface Devnet {
  readonly nodes: readonly PlannedNode[]
  child(place: number): NodeChild
  /** By peer id: the name of the node. */
  readonly names: ReadonlyMap<string, string>
  /** Of its API, once it is ready. */
  url(place: number): Promise<string>
  /** Starts the process of a node that has ended. */
  start(place: number): NodeChild
  /** Where the others reach it. */
  networkAddress(place: number): string
  /** Between two nodes, both ways. */
  setCut(one: number, other: number, isCut: boolean): void
  /** Of all links between the two groups. */
  partition(group: readonly number[], others: readonly number[], isCut: boolean): void
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const STOP_MS = 15_000
/** Enough for a few nodes; a devnet's machine has many of them. */
const MIN_FREE_MIB = '64'

/** Below those that systems give to whoever wants any (32,768 and up on Linux, 49,152 elsewhere): those are soon somebody's. */
const PORTS = { from: 20_000, to: 32_000 } as const

const isFree = async (port: number): Promise<boolean> => {
  const server = createServer().listen(port, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}

/** Of which another program may take one before the node does: rare, and the node says so. */
const freePorts = async (count: number): Promise<number[]> => {
  const free = new Set<number>()
  // Two devnets that begin at the same time do not begin at the same port.
  let port = randomInt(PORTS.from, PORTS.to)
  for (let tried = 0; free.size < count; tried++) {
    if (tried === PORTS.to - PORTS.from)
      throw new CliError('port_in_use', `there are no ${count} free ports from ${PORTS.from} to ${PORTS.to}`)
    if (await isFree(port)) free.add(port)
    port = port + 1 === PORTS.to ? PORTS.from : port + 1
  }
  return [...free]
}

const addressOf = (port: number, peerId: string): string => `/ip4/${HOST}/tcp/${port}/p2p/${peerId}`

/** The genesis that the first node's directory has from an earlier run. */
export const existingGenesis = (folder: string): Genesis | undefined => {
  const text = readTextIfThere(join(folder, 'validator-0', DATA_FILES.genesis))
  return text === undefined ? undefined : parseGenesis(text)
}

const assertSameChain = (folder: string, name: string, genesis: Genesis): void => {
  const text = readTextIfThere(join(folder, name, DATA_FILES.genesis))
  if (text === undefined || bytesEqual(genesisHash(parseGenesis(text)), genesisHash(genesis))) return
  throw new CliError(
    'other_devnet',
    `${join(folder, name)} belongs to another devnet, of other validators: start with --reset, or use another folder with --data-dir`,
  )
}

/** Makes what is not there yet. */
const prepareNode = async (folder: string, genesis: Genesis, node: PlannedNode): Promise<void> => {
  const path = join(folder, node.name)
  assertSameChain(folder, node.name, genesis)
  if (existsSync(join(path, DATA_FILES.format))) return
  const { kind, validatorKeys } = node
  await initDirectory({ path, genesis, kind, bootstrap: [], validatorKeys, nodeKey: node.nodeKey })
}

class LocalDevnet implements Devnet {
  readonly nodes: readonly PlannedNode[]
  readonly names: ReadonlyMap<string, string>
  readonly #options: DevnetOptions
  readonly #networkPorts: readonly number[]
  readonly #peerIds: readonly string[]
  /** By `from-to`. */
  readonly #links: ReadonlyMap<string, LinkProxy>
  readonly #children: NodeChild[] = []

  constructor(
    options: DevnetOptions,
    networkPorts: readonly number[],
    peerIds: readonly string[],
    links: ReadonlyMap<string, LinkProxy>,
  ) {
    this.nodes = options.plan.nodes
    this.names = new Map(peerIds.map((id, place) => [id, (this.nodes[place] as PlannedNode).name]))
    this.#options = options
    this.#networkPorts = networkPorts
    this.#peerIds = peerIds
    this.#links = links
  }

  #addressFor(from: number, to: number): string {
    const port = this.#links.get(`${from}-${to}`)?.port ?? this.#networkPorts[to]
    return addressOf(port as number, this.#peerIds[to] as string)
  }

  #companyOf({ place, kind, isHidden }: PlannedNode): Readonly<Record<string, string>> {
    const others = this.nodes.filter(other => other.place !== place)
    const listed = (nodes: readonly PlannedNode[]): string =>
      nodes.map(other => this.#addressFor(place, other.place)).join(',')
    const only = (nodes: readonly PlannedNode[]) => ({
      VEX_NETWORK_PERSISTENT_PEERS: listed(nodes),
      VEX_NETWORK_ONLY_PEERS: 'true',
    })
    if (isHidden) return only(others.filter(other => other.kind === 'sentry'))
    if (this.#options.hasCuttableLinks) return only(others)
    const behind = others.filter(other => other.isHidden).map(other => this.#peerIds[other.place] as string)
    return {
      VEX_NETWORK_BOOTSTRAP: listed(others.filter(other => other.place === 0)),
      ...(kind === 'sentry' ? { VEX_NETWORK_PRIVATE_PEERS: behind.join(',') } : {}),
    }
  }

  start(place: number): NodeChild {
    const node = this.nodes[place] as PlannedNode
    const { folder, command, onLine, environmentOf } = this.#options
    const child = startNodeChild({
      name: node.name,
      command,
      dataDirectory: join(folder, node.name),
      environment: {
        VEX_API_PORT: String(node.apiPort),
        VEX_NETWORK_LISTEN: `/ip4/${HOST}/tcp/${this.#networkPorts[place]}`,
        VEX_MIN_FREE_MIB: MIN_FREE_MIB,
        ...this.#companyOf(node),
        ...environmentOf?.(node),
      },
      onLine: line => onLine(node, line, this),
    })
    this.#children[place] = child
    return child
  }

  child(place: number): NodeChild {
    return this.#children[place] as NodeChild
  }

  url(place: number): Promise<string> {
    return this.child(place).ready
  }

  networkAddress(place: number): string {
    return addressOf(this.#networkPorts[place] as number, this.#peerIds[place] as string)
  }

  setCut(one: number, other: number, isCut: boolean): void {
    for (const name of [`${one}-${other}`, `${other}-${one}`]) this.#links.get(name)?.setCut(isCut)
  }

  partition(group: readonly number[], others: readonly number[], isCut: boolean): void {
    for (const one of group) for (const other of others) this.setCut(one, other, isCut)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map(child => child.stop(STOP_MS)))
    for (const link of this.#links.values()) await link.close()
  }
}

/** Starts every node; each is ready when its `url` resolves. Throws a sentence if the folder holds another network. */
export const startDevnet = async (options: DevnetOptions): Promise<Devnet> => {
  const { plan, folder, hasCuttableLinks } = options
  makeFolder(folder)
  for (const node of plan.nodes) await prepareNode(folder, plan.genesis, node)
  const free = await freePorts(plan.nodes.length)
  const networkPorts = plan.nodes.map(({ networkPort }, i) =>
    networkPort === 0 ? (free[i] as number) : networkPort,
  )
  const peerIds = await Promise.all(plan.nodes.map(({ nodeKey }) => peerIdOf(nodeKey)))
  const links = new Map<string, LinkProxy>()
  if (hasCuttableLinks)
    for (const { place: from } of plan.nodes)
      for (const { place: to } of plan.nodes)
        if (from !== to) links.set(`${from}-${to}`, await startLinkProxy(() => networkPorts[to] as number))
  const devnet = new LocalDevnet(options, networkPorts, peerIds, links)
  for (const node of plan.nodes) if (options.isStarted?.(node) !== false) devnet.start(node.place)
  return devnet
}
