/**
 * How several validators begin a chain together, without anybody showing a secret.
 *
 * 1. One of them drafts a genesis: chain id, parameters, accounts, no validators.
 * 2. Each makes a statement: its public keys, what it stakes and keeps, all bound to the chain id. The operator key signs
 *    it, and each of the other keys proves that whoever made it holds the key.
 * 3. The statements are added to the draft, one after another. What does not hold is refused.
 * 4. All compare the hash of what came out (types/genesis.ts), each with its own copy.
 *
 * A statement is public: `validator.json` says nothing that the genesis does not say, but for the operator's public key.
 */
import { z } from 'zod'
import { address, bytesOf, describeIssues, u64 } from './api/inputs.ts'
import { checkDraft, GenesisError } from './chain/genesis.ts'
import { formatAddress, publicKeyToAddress } from './crypto/address.ts'
import { sign, verifyNative } from './crypto/ed25519.ts'
import { TAGS, taggedHash } from './crypto/hash.ts'
import { LIMITS, STAKING, VEX } from './params.ts'
import { createCodec, fixedBytes, struct, text, u16 } from './types/codec.ts'
import type { ChainParams, Genesis, GenesisAccount } from './types/genesis.ts'
import {
  addressType,
  type Amount,
  amountType,
  bytesEqual,
  type Hash,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
  type TimeMs,
  toHex,
} from './types/primitives.ts'
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  VRF_PROOF_BYTES,
  VRF_PUBLIC_KEY_BYTES,
} from './types/validator.ts'
import { publicValidatorKeys, type ValidatorKeys } from './validator-keys.ts'

const MAX_BPS = 10_000
const DAY_MS = 86_400_000n

/** For validators all over the world; a chain in one room may take less time for everything. */
export const DEFAULT_CHAIN_PARAMS: ChainParams = {
  blockGasLimit: 1_000_000_000n,
  minBlockIntervalMs: 250n,
  idleBlockIntervalMs: 5_000n,
  initialBaseFee: 1n,
  networkDelayMs: 500n,
  standstillMs: 1_000n,
  epochBlocks: 1_200n,
  blockReward: VEX / 10n,
  // Two weeks, and as many blocks as an idle chain makes in them.
  evidenceMaxAgeBlocks: (14n * DAY_MS) / 5_000n,
  evidenceMaxAgeMs: 14n * DAY_MS,
}

export interface DraftOptions {
  readonly chainId: string
  readonly timeMs: TimeMs
  readonly params: ChainParams
  readonly accounts: readonly GenesisAccount[]
}

const assertChainId = (chainId: string): void => {
  if (chainId.length > 0 && Buffer.byteLength(chainId) <= LIMITS.chainIdBytes) return
  throw new GenesisError(
    `the chain id ${JSON.stringify(chainId)} has ${Buffer.byteLength(chainId)} bytes: it takes 1 to ${LIMITS.chainIdBytes}`,
  )
}

/** A genesis that no validator is in yet. Throws a {@link GenesisError} that names what is wrong. */
export const draftGenesis = ({ chainId, timeMs, params, accounts }: DraftOptions): Genesis => {
  assertChainId(chainId)
  const genesis = { chainId, timeMs, params, accounts: [...accounts], validators: [] }
  checkDraft(genesis)
  return genesis
}

const schema = z.strictObject({
  version: z.literal(1),
  chainId: z.string(),
  /** Follows from the operator's key; for people. */
  address,
  operatorKey: bytesOf(PUBLIC_KEY_BYTES),
  voteKey: bytesOf(BLS_PUBLIC_KEY_BYTES),
  proofOfPossession: bytesOf(BLS_SIGNATURE_BYTES),
  vrfKey: bytesOf(VRF_PUBLIC_KEY_BYTES),
  vrfProof: bytesOf(VRF_PROOF_BYTES),
  stake: u64,
  commissionBps: z.int().min(0).max(MAX_BPS),
  /** Of all that stands before it, by the operator's key. */
  signature: bytesOf(SIGNATURE_BYTES),
})

export type ValidatorStatement = z.output<typeof schema>
type Unsigned = Omit<ValidatorStatement, 'version' | 'signature'>

