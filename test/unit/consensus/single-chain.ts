/**
 * Chains of BLS validators for the driver's tests: an application that keeps its blocks in memory the way a database
 * would, with epochs as long and sets as different as a test wants, and a driver on a real log.
 */
import { blsPublicKeyOf, blsSecretKeyFromSeed } from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { type Consensus, type ConsensusOptions, createConsensus } from '../../../node/consensus/driver.ts'
import type { ConsensusError } from '../../../node/consensus/error.ts'
import {
  type Application,
  type BlockWithBytes,
  type BuildRequest,
  type CheckRequest,
  silentTransport,
  systemClock,
} from '../../../node/consensus/ports.ts'
import { blockRefType } from '../../../node/consensus/block-ref.ts'
import type { EpochInfo, Verdict } from '../../../node/consensus/protocol.ts'
import type { Finalized } from '../../../node/consensus/replica.ts'
import type { WriteAheadLog } from '../../../node/consensus/wal.ts'
import { byteString, createCodec, struct } from '../../../node/types/codec.ts'
import { type Hash, toAddress, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Validator } from '../../../node/types/validator.ts'
import type { Certificate } from '../../../node/types/vote.ts'
import type { Evidence } from '../../../node/types/evidence.ts'
import { stakeSequence } from '../../support/stake-sequence.ts'

export const CHAIN_ID = 'test-chain'

export const GENESIS: BlockRef = {
  hash: sha256(Buffer.from('genesis')),
  height: 0n,
  epoch: 0n,
  view: 0n,
  parentHash: ZERO_HASH,
  parentView: 0n,
}

const bodyCodec = createCodec<{ ref: BlockRef; salt: Uint8Array }>(
  struct('TestBlock', { ref: blockRefType, salt: byteString(1 << 20) }) as never,
)

/** The hash covers everything but itself. */
export const makeBlock = (
  place: Pick<BuildRequest, 'epoch' | 'view' | 'parent' | 'parentView'>,
  salt: Uint8Array,
): BlockWithBytes => {
  const { epoch, view, parent, parentView } = place
  const at = { height: parent.height + 1n, epoch, view, parentHash: parent.hash, parentView }
  const draft = bodyCodec.encode({ ref: { ...at, hash: ZERO_HASH }, salt })
  const ref = { ...at, hash: sha256(draft) }
  return { ref, bytes: bodyCodec.encode({ ref, salt }) }
}

const identify = (bytes: Uint8Array): BlockRef | undefined => {
  try {
    const { ref, salt } = bodyCodec.decode(bytes)
    const hash = sha256(bodyCodec.encode({ ref: { ...ref, hash: ZERO_HASH }, salt }))
    return toHex(hash) === toHex(ref.hash) ? ref : undefined
  } catch {
    return undefined
  }
}

const secrets = new Map<number, Uint8Array>()
export const secretOf = (seed: number): Uint8Array => {
  let secret = secrets.get(seed)
  if (secret === undefined)
    secrets.set(seed, (secret = blsSecretKeyFromSeed(new Uint8Array(32).fill(seed + 1))))
  return secret
}

const voteKeys = new Map<number, Uint8Array>()
export const voteKeyOf = (seed: number): Uint8Array => {
  let key = voteKeys.get(seed)
  if (key === undefined) voteKeys.set(seed, (key = blsPublicKeyOf(secretOf(seed))))
  return key
}

export const validatorOf = (seed: number, power = 1n): Validator => ({
  address: toAddress(new Uint8Array(32).fill(seed + 1)),
  voteKey: voteKeyOf(seed),
  vrfKey: new Uint8Array(32),
  power,
})

export interface TestEpochs {
  readonly blocks: bigint
  readonly validatorsOf: (epoch: bigint) => readonly Validator[]
}

/** One epoch that does not end, one set. */
export const oneEpoch = (...seeds: number[]): TestEpochs => ({
  blocks: 1_000_000n,
  validatorsOf: () => seeds.map(seed => validatorOf(seed)),
})

