/** Who votes, with how much, and who leads next. */
import { formatAmount, formatInteger } from '../../amounts.ts'
import { showBps } from '../../show.ts'
import type { Model, Validators } from '../model.ts'
import { EMPTY, line, span, type Style } from '../text.ts'
import { nameIn } from '../words.ts'
import { percent } from './blocks.ts'
import { type Item, listAll, type ListView, pairs } from './list.ts'

type Validator = Validators['validators'][number]

export const STATUS: Readonly<Record<Validator['status'], readonly [symbol: string, style: Style]>> = {
  active: ['✓', 'good'],
  waiting: ['·', 'dim'],
  jailed: ['!', 'warn'],
  tombstoned: ['✗', 'bad'],
}

const totalPower = ({ epoch }: Model): bigint => BigInt(epoch?.totalPower ?? '0')

const leadsNext = ({ leaders }: Model, address: string): string => {
  const views = (leaders?.leaders ?? [])
    .filter(({ validator }) => validator === address)
    .map(({ view }) => view)
  return views.length === 0
    ? `none of the next ${leaders?.leaders.length ?? 0} views`
    : `views ${views.join(', ')}`
}

const toItem =
  (model: Model) =>
  (validator: Validator): Item => {
    const [symbol, style] = STATUS[validator.status]
    const power = BigInt(validator.power)
    return {
      id: validator.address,
      value: validator.address,
      call: `vex validators ${validator.address}`,
      cells: () => [
        span(symbol, style),
        span(nameIn(model)(validator.address), 'accent'),
        span(percent(power, totalPower(model))),
        span(formatAmount(BigInt(validator.stake)).replace(/(\.\d\d)\d+/, '$1')),
        span(
          validator.missedBlocks === null ? '–' : String(validator.missedBlocks),
          (validator.missedBlocks ?? 0) > 0 ? 'warn' : 'plain',
        ),
        span(String(validator.proposedBlocks), 'dim'),
        span(showBps(validator.commissionBps), 'dim'),
      ],
      detail: width => [
        ...pairs(
          [
            ['address', validator.address, 'bold'],
            ['status', `${symbol} ${validator.status}`, style],
            [
              'power',
              `${formatInteger(power)} of ${formatInteger(totalPower(model))} (${percent(power, totalPower(model))})`,
            ],
            ['next epoch', formatInteger(BigInt(validator.nextPower))],
            ['stake', formatAmount(BigInt(validator.stake))],
            ['its own', formatAmount(BigInt(validator.ownStake))],
            ['commission', showBps(validator.commissionBps)],
            [
              'missed',
              validator.missedBlocks === null
                ? 'is in no set'
                : `${validator.missedBlocks} of the last ${model.stakeParameters?.uptimeWindowBlocks ?? '?'} blocks; ${model.stakeParameters?.maxMissedBlocks ?? '?'} are allowed`,
            ],
            ['proposed', `${validator.proposedBlocks} blocks in this epoch`],
            ['leads', leadsNext(model, validator.address)],
            ...(validator.jailedUntilMs === null
              ? []
              : [['jailed until', new Date(Number(validator.jailedUntilMs)).toISOString(), 'warn'] as const]),
          ],
          width,
        ),
        EMPTY,
        line(span('Next leaders', 'bold')),
        ...(model.leaders?.leaders ?? []).map(({ view, validator: leader }) =>
          line(
            span(`  view ${view}  `, 'dim'),
            span(nameIn(model)(leader), leader === validator.address ? 'bold' : 'plain'),
          ),
        ),
      ],
    }
  }

export const validatorsView: ListView = {
  id: 'validators',
  isTail: false,
  whenEmpty: 'not asked yet',
  columns: [
    { title: '', width: 1, priority: 1 },
    { title: 'validator', width: 16, isWide: true, priority: 1 },
    { title: 'power', width: 7, isRight: true, priority: 2 },
    { title: 'stake', width: 16, isRight: true, priority: 4 },
    { title: 'missed', width: 6, isRight: true, priority: 3 },
    { title: 'made', width: 5, isRight: true, priority: 5 },
    { title: 'fee', width: 6, isRight: true, priority: 6 },
  ],
  list: (model, filter) =>
    listAll(
      model.validators?.validators ?? [],
      filter,
      ({ address, status }) => `${address} ${status} ${nameIn(model)(address)}`,
      ({ address }) => address,
      toItem(model),
    ),
}
