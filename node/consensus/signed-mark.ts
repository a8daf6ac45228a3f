/** How far a key has signed: the highest epoch, in it the highest view, and in that which kinds of vote. */
import { MAX_U64 } from '../types/primitives.ts'
import { VOTE_KINDS, type VoteStatement } from '../types/vote.ts'
import type { LogRecord } from './protocol.ts'

export interface SignedMark {
  readonly epoch: bigint
  readonly view: bigint
  /** Bit i: a vote of VOTE_KINDS[i]. */
  readonly kinds: number
}

const ALL_KINDS = (1 << VOTE_KINDS.length) - 1

/** Above all that is ever signed: the key was moved away (validator-move.ts), and votes here no more. */
export const RETIRED: SignedMark = { epoch: MAX_U64, view: MAX_U64, kinds: ALL_KINDS }
export const isRetired = ({ epoch, view }: SignedMark): boolean =>
  epoch === RETIRED.epoch && view === RETIRED.view

export const markOf = ({ kind, epoch, view }: VoteStatement): SignedMark => ({
  epoch,
  view,
  kinds: 1 << VOTE_KINDS.indexOf(kind),
})

export const raiseMark = (mark: SignedMark | undefined, by: SignedMark): SignedMark => {
  if (mark === undefined || by.epoch > mark.epoch) return by
  if (by.epoch < mark.epoch || by.view < mark.view) return mark
  return by.view > mark.view ? by : { ...mark, kinds: mark.kinds | by.kinds }
}

/** Whether whoever remembers `known` remembers all that `mark` says. */
export const coversMark = (known: SignedMark | undefined, mark: SignedMark): boolean => {
  if (known === undefined || known.epoch < mark.epoch) return false
  if (known.epoch > mark.epoch || known.view > mark.view) return true
  return known.view === mark.view && (mark.kinds & ~known.kinds) === 0
}

/** What a log remembers. A sealed view stands for all that may have been signed up to it. */
export const markOfRecords = (records: readonly LogRecord[]): SignedMark | undefined => {
  let mark: SignedMark | undefined
  for (const record of records) {
    if (record.kind === 'vote') mark = raiseMark(mark, markOf(record.statement))
    if (record.kind === 'sealed')
      mark = raiseMark(mark, { epoch: record.epoch, view: record.view, kinds: ALL_KINDS })
  }
  return mark
}
