/**
 * Who votes, as the certificates inside the blocks say, over the last 1,000 blocks.
 *
 * A member that missed more than half of them, so that its votes are below 50 % of the window, loses a ten-thousandth
 * and is jailed. What was before it entered the set, or before its last jail, counts as voted for.
 *
 * Two records change in a block: the list of those who were absent, in the place of the window that the oldest block
 * leaves, and one list of counters. With 128 validators these are 2 KB, and nothing when all voted.
 */
import { STAKING } from '../../params.ts'
import type { StateWriter } from '../../state/view.ts'
import type { Address, Height } from '../../types/primitives.ts'
import type { MemberUptime, Uptime } from '../../types/staking.ts'
import { SLASH_ONE } from '../../types/staking.ts'
import type { Validator } from '../../types/validator.ts'
import type { Certificate } from '../../types/vote.ts'
import { frozenEpoch } from '../epoch-records.ts'
import type { StakeContext } from './context.ts'
import {
  knownValidator,
  readAbsent,
  readProposals,
  readUptime,
  writeAbsent,
  writeProposals,
  writeUptime,
  writeValidator,
} from './records.ts'
import { burnBonded } from './slash.ts'

export const countProposal = (state: StateWriter, proposer: Address): void =>
  writeProposals(state, proposer, readProposals(state, proposer) + 1)

/** The counters of an epoch's members: those of the epoch before stay, others begin at `height`. */
const membersOf = (
  state: StateWriter,
  validators: readonly Validator[],
  before: Uptime | undefined,
  height: Height,
): MemberUptime[] => {
  const known = new Map(before?.members.map(member => [member.id, member]))
  return validators.map(({ address }) => {
    const { id } = knownValidator(state, address)
    return known.get(id) ?? { id, missed: 0, since: height }
  })
}

const hasVoted = ({ signers }: Certificate, member: number): boolean =>
  (((signers[member >> 3] ?? 0) >> (member & 7)) & 1) === 1

/** A tombstoned validator has lost more, one that is jailed is out already. */
const punish = (state: StateWriter, operator: Address, { timeMs }: StakeContext): void => {
  const validator = knownValidator(state, operator)
  if (validator.isTombstoned || validator.jailedUntil !== undefined) return
  writeValidator(state, operator, { ...validator, jailedUntil: timeMs + STAKING.jailMs })
  burnBonded(state, operator, { of: SLASH_ONE, part: STAKING.downtimeSlash })
}

/** `certificate`: of the block's parent, whose height is one less. */
export const countVotes = (state: StateWriter, context: StakeContext, certificate: Certificate): void => {
  const height = context.height - 1n
  const { epoch } = certificate
  const before = readUptime(state)
  const isNewEpoch = before?.epoch !== epoch
  const members = isNewEpoch
    ? membersOf(state, frozenEpoch(state, epoch).validators, before, height)
    : before.members.map(member => ({ ...member }))

  const place = Number(height % STAKING.uptimeWindowBlocks)
  const leaving = height - STAKING.uptimeWindowBlocks
  const absentThen = new Set(readAbsent(state, place))
  const absent: number[] = []
  for (const [index, member] of members.entries()) {
    if (absentThen.has(member.id) && member.since <= leaving) member.missed -= 1
    if (hasVoted(certificate, index)) continue
    member.missed += 1
    absent.push(member.id)
  }
  const offline = members.flatMap(({ missed }, index) => (missed > STAKING.maxMissedBlocks ? [index] : []))
  if (offline.length > 0) {
    const { validators } = frozenEpoch(state, epoch)
    for (const index of offline) {
      punish(state, (validators[index] as Validator).address, context)
      members[index] = { ...(members[index] as MemberUptime), missed: 0, since: height + 1n }
    }
  }
  if (absentThen.size > 0 || absent.length > 0) writeAbsent(state, place, absent)
  if (isNewEpoch || absentThen.size > 0 || absent.length > 0) writeUptime(state, { epoch, members })
}
