/** An action as the API takes it (api/inputs.ts). */
import { formatAddress } from '../crypto/address.ts'
import { evidenceCodec } from '../types/evidence.ts'
import { toHex } from '../types/primitives.ts'
import type { Action, SimpleAction } from '../types/transaction.ts'

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

const simpleActionToInput = (action: SimpleAction) => {
  switch (action.kind) {
    case 'transfer':
      return { kind: action.kind, to: formatAddress(action.to), amount: String(action.amount) }
    case 'deploy':
      return {
        kind: action.kind,
        code: hex(action.code),
        args: hex(action.args),
        value: String(action.value),
        owner: action.owner === undefined ? undefined : formatAddress(action.owner),
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
        code: hex(action.code),
        args: hex(action.args),
      }
    case 'setOwner':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        owner: action.owner === undefined ? undefined : formatAddress(action.owner),
      }
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
        amount: action.amount === undefined ? undefined : String(action.amount),
      }
    case 'withdraw':
      return { kind: action.kind, validator: formatAddress(action.validator) }
    case 'claimRewards':
      return { kind: action.kind, validator: formatAddress(action.validator) }
    case 'unjail':
      return { kind: action.kind }
    case 'submitEvidence':
      return { kind: action.kind, evidence: hex(evidenceCodec.encode(action.evidence)) }
  }
}

export const actionToInput = (action: Action) =>
  action.kind === 'batch'
    ? { kind: action.kind, actions: action.actions.map(simpleActionToInput) }
    : simpleActionToInput(action)
