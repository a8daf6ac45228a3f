/**
 * A chain of one BLS validator for the driver's tests: an application that keeps its blocks in memory the way
 * a database would, and a driver on a real log. `crash` drops a driver the way a power cut does.
 */
import { blsPublicKeyOf, blsSecretKeyFromSeed } from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { type Consensus, type ConsensusOptions, createConsensus } from '../../../node/consensus/driver.ts'
import type { ConsensusError } from '../../../node/consensus/error.ts'
import type { FinalBlock } from '../../../node/consensus/ledger.ts'
import {
  type Application,
  type BlockWithBytes,
  type BuildRequest,
  type CheckRequest,
  silentTransport,
  systemClock,
  type Verdict,
} from '../../../node/consensus/ports.ts'
import { blockRefType } from '../../../node/consensus/block-ref.ts'
import type { WriteAheadLog } from '../../../node/consensus/wal.ts'
import { byteString, createCodec, struct } from '../../../node/types/codec.ts'
import { type Hash, toAddress, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Validator } from '../../../node/types/validator.ts'
import type { Certificate } from '../../../node/types/vote.ts'

export const CHAIN_ID = 'test-chain'

export const GENESIS: BlockRef = {
  hash: sha256(Buffer.from('genesis')),
  height: 0n,
  view: 0n,
  parentHash: ZERO_HASH,
  parentView: 0n,
}

const bodyCodec = createCodec<{ ref: BlockRef; salt: Uint8Array }, { ref: BlockRef; salt: Uint8Array }>(
  struct('TestBlock', { ref: blockRefType, salt: byteString(1 << 20) }) as never,
)

/** The hash covers everything but itself. */
export const makeBlock = (view: bigint, parent: BlockRef, salt: Uint8Array): BlockWithBytes => {
  const place = { height: parent.height + 1n, view, parentHash: parent.hash, parentView: parent.view }
  const draft = bodyCodec.encode({ ref: { ...place, hash: ZERO_HASH }, salt })
  const ref = { ...place, hash: sha256(draft) }
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

export class MemoryApplication implements Application {
  readonly chain: BlockWithBytes[] = []
  readonly certificates: Certificate[] = []
  builds = 0
  checks = 0
  /** Different in every incarnation, so that a rebuilt block is another block. */
  salt: Uint8Array = Uint8Array.of(0)

  lastFinalized(): FinalBlock {
    return { ref: this.chain.at(-1)?.ref ?? GENESIS, certificate: this.certificates.at(-1) }
  }

  async buildBlock({ view, parent }: BuildRequest): Promise<BlockWithBytes> {
    this.builds++
    return makeBlock(view, parent, this.salt)
  }

  async checkBlock({ ref, bytes }: CheckRequest): Promise<Verdict> {
    this.checks++
    return toHex(identify(bytes)?.hash ?? ZERO_HASH) === toHex(ref.hash) ? 'valid' : 'invalid'
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

  loadBlock(hash: Hash): Uint8Array | undefined {
    return this.chain.find(({ ref }) => toHex(ref.hash) === toHex(hash))?.bytes
  }
}

export const secretOf = (seed: number): Uint8Array => blsSecretKeyFromSeed(new Uint8Array(32).fill(seed + 1))

export const validatorOf = (seed: number, power = 1n): Validator => ({
  address: toAddress(new Uint8Array(32).fill(seed + 1)),
  voteKey: blsPublicKeyOf(secretOf(seed)),
  vrfKey: new Uint8Array(32).fill(seed + 1),
  power,
})

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
    epoch: 0n,
    validators: [validatorOf(0)],
    voteSecret: secretOf(0),
    leaderOf: () => 0,
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
