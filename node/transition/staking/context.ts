/** What the rules of staking know of the block beside its state, and how an action ends. */
import type { ChainParams } from '../../types/genesis.ts'
import type { Amount, Height, TimeMs } from '../../types/primitives.ts'
import type { ExecutionErrorCode } from '../../types/receipt.ts'

/** The epoch a block stands in. */
export interface EpochPlace {
  readonly params: ChainParams
  readonly epoch: bigint
}

export interface StakeContext extends EpochPlace {
  readonly chainId: string
  readonly height: Height
  readonly timeMs: TimeMs
}

/** `amount`: what moved, in units; 0 where nothing does. */
export type StakeOutcome =
  | { readonly ok: true; readonly amount: Amount }
  | { readonly ok: false; readonly code: ExecutionErrorCode; readonly message: string }

export const moved = (amount: Amount): StakeOutcome => ({ ok: true, amount })

export const refused = (code: ExecutionErrorCode, message: string): StakeOutcome & { ok: false } => ({
  ok: false,
  code,
  message,
})
