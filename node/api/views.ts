/**
 * Chain objects as JSON: amounts, gas, heights and times are decimal strings (they exceed what a JSON number
 * holds), bytes are `0x` hex, addresses are bech32m.
 */
import { decodeRevert } from '../abi/values.ts'
import { formatAddress } from '../crypto/address.ts'
import type { StoredBlock } from '../chain/store.ts'
import type { TransactionPlace } from '../types/transaction-terms.ts'
import { type Address, type Hash, toHex } from '../types/primitives.ts'
import type { ContractEvent, ExecutionError, Receipt } from '../types/receipt.ts'
import { type Action, type ParsedTransaction, transactionIdOfBytes } from '../types/transaction.ts'
import type { Account } from '../types/account.ts'
import { evidenceCodec } from '../types/evidence.ts'
import type { Certificate, VoteKind } from '../types/vote.ts'

export const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

export const viewAccount = (address: Address, account: Account, pendingNonce: bigint) => ({
  address: formatAddress(address),
  balance: String(account.balance),
  nonce: String(account.nonce),
  /** The nonce to sign next: after the transactions that wait in the pool. */
  pendingNonce: String(pendingNonce),
  contract:
    account.contract === undefined
      ? null
      : {
          codeHash: hex(account.contract.codeHash),
          owner: account.contract.owner === undefined ? null : formatAddress(account.contract.owner),
          storageBytes: String(account.contract.storageBytes),
          deposit: String(account.contract.deposit),
        },
})

export const viewCertificate = (certificate: Certificate) => ({
  kind: certificate.kind,
  epoch: String(certificate.epoch),
  view: String(certificate.view),
  hash: certificate.hash === undefined ? null : hex(certificate.hash),
  signers: hex(certificate.signers),
  signature: hex(certificate.signature),
})

export const viewBlock = ({ hash, block }: StoredBlock, certificate: Certificate | undefined) => {
  const { header } = block
  return {
    hash: hex(hash),
    version: header.version,
    chainId: header.chainId,
    height: String(header.height),
    epoch: String(header.epoch),
    view: String(header.view),
    parentHash: hex(header.parentHash),
    parentView: String(header.parentView),
    parentCertificate:
      header.parentCertificate === undefined ? null : viewCertificate(header.parentCertificate),
    timeMs: String(header.timeMs),
    proposer: formatAddress(header.proposer),
    vrfProof: hex(header.vrfProof),
    eta: hex(header.eta),
    nextNonce: header.nextNonce === undefined ? null : hex(header.nextNonce),
    transactionsRoot: hex(header.transactionsRoot),
    stateRoot: hex(header.stateRoot),
    receiptsRoot: hex(header.receiptsRoot),
    validatorsHash: hex(header.validatorsHash),
    nextValidatorsHash: hex(header.nextValidatorsHash),
    gasUsed: String(header.gasUsed),
    gasLimit: String(header.gasLimit),
    baseFee: String(header.baseFee),
    transactions: block.transactions.map(bytes => hex(transactionIdOfBytes(bytes))),
    certificate: certificate === undefined ? null : viewCertificate(certificate),
  }
}

type StakeActionView =
  | {
      kind: 'registerValidator'
      voteKey: string
      proofOfPossession: string
      vrfKey: string
      vrfProof: string
      commissionBps: number
      stake: string
    }
  | { kind: 'editValidator'; commissionBps: number }
  | { kind: 'delegate'; validator: string; amount: string }
  /** No amount: everything. */
  | { kind: 'undelegate'; validator: string; amount: string | null }
  | { kind: 'withdraw' | 'claimRewards'; validator: string }
  | { kind: 'unjail' }
  | {
      kind: 'submitEvidence'
      /** The two, in BCS: what is submitted again anywhere else. */
      evidence: string
      about: { kind: 'votes' | 'certificates'; epoch: string; view: string; votes: [VoteKind, VoteKind] }
    }

export type ActionView =
  | { kind: 'transfer'; to: string; amount: string }
  | { kind: 'deploy'; codeBytes: number; args: string; value: string; owner: string | null }
  | { kind: 'call'; contract: string; method: string; args: string; value: string }
  | { kind: 'upgrade'; contract: string; codeBytes: number; args: string }
  | { kind: 'setOwner'; contract: string; owner: string | null }
  | StakeActionView
  | { kind: 'batch'; actions: ActionView[] }

