/**
 * A transaction: what an account asks of the chain, signed.
 *
 *   id        = SHA-256("vex/tx/v1" | BCS(body))
 *   signature = Ed25519(secret key, id)            over the 32 bytes of the id
 *
 * The id does not cover the signature: whoever holds the key may sign the same body twice, and both are
 * the same transaction. The block's transactions root covers both.
 */
import { LIMITS } from '../params.ts'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { publicKeyToAddress } from '../crypto/address.ts'
import {
  type BcsType,
  byteString,
  createCodec,
  fixedBytes,
  list,
  option,
  struct,
  text,
  u16,
  u64,
  union,
  versionByte,
} from './codec.ts'
import {
  type Address,
  addressType,
  type Amount,
  amountType,
  type Gas,
  type Hash,
  type Height,
  PUBLIC_KEY_BYTES,
  SIGNATURE_BYTES,
} from './primitives.ts'
import { type Evidence, evidenceType } from './evidence.ts'
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  VRF_PROOF_BYTES,
  VRF_PUBLIC_KEY_BYTES,
} from './validator.ts'

/** What each does: transition/staking/, a file an action. The validator is named by its operator. */
export type StakeAction =
  /** The sender becomes an operator, with keys that it proves to hold and a stake of its own. */
  | {
      kind: 'registerValidator'
      voteKey: Uint8Array
      proofOfPossession: Uint8Array
      vrfKey: Uint8Array
      vrfProof: Uint8Array
      commissionBps: number
      stake: Amount
    }
  | { kind: 'editValidator'; commissionBps: number }
  | { kind: 'delegate'; validator: Address; amount: Amount }
  /** No amount: everything. */
  | { kind: 'undelegate'; validator: Address; amount: Amount | undefined }
  | { kind: 'withdraw'; validator: Address }
  | { kind: 'claimRewards'; validator: Address }
  | { kind: 'unjail' }
  | { kind: 'submitEvidence'; evidence: Evidence }

/** What one account does. Tags are positions in {@link simpleActionType}: append only. */
export type SimpleAction =
  | { kind: 'transfer'; to: Address; amount: Amount }
  /** Creates a contract at hash(deployer, nonce) and calls `init` with `args`. */
  | { kind: 'deploy'; code: Uint8Array; args: Uint8Array; value: Amount; owner: Address | undefined }
  | { kind: 'call'; contract: Address; method: string; args: Uint8Array; value: Amount }
  /** Only by the contract's owner. Calls the new code's `migrate` with `args` if it has one. */
  | { kind: 'upgrade'; contract: Address; code: Uint8Array; args: Uint8Array }
  /** Only by the contract's owner. No owner freezes the contract's code for ever. */
  | { kind: 'setOwner'; contract: Address; owner: Address | undefined }
  | StakeAction

/** A batch applies all of its actions or none; it cannot hold another batch. */
export type Action = SimpleAction | { kind: 'batch'; actions: SimpleAction[] }

export interface TransactionBody {
  version: 1
  chainId: string
  /** Ed25519 public key, 32 bytes. */
  sender: Uint8Array
  nonce: bigint
  gasLimit: Gas
  /** The most the sender pays per unit of gas, base fee and tip together. */
  maxFee: Amount
  /** Of that, at most this much per unit of gas goes to the proposer. */
  tip: Amount
  /** The last height at which the transaction may be in a block. */
  validUntilHeight: Height
  action: Action
}

export interface Transaction {
  body: TransactionBody
  /** 64 bytes. */
  signature: Uint8Array
}

const callArguments = byteString(LIMITS.callArgumentsBytes)
const code = byteString(LIMITS.codeBytes)

