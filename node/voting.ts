/**
 * From the log on disk to a node that votes. In this order:
 *
 *   the log      what this validator has signed; one that lost it does not vote (open-consensus.ts)
 *   catching up  among others, if the chain has gone on without it (catch-up.ts)
 *   consensus    commits first what the log has and the database lost with a crash (replay.ts)
 *
 * A node that has told of blocks which its database lacks now answers nobody until it has them again; any other one
 * answers while it catches up.
 */
import type { Logger } from 'pino'
import { createApplication, type ApplicationOptions } from './application.ts'
import type { EpochInfo } from './chain/epochs.ts'
import type { Consensus } from './consensus/driver.ts'
import { openFloor } from './consensus/floor.ts'
import { silentTransport, systemClock, type Transport } from './consensus/ports.ts'
import { lockSigner } from './consensus/signer-lock.ts'
import { signerOwner } from './consensus/signer-owner.ts'
import { openLog } from './consensus/wal.ts'
import { publicKeyToAddress } from './crypto/address.ts'
import { blsPublicKeyOf } from './crypto/bls.ts'
import type { NodeNetwork } from './node-network.ts'
import { assertNeverVoted, openConsensus } from './open-consensus.ts'
import { awaitReplay, finalHeightOfLog } from './replay.ts'
import type { DataDirectory } from './storage/data-directory.ts'
import type { Checkpoint } from './sync/header-spans.ts'
import { bytesEqual } from './types/primitives.ts'
import type { ValidatorKeys } from './validator-keys.ts'

export interface VotingOptions extends Omit<ApplicationOptions, 'proposer'> {
  readonly directory: DataDirectory
  readonly keys: ValidatorKeys | undefined
  /** Of the block after the head. */
  readonly epoch: () => EpochInfo
  readonly network: NodeNetwork | undefined
  /** For tests, instead of the network's. */
  readonly transport: Transport | undefined
  readonly checkpoint: Checkpoint | undefined
  readonly logger: Logger
  /** Once. It has stopped voting. */
  readonly onFatal: (error: Error) => void
  /** What `onFatal` was told, if it was. */
  readonly failure: () => unknown
  /** Hears what to close, the last first, also if the opening fails. */
  readonly onOpened: (close: () => Promise<void> | void) => void
}

/** `catching_up` until the chain's head is here; `stopped` for whatever reason. */
export type VotingPhase = 'catching_up' | 'following' | 'stopped'

export interface Voting {
  readonly phase: VotingPhase
  /** Neither catches up nor votes from now on. */
  readonly halt: () => Promise<void>
}

/** A block of the log that is to be committed again takes far less. */
const REPLAY_IDLE_MS = 15_000

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** Resolves when the node may answer; throws what kept it from voting until then. */
export const openVoting = async (options: VotingOptions): Promise<Voting> => {
  const { directory, chain, keys, network, logger, onOpened, onFatal } = options
  const { chainId, params, validators: firstValidators } = chain.genesis
  const log = await openLog(directory.consensusLogPath)
  // Consensus closes it, if it comes to that.
  onOpened(() => log.close())
  if (log.isNew) assertNeverVoted(chain.head.header.height, options.epoch(), keys, directory.consensusLogPath)
  if (log.droppedBytes > 0)
    logger.info({ bytes: log.droppedBytes }, 'cut an unfinished write off the consensus log')
  const voteKey = keys && blsPublicKeyOf(keys.voteSecretKey)
  const signer = voteKey && signerOwner(chainId, voteKey)
  if (signer !== undefined) {
    const lock = await lockSigner(signer)
    onOpened(() => lock.release())
  }
  const floor = signer && (await openFloor({ path: directory.signerFloorPath, owner: signer }))
  const address = keys && publicKeyToAddress(keys.operatorPublicKey)
  const proposer = keys && address && { address, vrfSecretKey: keys.vrfSecretKey }
  const toldHeight = finalHeightOfLog(log.recovered, firstValidators.length === 1)
  const head = () => chain.head.header.height

  let consensus: Consensus | undefined
  let phase: VotingPhase = 'catching_up'
  const leaving = new AbortController()
  const { signal } = leaving
  const start = async (): Promise<void> => {
    consensus = openConsensus(directory, {
      chainId,
      voteSecret: keys?.voteSecretKey,
      pacing: {
        networkDelayMs: Number(params.networkDelayMs),
        standstillMs: Number(params.standstillMs),
        paceMs: Number(params.idleBlockIntervalMs),
      },
      log,
      floor,
      clock: systemClock,
      application: createApplication({ ...options, proposer }),
      transport: options.transport ?? network?.transport ?? silentTransport,
      onFatal,
    })
    consensus.start()
    phase = 'following'
    await awaitReplay({
      height: toldHeight,
      head,
      logPath: directory.consensusLogPath,
      idleMs: REPLAY_IDLE_MS,
      failed: () => (signal.aborted ? new Error('the node stops') : options.failure()),
    })
  }
  // A lone validator has nobody to learn from.
  const isAlone =
    voteKey !== undefined && options.epoch().validators.every(each => bytesEqual(each.voteKey, voteKey))
  const join = async (): Promise<void> => {
    if (network !== undefined && !isAlone) {
      // A fifth of what a node loads, and a lone one never needs it.
      const { catchUp } = await import('./catch-up.ts')
      await catchUp({ ...options, requests: network.requests, sink: options.finalBlocks, signal })
    }
    if (!signal.aborted) await start()
  }
  const joining = join()
  const ended = joining.catch(() => undefined)
  const halt = async (): Promise<void> => {
    phase = 'stopped'
    leaving.abort()
    await ended
    await consensus?.stop()
  }
  onOpened(halt)
  if (network === undefined || toldHeight > head()) await joining
  else
    joining.catch((error: unknown) => {
      if (!signal.aborted) onFatal(toError(error))
    })
  return {
    halt,
    get phase() {
      return phase
    },
  }
}
