/** One's own validator: what it earns, whether it votes, when it leads, and what needs its operator. */
import { formatAmount, formatInteger } from '../../amounts.ts'
import { showBps } from '../../show.ts'
import { findings, ownValidator } from '../health.ts'
import { hasVoted } from '../model.ts'
import type { State } from '../state.ts'
import { EMPTY, type Line, line, span, type Style } from '../text.ts'
import { formatBytes } from '../words.ts'
import { percent } from './blocks.ts'
import { pairs } from './list.ts'
import { STATUS } from './validators.ts'

const SHOWN_VOTES = 60

interface Need {
  readonly text: string
  readonly style: Extract<Style, 'warn' | 'bad'>
}

/** What needs the operator, with the command that helps. */
export const needs = (state: State): Need[] => {
  const { model, own, nowMs } = state
  const validator = ownValidator(state)
  const found: Need[] = []
  const need = (style: Need['style'], text: string): void => void found.push({ style, text })
  for (const { style, advice = [] } of findings(state))
    if (style === 'warn' || style === 'bad') for (const text of advice) need(style, text)
  if (model.validators !== undefined && validator === undefined)
    need('bad', `${own ?? ''} is not a validator of this chain: vex stake register`)
  if (validator === undefined) return found
  if (validator.status === 'tombstoned')
    need('bad', 'It has voted both ways and is out for good. Withdraw with vex stake undelegate.')
  if (validator.jailedUntilMs !== null) {
    const over = Number(validator.jailedUntilMs) <= nowMs
    need(
      'bad',
      `It is jailed until ${new Date(Number(validator.jailedUntilMs)).toISOString()}${over ? ', which has passed: vex stake unjail' : ': make it run, then vex stake unjail'}`,
    )
  }
  const allowed = model.stakeParameters?.maxMissedBlocks ?? 0
  const missed = validator.missedBlocks ?? 0
  if (allowed > 0 && missed > allowed / 2)
    need(
      missed > allowed * 0.8 ? 'bad' : 'warn',
      `It has missed ${missed} blocks; above ${allowed} it is jailed. Is its node running, and its clock right?`,
    )
  if (validator.status === 'waiting')
    need('warn', 'It has stake and no place in the set: more stake, or the next epoch.')
  if (BigInt(validator.nextPower) < BigInt(validator.power))
    need('warn', 'Its power falls with the next epoch.')
  return found
}

const voteStrip = ({ model, own }: State): Line => {
  const place = model.epoch?.validators.findIndex(({ address }) => address === own) ?? -1
  const recent = model.blocks.items
    .filter(({ parentVotes }) => parentVotes !== undefined && parentVotes.epoch === model.epoch?.epoch)
    .slice(-SHOWN_VOTES)
  if (place < 0 || recent.length === 0) return line(span('no votes of this epoch are known yet', 'dim'))
  return line(
    ...recent.map(({ parentVotes }) =>
      parentVotes !== undefined && hasVoted(parentVotes.signers, place)
        ? span('·', 'good')
        : span('✗', 'bad'),
    ),
  )
}

const leads = ({ model, own }: State): string => {
  const all = model.leaders?.leaders ?? []
  const own_ = all.filter(({ validator }) => validator === own).map(({ view }) => view)
  if (all.length === 0) return 'not known'
  return own_.length === 0
    ? `none of the next ${all.length} views`
    : `views ${own_.join(', ')} (now ${all[0]?.view ?? ''})`
}

export const mineLines = (state: State, width: number): Line[] => {
  const { model, own } = state
  const validator = ownValidator(state)
  const wanting = needs(state)
  const total = BigInt(model.epoch?.totalPower ?? '0')
  const { cast, missed } = model.votes
  const rewards = (model.ownStakes?.delegations ?? []).reduce((sum, each) => sum + BigInt(each.rewards), 0n)
  const commission = BigInt(model.ownStakes?.commission ?? '0')
  const peers = model.peers?.peers ?? []
  return [
    line(span('What needs you', 'bold')),
    ...(wanting.length === 0
      ? [line(span('  ✓ nothing', 'good'))]
      : wanting.flatMap(({ text, style }) =>
          pairs([['', `${style === 'bad' ? '✗' : '!'} ${text}`, style]], width),
        )),
    EMPTY,
    line(span('Validator', 'bold')),
    ...pairs(
      [
        ['address', own ?? ''],
        ...(validator === undefined
          ? ([['status', 'not known', 'dim']] as const)
          : ([
              ['status', `${STATUS[validator.status][0]} ${validator.status}`, STATUS[validator.status][1]],
              [
                'stake',
                `${formatAmount(BigInt(validator.stake))}, its own ${formatAmount(BigInt(validator.ownStake))}`,
              ],
              [
                'power',
                `${formatInteger(BigInt(validator.power))} (${percent(BigInt(validator.power), total)}), next epoch ${formatInteger(BigInt(validator.nextPower))}`,
              ],
              ['commission', showBps(validator.commissionBps)],
              ['made', `${validator.proposedBlocks} blocks in this epoch`],
            ] as const)),
        ['leads', leads(state)],
        ['rewards', `${formatAmount(rewards)} to claim, commission ${formatAmount(commission)}`],
        ['balance', model.ownBalance === undefined ? 'not known' : formatAmount(model.ownBalance)],
      ],
      width,
    ),
    EMPTY,
    line(span('Votes', 'bold'), span('  of the last blocks, the newest at the right', 'dim')),
    line('  ', ...voteStrip(state).spans),
    ...pairs(
      [
        ['cast', `${formatInteger(BigInt(cast))} since this screen was opened`, 'good'],
        [
          'missed',
          `${formatInteger(BigInt(missed))}; ${validator?.missedBlocks ?? '?'} in the window of ${model.stakeParameters?.uptimeWindowBlocks ?? '?'} blocks, ${model.stakeParameters?.maxMissedBlocks ?? '?'} are allowed`,
          missed > 0 ? 'warn' : 'plain',
        ],
      ],
      width,
    ),
    EMPTY,
    line(span('Node', 'bold')),
    ...pairs(
      [
        [
          'peers',
          `${peers.length}: ${peers.filter(({ isValidatorKeyProven }) => isValidatorKeyProven).length} with a vote key`,
        ],
        ['memory', model.resources === undefined ? 'not known' : formatBytes(model.resources.memoryBytes)],
        [
          'disk',
          model.resources === undefined
            ? 'not known'
            : `${formatBytes(model.resources.databaseBytes)} used, ${formatBytes(model.resources.freeBytes)} free`,
        ],
        ['clock', `${new Date(state.nowMs).toISOString().slice(0, 19)} UTC here`],
      ],
      width,
    ),
  ]
}
