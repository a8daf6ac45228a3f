/** What a chain starts from. Its hash is the chain's identity; nodes of another genesis never talk. */
import { LIMITS, STAKE_UNIT } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { createCodec, fixedBytes, list, struct, text, u16, u64 } from './codec.ts'
import {
  type Address,
  addressType,
  type Amount,
  amountType,
  type Gas,
  type Hash,
  type TimeMs,
} from './primitives.ts'
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  type Validator,
  VRF_PROOF_BYTES,
  VRF_PUBLIC_KEY_BYTES,
} from './validator.ts'

export interface ChainParams {
  /** The most gas of one block; the base fee aims at half of it. */
  blockGasLimit: Gas
  /** A block's time is at least its parent's plus this. */
  minBlockIntervalMs: bigint
  /** With nothing to do, a leader makes an empty block after this long. */
  idleBlockIntervalMs: bigint
  initialBaseFee: Amount
  /** Consensus.md's d0 and R, in ms. */
  networkDelayMs: bigint
  standstillMs: bigint
  /** L: how many blocks one set of validators votes on. */
  epochBlocks: bigint
  /** New units for every block, paid to validators and delegators at the end of its epoch. */
  blockReward: Amount
  /** Evidence counts until it is older than both: what was unbonded stays liable that long, and two epochs. */
  evidenceMaxAgeBlocks: bigint
  evidenceMaxAgeMs: bigint
}

export interface GenesisAccount {
  address: Address
  balance: Amount
}

export interface GenesisValidator {
  address: Address
  voteKey: Uint8Array
  /** BLS signature of the vote key by itself: proves possession, stops rogue-key aggregates. */
  proofOfPossession: Uint8Array
  vrfKey: Uint8Array
  /** ECVRF proof over the chain id, the address and the key itself. */
  vrfProof: Uint8Array
  /** Its own, in units; what it gives in power says params.ts. */
  stake: Amount
  /** What it keeps of its delegators' rewards, in ten-thousandths. */
  commissionBps: number
}

export interface Genesis {
  chainId: string
  timeMs: TimeMs
  params: ChainParams
  accounts: GenesisAccount[]
  validators: GenesisValidator[]
}

export const genesisCodec = createCodec<Genesis>(
  struct('Genesis', {
    chainId: text(LIMITS.chainIdBytes),
    timeMs: u64,
    params: struct('ChainParams', {
      blockGasLimit: u64,
      minBlockIntervalMs: u64,
      idleBlockIntervalMs: u64,
      initialBaseFee: amountType,
      networkDelayMs: u64,
      standstillMs: u64,
      epochBlocks: u64,
      blockReward: amountType,
      evidenceMaxAgeBlocks: u64,
      evidenceMaxAgeMs: u64,
    }),
    accounts: list(struct('GenesisAccount', { address: addressType, balance: amountType }), 100_000),
    validators: list(
      struct('GenesisValidator', {
        address: addressType,
        voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
        proofOfPossession: fixedBytes(BLS_SIGNATURE_BYTES),
        vrfKey: fixedBytes(VRF_PUBLIC_KEY_BYTES),
        vrfProof: fixedBytes(VRF_PROOF_BYTES),
        stake: amountType,
        commissionBps: u16,
      }),
      LIMITS.validators,
    ),
  }),
  8 * 1024 * 1024,
)

export const genesisHash = (genesis: Genesis): Hash => taggedHash(TAGS.genesis, genesisCodec.encode(genesis))

/** The set that votes on epochs 0 and 1. */
export const genesisValidators = (genesis: Genesis): Validator[] =>
  genesis.validators.map(({ address, voteKey, vrfKey, stake }) => ({
    address,
    voteKey,
    vrfKey,
    power: stake / STAKE_UNIT,
  }))
