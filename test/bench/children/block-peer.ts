/**
 * One of several that send each other blocks, in a process of its own: the network of a validator and its compact transport, without
 * a chain behind them. `block-peer.ts PLACE OF`; its driver speaks to it by messages (network-parts/peer-messages.ts).
 */
import { hash } from 'node:crypto'
import { pino } from 'pino'
import { messageCodec } from '../../../node/consensus/messages.ts'
import { blsSecretKeyFromSeed } from '../../../node/crypto/bls.ts'
import { shortIdOf } from '../../../node/types/short-id.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { createCompactTransport } from '../../../node/network/compact-transport.ts'
import { startNetwork } from '../../../node/network/network.ts'
import { toHash } from '../../../node/types/primitives.ts'
import { blockOf } from '../../unit/network/blocks.ts'
import type { FromPeer, Propagation, ToPeer } from '../network-parts/peer-messages.ts'

/** As long as a transfer. */
const TRANSACTION_BYTES = 250
const BLOCK_TRANSACTIONS = 4_000
const CONNECT_CHECK_MS = 50
/** Where blocks of earlier rounds cannot be: the height of `blockOf` is used for the round. */
const FIRST_HEIGHT = 1_000n

const [place, count] = process.argv.slice(2).map(Number) as [number, number]
const GENESIS = toHash(sha256(Buffer.from('vex bench propagation')))
const seedOf = (what: string): Uint8Array => sha256(Buffer.from(`vex bench ${what} ${place}`))
const nowMs = (): number => performance.timeOrigin + performance.now()
/** The driver may be gone already. */
const tell = (message: FromPeer): void => void process.send?.(message, undefined, {}, () => undefined)

let how: Propagation = 'known'
let pool = new Map<string, { readonly bytes: Uint8Array }>()
let message: Uint8Array = new Uint8Array()
let round = 0

/** The same in every process. */
const transactionsOf = (ofRound: number): Uint8Array[] =>
  Array.from({ length: BLOCK_TRANSACTIONS }, (_, i) => {
    const bytes = new Uint8Array(TRANSACTION_BYTES).fill(1)
    bytes.set(hash('sha512', `${ofRound}/${i}`, 'buffer'), TRANSACTION_BYTES - 64)
    return bytes
  })

const prepare = ({ how: wanted, isSender, round: ofRound }: ToPeer & { kind: 'prepare' }): void => {
  how = wanted
  round = ofRound
  const transactions = transactionsOf(ofRound)
  const block = blockOf(transactions, FIRST_HEIGHT + BigInt(ofRound))
  message = messageCodec.encode({
    kind: 'proposal',
    view: block.header.view,
    block: block.bytes,
    signature: new Uint8Array(96).fill(5),
    justification: [],
  })
  const known = isSender || how === 'known' ? transactions : []
  pool = new Map(known.map(bytes => [shortIdOf(bytes) ?? '', { bytes }]))
  tell({ kind: 'prepared', blockBytes: block.bytes.length })
}

const start = async (bootstrap: readonly string[]): Promise<(() => void) | undefined> => {
  const network = await startNetwork({
    nodeKey: seedOf('node key'),
    kind: 'validator',
    genesisHash: GENESIS,
    voteSecretKey: blsSecretKeyFromSeed(seedOf('vote key')),
    agent: 'bench',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    bootstrap,
    persistentPeers: bootstrap,
    status: () => ({ height: 0n, hash: GENESIS, keptFrom: 1n }),
    handlers: { blockTransactions: (body, from, signal) => compact.serve(body, from, signal) },
    onTransactions: () => Promise.resolve('ignore'),
    logger: pino({ level: 'silent' }),
  })
  const compact = createCompactTransport({
    inner: network.transport,
    requests: network.requests,
    codec: messageCodec,
    findInPool: shortId => pool.get(shortId),
    isUnknown: () => how === 'full',
    now: () => performance.now(),
  })
  compact.transport.onMessage((_, bytes) => {
    const atMs = nowMs()
    if (bytes.length !== message.length) throw new Error('another block than was sent')
    tell({ kind: 'whole', round, atMs })
  })
  tell({ kind: 'started', address: network.addresses()[0] as string })
  const timer = setInterval(() => {
    if (network.transport.peers().length < count - 1) return
    clearInterval(timer)
    tell({ kind: 'connected' })
  }, CONNECT_CHECK_MS)
  return () => {
    tell({ kind: 'sent', atMs: nowMs() })
    compact.transport.broadcast(message)
  }
}

let send: (() => void) | undefined
process.on('message', async (order: ToPeer) => {
  if (order.kind === 'start') send = await start(order.bootstrap)
  else if (order.kind === 'prepare') prepare(order)
  else send?.()
})
process.once('disconnect', () => process.exit(0))
