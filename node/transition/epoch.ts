/**
 * What a block does for its epoch, after its transactions.
 *
 *   every block:            counts who voted for its parent, and who proposed it          (staking/uptime.ts)
 *   one, two thirds in:     fixes the nonce of the next epoch
 *   the last block of e:    pays rewards, slashes, freezes set e + 2, forgets what is too old  (staking/boundary.ts)
 */
import type { StateWriter } from '../state/view.ts'
import { lastHeight, nonceHeight } from '../types/epoch.ts'
import type { Address, Hash, Height, TimeMs } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import { frozenEpoch, writeEpoch } from './epoch-records.ts'
import { closeEpoch } from './staking/boundary.ts'
import type { EpochPlace } from './staking/context.ts'
import { countProposal, countVotes } from './staking/uptime.ts'

export interface EpochContext extends EpochPlace {
  /** As the block's header has it. */
  readonly nextNonce: Hash | undefined
  /** Who voted for the block's parent. */
  readonly parentCertificate: Certificate | undefined
}

export const closeBlock = (
  state: StateWriter,
  block: { chainId: string; height: Height; timeMs: TimeMs; proposer: Address },
  { params, epoch, nextNonce, parentCertificate }: EpochContext,
): void => {
  const { chainId, height, timeMs, proposer } = block
  const context = { chainId, height, timeMs, params, epoch }
  if (parentCertificate !== undefined) countVotes(state, context, parentCertificate)
  countProposal(state, proposer)
  if (height === nonceHeight(epoch, params.epochBlocks))
    writeEpoch(state, epoch + 1n, { ...frozenEpoch(state, epoch + 1n), nonce: nextNonce })
  if (height === lastHeight(epoch, params.epochBlocks)) closeEpoch(state, context)
}
