/** What stake actions cost, priced by the time they take. */
import { LIMITS, STAKE_GAS } from '../../params.ts'
import type { Gas } from '../../types/primitives.ts'
import type { SimpleAction, StakeAction } from '../../types/transaction.ts'

/** How many signers evidence may have: each key is decoded for each of two certificates. */
const evidenceSigners = ({ evidence }: Extract<StakeAction, { kind: 'submitEvidence' }>): bigint =>
  evidence.kind === 'votes'
    ? 1n
    : 8n *
      BigInt(
        Math.min(
          Math.max(evidence.first.signers.length, evidence.second.signers.length),
          LIMITS.validators / 8,
        ),
      )

/** What a stake action costs beyond the transaction; `withdraw` costs more for each pool. 0 for other actions. */
export const stakeGas = (action: SimpleAction): Gas => {
  switch (action.kind) {
    case 'registerValidator':
    case 'editValidator':
    case 'delegate':
    case 'undelegate':
    case 'withdraw':
    case 'claimRewards':
    case 'unjail':
      return STAKE_GAS[action.kind]
    case 'submitEvidence':
      return STAKE_GAS.submitEvidence + STAKE_GAS.evidenceSigner * evidenceSigners(action)
    case 'transfer':
    case 'deploy':
    case 'call':
    case 'upgrade':
    case 'setOwner':
      return 0n
  }
}