const unsignedCodec = createCodec<Unsigned>(
  struct('ValidatorStatement', {
    chainId: text(LIMITS.chainIdBytes),
    address: addressType,
    operatorKey: fixedBytes(PUBLIC_KEY_BYTES),
    voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
    proofOfPossession: fixedBytes(BLS_SIGNATURE_BYTES),
    vrfKey: fixedBytes(VRF_PUBLIC_KEY_BYTES),
    vrfProof: fixedBytes(VRF_PROOF_BYTES),
    stake: amountType,
    commissionBps: u16,
  }),
)

const statementHash = (statement: Unsigned): Hash =>
  taggedHash(TAGS.validatorStatement, unsignedCodec.encode(statement))

/** Whatever it says: it is checked where it is added. */
export const signStatement = (statement: Unsigned, operatorSecretKey: Uint8Array): ValidatorStatement => ({
  version: 1,
  ...statement,
  signature: sign(operatorSecretKey, statementHash(statement)),
})

const assertStake = (stake: Amount): void => {
  if (stake >= STAKING.minSelfStake) return
  throw new GenesisError(
    `a stake of ${stake} units is too little: a validator brings at least ${STAKING.minSelfStake} (${STAKING.minSelfStake / VEX}vex) of its own`,
  )
}

export interface StatementOptions {
  readonly chainId: string
  readonly stake: Amount
  /** Ten-thousandths of its delegators' rewards. */
  readonly commissionBps: number
}

/** Throws a {@link GenesisError} for what no genesis would take. */
export const createStatement = (
  keys: ValidatorKeys,
  { chainId, stake, commissionBps }: StatementOptions,
): ValidatorStatement => {
  assertChainId(chainId)
  assertStake(stake)
  const statement = {
    chainId,
    operatorKey: keys.operatorPublicKey,
    ...publicValidatorKeys(keys, chainId),
    stake,
    commissionBps,
  }
  return signStatement(statement, keys.operatorSecretKey)
}

/** `validator.json`. */
export const formatStatement = (statement: ValidatorStatement): string => {
  const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
  const json = {
    version: 1,
    chainId: statement.chainId,
    address: formatAddress(statement.address),
    operatorKey: hex(statement.operatorKey),
    voteKey: hex(statement.voteKey),
    proofOfPossession: hex(statement.proofOfPossession),
    vrfKey: hex(statement.vrfKey),
    vrfProof: hex(statement.vrfProof),
    stake: String(statement.stake),
    commissionBps: statement.commissionBps,
    signature: hex(statement.signature),
  }
  return `${JSON.stringify(json, null, 2)}\n`
}

/** Only its form; `path` is for errors alone. Throws a {@link GenesisError} that names the field. */
export const parseStatement = (json: string, path: string): ValidatorStatement => {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new GenesisError(`${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new GenesisError(
    `${path} is no statement of a validator: ${describeIssues(parsed.error.issues)}. vex genesis validator makes one`,
  )
}

/** The genesis with one validator more. Throws a {@link GenesisError} if the statement does not hold, or does not fit. */
export const addValidator = (genesis: Genesis, statement: ValidatorStatement): Genesis => {
  const { version: _, signature, operatorKey, chainId, ...validator } = statement
  const who = `the statement of ${formatAddress(validator.address)}`
  if (chainId !== genesis.chainId)
    throw new GenesisError(
      `${who} is for the chain ${JSON.stringify(chainId)}, not ${JSON.stringify(genesis.chainId)}: its validator has to make another`,
    )
  if (!bytesEqual(validator.address, publicKeyToAddress(operatorKey)))
    throw new GenesisError(`${who} names an address that is not that of its operator key`)
  if (!verifyNative(operatorKey, statementHash(statement), signature))
    throw new GenesisError(
      `${who} was changed after its operator had signed it: get it again from the validator`,
    )
  assertStake(validator.stake)
  if (genesis.validators.length >= LIMITS.validators)
    throw new GenesisError(`a genesis names at most ${LIMITS.validators} validators`)
  const extended = { ...genesis, validators: [...genesis.validators, validator] }
  checkDraft(extended)
  return extended
}
