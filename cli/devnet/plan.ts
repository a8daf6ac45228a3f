/** Who is in a devnet, and what each of them is told: pure, so that the same arguments give the same network. */
import { devGenesis } from '../../node/dev.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { VEX } from '../../node/params.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import type { TimeMs } from '../../node/types/primitives.ts'
import { createValidatorKeys, publicValidatorKeys, type ValidatorKeys } from '../../node/validator-keys.ts'

export const DEVNET_CHAIN_ID = 'vex-devnet'
export const MAX_VALIDATORS = 32
export const MAX_FULL_NODES = 32
export const MAX_SENTRIES = 4

const STAKE = 1_000_000n * VEX
const EPOCH_BLOCKS = 240n
/** On one machine; the leader of a view that passes nothing is given up after a multiple of it. */
const NETWORK_DELAY_MS = 100n
const IDLE_BLOCK_INTERVAL_MS = 1_000n

export interface PlannedNode {
  /** `validator-0`, `full-0`, `sentry-0`. */
  readonly name: string
  readonly kind: 'validator' | 'full' | 'sentry'
  /** Talks to the sentries alone, and nobody else knows of it. */
  readonly isHidden: boolean
  /** In the order of all nodes. */
  readonly place: number
  /** Everybody who has the source knows them, as they know those of `vex dev`. */
  readonly nodeKey: Uint8Array
  readonly validatorKeys: ValidatorKeys | undefined
  readonly apiPort: number
  readonly networkPort: number
}

export interface DevnetPlan {
  readonly nodes: readonly PlannedNode[]
  readonly genesis: Genesis
}

export interface DevnetSize {
  readonly validators: number
  readonly full: number
  /** The last validator hides behind them; 0, the default: no validator does. */
  readonly sentries?: number | undefined
  /** The first node's API listens here, the next one's a port above, and so on; 0: any free ports. */
  readonly firstPort: number
  /** Default: 240. */
  readonly epochBlocks?: bigint | undefined
  /** Of other keys than those that everybody knows: two networks with the same ones cannot run on one machine at once. */
  readonly keysOf?: string | undefined
}

/** Ports of the network lie above those of the APIs. */
const NETWORK_PORT_OFFSET = 100

const seedOf = (what: string, keysOf = 'vex devnet'): Uint8Array => sha256(Buffer.from(`${keysOf} ${what}`))

const planNode = (
  name: string,
  kind: PlannedNode['kind'],
  place: number,
  { firstPort, keysOf }: DevnetSize,
  isHidden: boolean,
): PlannedNode => ({
  name,
  kind,
  isHidden,
  place,
  nodeKey: seedOf(`node key of ${name}`, keysOf),
  validatorKeys:
    kind === 'validator'
      ? createValidatorKeys(
          Buffer.concat([seedOf(`keys of ${name}`, keysOf), seedOf(`vote key of ${name}`, keysOf)]),
        )
      : undefined,
  apiPort: firstPort === 0 ? 0 : firstPort + place,
  networkPort: firstPort === 0 ? 0 : firstPort + NETWORK_PORT_OFFSET + place,
})

export const planDevnet = (size: DevnetSize, timeMs: TimeMs): DevnetPlan => {
  const { validators, full, sentries = 0, epochBlocks = EPOCH_BLOCKS } = size
  const names = [
    ...Array.from({ length: validators }, (_, i) => ['validator', i] as const),
    ...Array.from({ length: full }, (_, i) => ['full', i] as const),
    ...Array.from({ length: sentries }, (_, i) => ['sentry', i] as const),
  ]
  const hiddenPlace = sentries > 0 ? validators - 1 : undefined
  const nodes = names.map(([kind, i], place) =>
    planNode(`${kind}-${i}`, kind, place, size, place === hiddenPlace),
  )
  const keys = nodes.flatMap(({ validatorKeys }) => validatorKeys ?? [])
  const [first] = keys
  if (first === undefined) throw new RangeError('a chain needs a validator')
  const made = devGenesis(first, timeMs, DEVNET_CHAIN_ID)
  return {
    nodes,
    genesis: {
      ...made,
      params: {
        ...made.params,
        epochBlocks,
        networkDelayMs: NETWORK_DELAY_MS,
        idleBlockIntervalMs: IDLE_BLOCK_INTERVAL_MS,
      },
      validators: keys.map(each => ({
        ...publicValidatorKeys(each, DEVNET_CHAIN_ID),
        stake: STAKE,
        commissionBps: 0,
      })),
    },
  }
}
