/** Block sync as a node runs it. It can be stopped at any moment, and goes on from what the database holds. */
import type { ChainView } from '../chain/chain-view.ts'
import { blsVerifyAggregate } from '../crypto/bls.ts'
import { LightClient } from '../light/light-client.ts'
import type { Requests } from '../network/ports.ts'
import { genesisHash, genesisValidators } from '../types/genesis.ts'
import { bytesEqual, type Hash, type Height, MAX_U64, toHex } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import { BlockSync } from './block-sync.ts'
import { drive } from './drive.ts'
import { SyncError } from './error.ts'
import type { Checkpoint } from './header-spans.ts'

/** Where final blocks go: executed and committed, in order, one call at a time (final-blocks.ts). */
export interface BlockSink {
  commit(
    blocks: readonly { readonly hash: Hash; readonly bytes: Uint8Array }[],
    certificate: Certificate | undefined,
  ): Promise<void>
}

export interface SyncProgress {
  /** Of the last block that is committed. */
  readonly height: Height
  /** The highest head that a peer claims; `undefined` while none is connected. */
  readonly target: Height | undefined
  /** Over the last seconds. */
  readonly blocksPerSecond: number
  readonly peers: number
}

export interface SyncBlocksOptions {
  readonly requests: Requests
  readonly chain: ChainView
  readonly sink: BlockSink
  /** What the user trusts: a chain with another block at that height is refused. */
  readonly checkpoint?: Checkpoint | undefined
  /** So near to the highest head it ends: consensus fetches the rest. Default: 8. */
  readonly nearBlocks?: bigint | undefined
  /** How long is waited for a peer that has what is needed. Default: 15 s. */
  readonly patienceMs?: number | undefined
  /** Once a second. */
  readonly onProgress?: ((progress: SyncProgress) => void) | undefined
  readonly signal: AbortSignal
}

const NEAR_BLOCKS = 8n
const PATIENCE_MS = 15_000
const PROGRESS_MS = 1_000
/** Of the shown speed. */
const SPEED_WINDOW_MS = 10_000

/** Knows the validators of the head's epoch. */
const createClient = ({ genesis, head, store }: ChainView): LightClient => {
  const options = { trustingPeriodMs: MAX_U64, verifyAggregate: blsVerifyAggregate }
  const { header } = head
  if (header.height === 0n) return LightClient.fromGenesis(genesis, genesisHash(genesis), options)
  const validators = header.epoch === 0n ? genesisValidators(genesis) : store.validators(header.epoch)
  if (validators === undefined)
    throw new Error(
      `the database lacks the validators of epoch ${header.epoch}: vex doctor says what is wrong`,
    )
  const { chainId, params } = genesis
  return LightClient.fromCheckpoint({ chainId, epochBlocks: params.epochBlocks, header, validators }, options)
}

const checkOwn = ({ head, store }: ChainView, checkpoint: Checkpoint): void => {
  const own =
    head.header.height < checkpoint.height ? undefined : store.blockByHeight(checkpoint.height)?.hash
  if (own !== undefined && !bytesEqual(own, checkpoint.hash))
    throw new SyncError(
      'wrong_checkpoint',
      `block ${checkpoint.height} of this node is ${toHex(own)}, not the trusted ${toHex(checkpoint.hash)}`,
    )
}

const createSpeed = (nowMs: () => number) => {
  const samples: { readonly atMs: number; readonly height: Height }[] = []
  return (height: Height): number => {
    const atMs = nowMs()
    samples.push({ atMs, height })
    while (samples.length > 2 && atMs - (samples[0]?.atMs ?? atMs) > SPEED_WINDOW_MS) samples.shift()
    const [first] = samples
    if (first === undefined || first.atMs === atMs) return 0
    return (Number(height - first.height) * 1_000) / (atMs - first.atMs)
  }
}

/**
 * Fetches, proves and commits blocks until this node is near the highest head of its peers. Rejects with a
 * {@link SyncError}, or with what the sink rejects with. Whatever it ends with, no commit is under way then.
 */
export const syncBlocks = async (options: SyncBlocksOptions): Promise<{ height: Height }> => {
  const { requests, chain, sink, checkpoint, signal } = options
  const nowMs = (): number => performance.now()
  if (checkpoint !== undefined) checkOwn(chain, checkpoint)
  const { hash, header } = chain.head
  const sync = new BlockSync({
    head: { height: header.height, hash },
    client: createClient(chain),
    epochBlocks: chain.genesis.params.epochBlocks,
    checkpoint,
    nearBlocks: options.nearBlocks ?? NEAR_BLOCKS,
    patienceMs: options.patienceMs ?? PATIENCE_MS,
  })
  const speed = createSpeed(nowMs)
  const tell = (): void => {
    const { height, target, peers } = sync
    options.onProgress?.({ height, target, peers, blocksPerSecond: speed(height) })
  }
  const progress = setInterval(tell, PROGRESS_MS)
  try {
    await drive(sync, {
      requests,
      work: ({ blocks, certificate }) => sink.commit(blocks, certificate),
      signal,
    })
    tell()
    return { height: sync.height }
  } finally {
    clearInterval(progress)
  }
}
