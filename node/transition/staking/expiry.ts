/**
 * How long an epoch may be brought up: while evidence about it is younger than the greatest age in blocks OR in time.
 * A chain that stood still, or ran fast, does not shorten it.
 */
import type { StateReader } from '../../state/view.ts'
import { lastHeight } from '../../types/epoch.ts'
import { readEpochEnd, readTotals } from './records.ts'
import type { StakeContext } from './context.ts'

export const isExpired = (
  state: Pick<StateReader, 'get'>,
  { epoch: current, height, timeMs, params }: StakeContext,
  epoch: bigint,
): boolean => {
  if (epoch >= current) return false
  if (epoch < readTotals(state).oldestEpoch) return true
  const end = readEpochEnd(state, epoch)
  if (end === undefined) throw new Error(`the state does not say when epoch ${epoch} ended`)
  return (
    height - lastHeight(epoch, params.epochBlocks) > params.evidenceMaxAgeBlocks &&
    timeMs - end > params.evidenceMaxAgeMs
  )
}

/** Evidence about an epoch in which a pool's tokens still voted has been too old for two epochs. */
export const isMature = (
  state: Pick<StateReader, 'get'>,
  context: StakeContext,
  { leftAt }: { readonly leftAt: bigint },
): boolean => isExpired(state, context, leftAt + 1n)
