/** A chain as a light client sees it: headers of a few epochs with real votes, over a state with a few accounts. */
import {
  blsAggregate,
  blsProvePossession,
  blsPublicKeyOf,
  blsSecretKeyFromSeed,
  blsSign,
} from '../../../node/crypto/bls.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { accountKey, storageKey } from '../../../node/state/keys.ts'
import { proveKey } from '../../../node/state/proof.ts'
import { updateTree } from '../../../node/state/tree.ts'
import { accountCodec } from '../../../node/types/account.ts'
import { type BlockHeader, blockHash } from '../../../node/types/block.ts'
import { encodeCommitmentProof } from '../../../node/types/commitment-proof.ts'
import { type Genesis, genesisHash, genesisValidators } from '../../../node/types/genesis.ts'
import type { FinalHeader, HandOver } from '../../../node/types/hand-over.ts'
import { type Address, type Hash, toAddress, toLatin1, ZERO_HASH } from '../../../node/types/primitives.ts'
import { type Validator, validatorsHash } from '../../../node/types/validator.ts'
import { type Certificate, voteMessage, type VoteStatement } from '../../../node/types/vote.ts'

export const CHAIN_ID = 'light-test'
export const EPOCH_BLOCKS = 3n
export const START_MS = 1_700_000_000_000n
const UNIT = 1_000_000_000n

const secretOf = (n: number): Uint8Array => blsSecretKeyFromSeed(new Uint8Array(32).fill(n))
const addressOf = (n: number): Address => toAddress(new Uint8Array(32).fill(n))
const validator = (n: number, power: bigint): Validator => ({
  address: addressOf(n),
  voteKey: blsPublicKeyOf(secretOf(n)),
  vrfKey: new Uint8Array(32).fill(n),
  power,
})

const FIRST = [1, 2, 3, 4].map(n => validator(n, 10n))
const LAST_SEEDS = [6, 7, 8]
const LAST = LAST_SEEDS.map(n => validator(n, 5n))
/** Set e is SETS[e], then the last stays; validator n has the keys of seed n. The first two are those of the genesis. */
export const SETS: readonly (readonly Validator[])[] = [
  FIRST,
  FIRST,
  [validator(2, 10n), validator(3, 10n), validator(5, 11n)],
  LAST,
]
/** By position in the set. */
const SEEDS = [[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 5], LAST_SEEDS]

export const genesis: Genesis = {
  chainId: CHAIN_ID,
  timeMs: START_MS,
  params: {
    blockGasLimit: 1_000_000n,
    minBlockIntervalMs: 1n,
    idleBlockIntervalMs: 1_000n,
    initialBaseFee: 1n,
    networkDelayMs: 100n,
    standstillMs: 1_000n,
    epochBlocks: EPOCH_BLOCKS,
    blockReward: 0n,
    evidenceMaxAgeBlocks: 10n,
    evidenceMaxAgeMs: 10_000n,
  },
  accounts: [],
  validators: FIRST.map(({ address, voteKey, vrfKey, power }, i) => ({
    address,
    voteKey,
    proofOfPossession: blsProvePossession(secretOf(i + 1)),
    vrfKey,
    vrfProof: new Uint8Array(80),
    stake: power * UNIT,
    commissionBps: 0,
  })),
}
if (genesisValidators(genesis).length !== FIRST.length) throw new Error('the genesis gives another set')

export const [RICH, CONTRACT, NOBODY] = [addressOf(0x51), addressOf(0x52), addressOf(0x53)] as [
  Address,
  Address,
  Address,
]
export const SLOT = Uint8Array.of(0)
const values = new Map(
  [
    [accountKey(RICH), accountCodec.encode({ nonce: 3n, balance: 77n, contract: undefined })],
    [storageKey(CONTRACT, SLOT), Uint8Array.of(1, 2, 3)],
    ...Array.from(
      { length: 40 },
      (_, n) =>
        [
          accountKey(addressOf(n)),
          accountCodec.encode({ nonce: 0n, balance: BigInt(n) + 1n, contract: undefined }),
        ] as const,
    ),
  ].map(([key, value]) => [toLatin1(key), { key, value }]),
)
const tree = updateTree(() => undefined, undefined, 1n, [...values.values()])
const state = {
  source: (nodeKey: string) => tree.node(nodeKey),
  version: 1n,
  valueOf: (key: Uint8Array) => values.get(toLatin1(key))?.value,
}
export const proofOf = (key: Uint8Array): Uint8Array => encodeCommitmentProof(proveKey(state, key))

export const headerAt = (height: bigint, change: Partial<BlockHeader> = {}): BlockHeader => {
  const epoch = (height - 1n) / EPOCH_BLOCKS
  const hashOf = (n: bigint): Hash => validatorsHash([...(SETS[Number(n)] ?? LAST)])
  return {
    version: 1,
    chainId: CHAIN_ID,
    height,
    epoch,
    view: ((height - 1n) % EPOCH_BLOCKS) + 1n,
    parentHash: ZERO_HASH,
    parentView: 0n,
    parentCertificate: undefined,
    timeMs: START_MS + height * 1_000n,
    proposer: addressOf(1),
    vrfProof: new Uint8Array(80),
    eta: sha256(Uint8Array.of(Number(height))),
    nextNonce: undefined,
    transactionsRoot: ZERO_HASH,
    stateRoot: tree.root,
    receiptsRoot: ZERO_HASH,
    validatorsHash: hashOf(epoch),
    nextValidatorsHash: hashOf(epoch + 1n),
    gasUsed: 0n,
    gasLimit: 1n,
    baseFee: 1n,
    ...change,
  }
}

/** Signed by the validators at `signers` of the epoch's set; by all if they are not named. */
export const certify = (
  header: BlockHeader,
  { signers, change = {} }: { signers?: readonly number[]; change?: Partial<VoteStatement> } = {},
): Certificate => {
  const seeds = SEEDS[Number(header.epoch)] ?? LAST_SEEDS
  const who = signers ?? seeds.map((_, i) => i)
  const statement: VoteStatement = {
    kind: 'finalize',
    epoch: header.epoch,
    view: header.view,
    hash: blockHash(header),
    ...change,
  }
  const message = voteMessage(CHAIN_ID, statement)
  return {
    ...statement,
    signers: Uint8Array.of(who.reduce((bits, i) => bits | (1 << i), 0)),
    signature: blsAggregate(who.map(i => blsSign(secretOf(seeds[i] as number), message))),
  }
}

export const finalAt = (height: bigint, change: Partial<BlockHeader> = {}): FinalHeader => {
  const header = headerAt(height, change)
  return { header, certificate: certify(header) }
}

/** From epoch `epoch` to the next. */
export const handOverOf = (epoch: bigint): HandOver => ({
  ...finalAt((epoch + 1n) * EPOCH_BLOCKS),
  nextValidators: [...(SETS[Number(epoch) + 1] ?? LAST)],
})

export const GENESIS_HASH = genesisHash(genesis)