const stakeActionVariants = {
  registerValidator: struct('RegisterValidator', {
    voteKey: fixedBytes(BLS_PUBLIC_KEY_BYTES),
    proofOfPossession: fixedBytes(BLS_SIGNATURE_BYTES),
    vrfKey: fixedBytes(VRF_PUBLIC_KEY_BYTES),
    vrfProof: fixedBytes(VRF_PROOF_BYTES),
    commissionBps: u16,
    stake: amountType,
  }),
  editValidator: struct('EditValidator', { commissionBps: u16 }),
  delegate: struct('Delegate', { validator: addressType, amount: amountType }),
  undelegate: struct('Undelegate', { validator: addressType, amount: option(amountType) }),
  withdraw: struct('Withdraw', { validator: addressType }),
  claimRewards: struct('ClaimRewards', { validator: addressType }),
  unjail: struct('Unjail', {}),
  submitEvidence: struct('SubmitEvidence', { evidence: evidenceType }),
}

const simpleActionVariants = {
  transfer: struct('Transfer', { to: addressType, amount: amountType }),
  deploy: struct('Deploy', { code, args: callArguments, value: amountType, owner: option(addressType) }),
  call: struct('Call', {
    contract: addressType,
    method: text(LIMITS.methodNameBytes),
    args: callArguments,
    value: amountType,
  }),
  upgrade: struct('Upgrade', { contract: addressType, code, args: callArguments }),
  setOwner: struct('SetOwner', { contract: addressType, owner: option(addressType) }),
}

/** Holds the batch's number among the actions of a batch, so that each action has one number everywhere. */
const noBatch: BcsType<never> = {
  name: 'NoBatch',
  read: () => {
    throw new TypeError('a batch cannot hold another batch')
  },
  write: () => {
    throw new TypeError('a batch cannot hold another batch')
  },
}

const variantsInBatch = { ...simpleActionVariants, batch: noBatch, ...stakeActionVariants }
const simpleActionType = union<SimpleAction>('SimpleAction', variantsInBatch)

const actionType = union<Action>('Action', {
  ...simpleActionVariants,
  batch: struct('Batch', { actions: list(simpleActionType, LIMITS.batchActions) }),
  ...stakeActionVariants,
})

const bodyType = struct('TransactionBody', {
  version: versionByte('transaction', 1),
  chainId: text(LIMITS.chainIdBytes),
  sender: fixedBytes(PUBLIC_KEY_BYTES),
  nonce: u64,
  gasLimit: u64,
  maxFee: amountType,
  tip: amountType,
  validUntilHeight: u64,
  action: actionType,
})

export const transactionBodyCodec = createCodec<TransactionBody>(bodyType, LIMITS.transactionBytes)

export const transactionCodec = createCodec<Transaction>(
  struct('Transaction', { body: bodyType, signature: fixedBytes(SIGNATURE_BYTES) }),
  LIMITS.transactionBytes,
)

export const transactionId = (body: TransactionBody): Hash =>
  taggedHash(TAGS.transaction, transactionBodyCodec.encode(body))

/** The same from the bytes of a transaction, which end in its signature; they are not checked. */
export const transactionIdOfBytes = (bytes: Uint8Array): Hash =>
  taggedHash(TAGS.transaction, bytes.subarray(0, bytes.length - SIGNATURE_BYTES))

/** The bytes of a transaction that was parsed before, with what is derived from them, computed once. */
export interface NamedTransaction {
  readonly bytes: Uint8Array
  readonly id: Hash
  readonly sender: Address
}

/** Decoded. The signature has not been checked unless the holder says so. */
export interface ParsedTransaction extends NamedTransaction {
  readonly transaction: Transaction
}

/** From its bytes; the rest is taken as it was derived. */
export const parseAgain = ({ bytes, id, sender }: NamedTransaction): ParsedTransaction => ({
  bytes,
  transaction: transactionCodec.decode(bytes),
  id,
  sender,
})

/** Throws a CodecError. */
export const parseTransaction = (bytes: Uint8Array): ParsedTransaction => {
  const transaction = transactionCodec.decode(bytes)
  const id = transactionIdOfBytes(bytes)
  return { bytes, transaction, id, sender: publicKeyToAddress(transaction.body.sender) }
}