export class MemoryApplication implements Application {
  readonly chain: BlockWithBytes[] = []
  readonly certificates: Certificate[] = []
  readonly evidence: Evidence[] = []
  readonly epochs: TestEpochs
  builds = 0
  checks = 0
  readonly here = new Set<string>()
  /** Different in every incarnation, so that a rebuilt block is another block. */
  salt: Uint8Array = Uint8Array.of(0)

  constructor(epochs: TestEpochs = oneEpoch(0)) {
    this.epochs = epochs
  }

  lastFinalized(): Finalized {
    return { ref: this.chain.at(-1)?.ref ?? GENESIS, certificate: this.certificates.at(-1) }
  }

  async buildBlock(request: BuildRequest): Promise<BlockWithBytes> {
    this.builds++
    const { parent, certificate } = request
    const isProven = parent.height === 0n ? certificate === undefined : isOf(parent, certificate)
    if (!isProven) throw new Error(`asked to build on height ${parent.height} without its certificate`)
    if (!this.isHere(parent.hash))
      throw new Error(`asked to build on height ${parent.height}, which is not here`)
    const block = makeBlock(request, this.salt)
    this.here.add(toHex(block.ref.hash))
    return block
  }

  isHere(hash: Hash): boolean {
    return this.here.has(toHex(hash)) || toHex(this.lastFinalized().ref.hash) === toHex(hash)
  }

  async checkBlock({ ref, bytes }: CheckRequest): Promise<Verdict> {
    this.checks++
    if (toHex(identify(bytes)?.hash ?? ZERO_HASH) !== toHex(ref.hash)) return 'invalid'
    this.here.add(toHex(ref.hash))
    return 'valid'
  }

  async finalize(blocks: readonly BlockWithBytes[], certificate: Certificate): Promise<void> {
    for (const block of blocks) {
      const parent = this.chain.at(-1)?.ref ?? GENESIS
      if (toHex(block.ref.parentHash) !== toHex(parent.hash)) throw new Error('finalize out of order')
      this.chain.push(block)
    }
    this.certificates.push(certificate)
  }

  identifyBlock(bytes: Uint8Array): BlockRef | undefined {
    return identify(bytes)
  }

  loadBlock(hash: Hash): BlockWithBytes | undefined {
    return this.chain.find(({ ref }) => toHex(ref.hash) === toHex(hash))
  }

  epoch(epoch: bigint): EpochInfo {
    const { blocks, validatorsOf } = this.epochs
    if (epoch * blocks > this.lastFinalized().ref.height)
      throw new Error(`epoch ${epoch} is not known before the last block of the one before is committed`)
    const validators = validatorsOf(epoch)
    const leaderOf = stakeSequence(validators)
    return {
      epoch,
      validators,
      leaderOf: view => leaderOf(view + epoch),
      firstHeight: epoch * blocks + 1n,
      lastHeight: (epoch + 1n) * blocks,
    }
  }

  boundaryCertificate(epoch: bigint): Certificate | undefined {
    const boundary = this.chain[Number((epoch + 1n) * this.epochs.blocks) - 1]?.ref
    return this.certificates.find(certificate => boundary !== undefined && isOf(boundary, certificate))
  }

  onEvidence(evidence: Evidence): void {
    this.evidence.push(evidence)
  }
}

const isOf = ({ hash }: BlockRef, certificate: Certificate | undefined): boolean =>
  certificate?.hash !== undefined && toHex(certificate.hash) === toHex(hash)

export const FAST = { networkDelayMs: 1000, standstillMs: 1000, paceMs: 0 }

export interface SingleChain {
  consensus: Consensus
  fatal: ConsensusError[]
}

export const startSingle = (
  log: WriteAheadLog,
  application: Application,
  overrides: Partial<ConsensusOptions> = {},
): SingleChain => {
  const fatal: ConsensusError[] = []
  const consensus = createConsensus({
    chainId: CHAIN_ID,
    voteSecret: secretOf(0),
    pacing: FAST,
    log,
    clock: systemClock,
    application,
    transport: silentTransport,
    onFatal: error => fatal.push(error),
    ...overrides,
  })
  consensus.start()
  return { consensus, fatal }
}

export const until = async (condition: () => boolean, what: string, timeoutMs = 10_000): Promise<void> => {
  const deadline = performance.now() + timeoutMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`gave up waiting for ${what}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}
