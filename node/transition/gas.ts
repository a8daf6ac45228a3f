/** What a transaction costs before any contract runs, and how the base fee moves. */
import { BASE_FEE, TRANSACTION_GAS } from '../params.ts'
import type { Action, SimpleAction } from '../types/transaction.ts'
import type { Amount, Gas } from '../types/primitives.ts'
import { stakeGas } from './staking/gas.ts'

export const simpleActions = (action: Action): readonly SimpleAction[] =>
  action.kind === 'batch' ? action.actions : [action]

const codeBytes = (action: SimpleAction): number =>
  action.kind === 'deploy' || action.kind === 'upgrade' ? action.code.length : 0

/** Of an action, beside what each transaction costs. */
const actionGas = (action: SimpleAction): Gas => {
  const code = codeBytes(action)
  return code === 0 ? stakeGas(action) : TRANSACTION_GAS.perCodeByte * BigInt(code) + stakeGas(action)
}

/** Charged in full even if the transaction fails; a gas limit below it is refused. */
export const intrinsicGas = (action: Action, sizeBytes: number): Gas => {
  const gas = TRANSACTION_GAS.base + TRANSACTION_GAS.perByte * BigInt(sizeBytes)
  if (action.kind !== 'batch') return gas + actionGas(action)
  const { actions } = action
  const more = TRANSACTION_GAS.perAction * BigInt(Math.max(0, actions.length - 1))
  return actions.reduce((sum, each) => sum + actionGas(each), gas + more)
}

/**
 * EIP-1559, in integers: towards the target by at most an eighth and at least by one. (Ethereum's own rule
 * falls by at least nothing: with fees of a few units it would never come down again.)
 */
export const nextBaseFee = (parent: { baseFee: Amount; gasUsed: Gas; gasLimit: Gas }): Amount => {
  const target = parent.gasLimit / BASE_FEE.elasticity
  const { baseFee, gasUsed } = parent
  if (gasUsed === target) return baseFee
  if (gasUsed > target) {
    const rise = (baseFee * (gasUsed - target)) / target / BASE_FEE.maxChangeDenominator
    return baseFee + (rise > 1n ? rise : 1n)
  }
  const fall = (baseFee * (target - gasUsed)) / target / BASE_FEE.maxChangeDenominator
  const next = baseFee - (fall > 1n ? fall : 1n)
  return next > BASE_FEE.minimum ? next : BASE_FEE.minimum
}

/** Units per gas that a sender pays at this base fee; the caller has checked `maxFee >= baseFee`. */
export const gasPrice = (body: { maxFee: Amount; tip: Amount }, baseFee: Amount): Amount =>
  body.maxFee < baseFee + body.tip ? body.maxFee : baseFee + body.tip
