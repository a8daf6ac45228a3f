/** The epochs' records on top of any state. */
import { epochKey } from '../state/keys.ts'
import type { StateReader, StateWriter } from '../state/view.ts'
import { type EpochRecord, epochRecordCodec } from '../types/epoch.ts'

/** `undefined` before it is frozen, and once it is forgotten. */
export const readEpoch = (state: Pick<StateReader, 'get'>, epoch: bigint): EpochRecord | undefined => {
  const bytes = state.get(epochKey(epoch))
  return bytes === undefined ? undefined : epochRecordCodec.decode(bytes)
}

export const writeEpoch = (state: StateWriter, epoch: bigint, record: EpochRecord): void =>
  state.set(epochKey(epoch), epochRecordCodec.encode(record))

export const forgetEpoch = (state: StateWriter, epoch: bigint): void => state.delete(epochKey(epoch))

/** Of an epoch that the rules say is there. */
export const frozenEpoch = (state: Pick<StateReader, 'get'>, epoch: bigint): EpochRecord => {
  const record = readEpoch(state, epoch)
  if (record === undefined) throw new Error(`the state holds no validators of epoch ${epoch}`)
  return record
}