const viewOwner = (owner: Address | undefined): string | null =>
  owner === undefined ? null : formatAddress(owner)

/** Code is shown by its size: it is large, and `account` gives its hash. */
export const viewAction = (action: Action): ActionView => {
  switch (action.kind) {
    case 'transfer':
      return { kind: action.kind, to: formatAddress(action.to), amount: String(action.amount) }
    case 'deploy':
      return {
        kind: action.kind,
        codeBytes: action.code.length,
        args: hex(action.args),
        value: String(action.value),
        owner: viewOwner(action.owner),
      }
    case 'call':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        method: action.method,
        args: hex(action.args),
        value: String(action.value),
      }
    case 'upgrade':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        codeBytes: action.code.length,
        args: hex(action.args),
      }
    case 'setOwner':
      return { kind: action.kind, contract: formatAddress(action.contract), owner: viewOwner(action.owner) }
    case 'registerValidator':
      return {
        kind: action.kind,
        voteKey: hex(action.voteKey),
        proofOfPossession: hex(action.proofOfPossession),
        vrfKey: hex(action.vrfKey),
        vrfProof: hex(action.vrfProof),
        commissionBps: action.commissionBps,
        stake: String(action.stake),
      }
    case 'editValidator':
      return { kind: action.kind, commissionBps: action.commissionBps }
    case 'delegate':
      return {
        kind: action.kind,
        validator: formatAddress(action.validator),
        amount: String(action.amount),
      }
    case 'undelegate':
      return {
        kind: action.kind,
        validator: formatAddress(action.validator),
        amount: action.amount === undefined ? null : String(action.amount),
      }
    case 'withdraw':
    case 'claimRewards':
      return { kind: action.kind, validator: formatAddress(action.validator) }
    case 'unjail':
      return { kind: action.kind }
    case 'submitEvidence': {
      const { kind, first, second } = action.evidence
      return {
        kind: action.kind,
        evidence: hex(evidenceCodec.encode(action.evidence)),
        about: {
          kind,
          epoch: String(first.epoch),
          view: String(first.view),
          votes: [first.kind, second.kind],
        },
      }
    }
    case 'batch':
      return { kind: action.kind, actions: action.actions.map(viewAction) }
  }
}

export const viewTransaction = (parsed: ParsedTransaction) => {
  const { body, signature } = parsed.transaction
  return {
    id: hex(parsed.id),
    sender: formatAddress(parsed.sender),
    publicKey: hex(body.sender),
    nonce: String(body.nonce),
    gasLimit: String(body.gasLimit),
    maxFee: String(body.maxFee),
    tip: String(body.tip),
    validUntilHeight: String(body.validUntilHeight),
    action: viewAction(body.action),
    signature: hex(signature),
    sizeBytes: parsed.bytes.length,
  }
}

export const viewEvent = (event: ContractEvent) => ({
  contract: formatAddress(event.contract),
  /** Its name is the first topic. */
  name: Buffer.from(event.topics[0] ?? []).toString('utf8'),
  topics: event.topics.map(hex),
  data: hex(event.data),
})
export type EventView = ReturnType<typeof viewEvent>

export const viewError = (error: ExecutionError) => ({
  code: error.code,
  /** For a revert, what the contract said. */
  message: error.code === 'reverted' ? decodeRevert(error.data) : error.message,
  data: hex(error.data),
})

/** What a transaction did, without where. */
export const viewOutcome = (receipt: Receipt) => ({
  status: receipt.status,
  gasUsed: String(receipt.gasUsed),
  feePaid: String(receipt.feePaid),
  /** Beside the fee: what went from the sender into storage deposits, and what came back to it. */
  depositPaid: String(receipt.depositPaid),
  depositReturned: String(receipt.depositReturned),
  returnData: hex(receipt.returnData),
  created: receipt.created.map(formatAddress),
  events: receipt.events.map(viewEvent),
  error: receipt.error === undefined ? null : viewError(receipt.error),
})

export const viewReceipt = (receipt: Receipt, place: TransactionPlace, blockHash: Hash) => ({
  transactionId: hex(receipt.transactionId),
  height: String(place.height),
  index: place.index,
  blockHash: hex(blockHash),
  ...viewOutcome(receipt),
})
export type ReceiptView = ReturnType<typeof viewReceipt>
