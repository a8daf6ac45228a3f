/**
 * What a block does for its epoch, after its transactions: it fixes the next epoch's nonce when its turn has come,
 * and the last block of an epoch freezes the set of the epoch after the next.
 *
 *   the last block of e:  set e + 2 := as the stakes stand now;  the record of e - kept is forgotten
 */
import { epochKey } from '../state/keys.ts'
import type { StateReader, StateWriter } from '../state/view.ts'
import { type EpochRecord, epochRecordCodec, lastHeight, nonceHeight } from '../types/epoch.ts'
import type { ChainParams } from '../types/genesis.ts'
import type { Hash, Height } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'

export interface EpochContext {
  readonly params: ChainParams
  readonly epoch: bigint
  /** As the block's header has it. */
  readonly nextNonce: Hash | undefined
  /** Who voted for the block's parent. */
  readonly parentCertificate: Certificate | undefined
}

export const readEpoch = (state: Pick<StateReader, 'get'>, epoch: bigint): EpochRecord | undefined => {
  const bytes = state.get(epochKey(epoch))
  return bytes === undefined ? undefined : epochRecordCodec.decode(bytes)
}

export const writeEpoch = (state: StateWriter, epoch: bigint, record: EpochRecord): void =>
  state.set(epochKey(epoch), epochRecordCodec.encode(record))

const frozenEpoch = (state: StateWriter, epoch: bigint): EpochRecord => {
  const record = readEpoch(state, epoch)
  if (record === undefined) throw new Error(`the state holds no validators of epoch ${epoch}`)
  return record
}

export const closeBlock = (
  state: StateWriter,
  height: Height,
  { params: { epochBlocks }, epoch, nextNonce }: EpochContext,
): void => {
  if (height === nonceHeight(epoch, epochBlocks))
    writeEpoch(state, epoch + 1n, { ...frozenEpoch(state, epoch + 1n), nonce: nextNonce })
  if (height !== lastHeight(epoch, epochBlocks)) return
  const { validators } = frozenEpoch(state, epoch + 1n)
  writeEpoch(state, epoch + 2n, { validators, nonce: undefined })
}
