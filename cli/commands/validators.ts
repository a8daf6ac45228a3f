/** `vex validators [VALIDATOR]` */
import { type Command, InvalidArgumentError } from 'commander'
import type { ValidatorView } from '../../node/api/staking-views.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import type { AddressBook } from '../address-book.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { type VexApi, withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions, parseAddressArgument } from '../options.ts'
import { createOutput } from '../output.ts'
import { mark, paint } from '../terminal/colour.ts'
import { showBps, showTime } from '../show.ts'
import { columnsOf, layOut } from '../terminal/layout.ts'
import { type GridColumn, showGrid, showTable } from '../terminal/table.ts'

interface ValidatorsOptions extends ClientOptions {
  readonly views: number
}

const MAX_VIEWS = 100
const SHOWN_DRAW = 18

const parseViews = (text: string): number => {
  const views = Number(text)
  if (/^\d{1,3}$/.test(text) && views >= 1 && views <= MAX_VIEWS) return views
  throw new InvalidArgumentError(`expected a number from 1 to ${MAX_VIEWS}`)
}

const whole = (value: string): string => formatInteger(BigInt(value))

/** In hundredths of a percent, without floating point. */
const share = (part: string, of: string): string => {
  if (of === '0') return '0 %'
  const hundredths = (BigInt(part) * 10_000n) / BigInt(of)
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, '0')} %`
}

const allValidators = async (api: VexApi): Promise<ValidatorView[]> => {
  const found: ValidatorView[] = []
  let after: string | null = null
  do {
    const page: Awaited<ReturnType<VexApi['staking']['validators']['query']>> =
      await api.staking.validators.query(after === null ? {} : { after })
    found.push(...page.validators)
    after = page.next
  } while (after !== null)
  return found
}

const mostFirst = (a: ValidatorView, b: ValidatorView): number => {
  const [x, y] = [a, b].map(({ power, nextPower, bondedPower }) =>
    [power, nextPower, bondedPower].map(BigInt),
  )
  for (let i = 0; i < 3; i++) {
    const [p = 0n, q = 0n] = [x?.[i], y?.[i]]
    if (p !== q) return p > q ? -1 : 1
  }
  return a.address < b.address ? -1 : 1
}

const statusLine = ({ status, jailedUntilMs, power, nextPower }: ValidatorView): string => {
  switch (status) {
    case 'active':
      return power === nextPower ? 'votes' : `votes; ${whole(nextPower)} votes from the next epoch on`
    case 'waiting':
      return 'waits: it is in no set that is frozen'
    case 'jailed':
      return mark(
        'warning',
        `jailed until ${showTime(jailedUntilMs ?? '0')}${power === '0' ? '' : '; still in this epoch’s set'}`,
      )
    case 'tombstoned':
      return mark(
        'bad',
        `equivocated: never votes again${power === '0' ? '' : '; still in this epoch’s set'}`,
      )
  }
}

const validatorRows = (validator: ValidatorView, total: string): (readonly [string, string])[] => [
  ['status', statusLine(validator)],
  ['power', `${whole(validator.power)} of ${whole(total)} votes (${share(validator.power, total)})`],
  [
    'stake',
    `${formatAmount(BigInt(validator.stake))}, ${formatAmount(BigInt(validator.ownStake))} of its own`,
  ],
  [
    'commission',
    `${showBps(validator.commissionBps)}${validator.nextCommissionBps === null ? '' : `, ${showBps(validator.nextCommissionBps)} from the next epoch on`}`,
  ],
  [
    'lately',
    `${validator.proposedBlocks} blocks proposed in this epoch${validator.missedBlocks === null ? '' : `, ${validator.missedBlocks} of the last 1,000 missed`}`,
  ],
]

type Leaders = Awaited<ReturnType<VexApi['staking']['leaders']['query']>>

const LEADER_TABLE: readonly GridColumn[] = [
  { head: 'view', side: 'right' },
  { head: 'leader', least: 10 },
  { head: 'r', dropsAt: 3 },
  { head: 't', side: 'right', dropsAt: 1 },
  { head: 'holds t', dropsAt: 2 },
  { head: 'power', side: 'right' },
]

/** Each view on a line: who, and the draw that says so. */
const leaderLines = ({ epoch, nonce, leaders }: Leaders, book: AddressBook): string => {
  const [first] = leaders
  const total = first?.totalPower ?? '0'
  const rows = leaders.map(({ view, validator, power, draw, point, from, to }) => [
    whole(view),
    book.short(validator),
    `${draw.slice(0, SHOWN_DRAW)}…`,
    whole(point),
    `${whole(from)} … ${whole(String(BigInt(to) - 1n))}`,
    share(power, total),
  ])
  return [
    paint('bold', `Who leads the next views of epoch ${epoch}`),
    ...[
      `nonce ${nonce},`,
      `T = ${whole(total)} votes`,
      'r = SHA-256("vex/leader/v1" | chain | nonce | epoch | view);  t = r × T >> 256;',
      'a view is led by whose part of the votes from 0 to T holds t',
    ].map(line => layOut('  ', paint('dim', line), columnsOf(process.stdout))),
    showGrid(LEADER_TABLE, rows),
  ].join('\n')
}

const list = async (options: ValidatorsOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, book }) => {
    const [validators, epoch, leaders] = await Promise.all([
      allValidators(api),
      api.staking.epoch.query(),
      api.staking.leaders.query({ count: options.views }),
    ])
    validators.sort(mostFirst)
    const { validators: _, ...about } = epoch
    output.result({ ...about, validators, leaders: leaders.leaders }, () =>
      [
        layOut(
          `${paint('bold', `Epoch ${epoch.epoch}`)}  `,
          `blocks ${whole(epoch.firstHeight)} to ${whole(epoch.lastHeight)}, ${whole(epoch.totalPower)} votes`,
          columnsOf(process.stdout),
        ),
        '',
        ...validators.map(
          each => `${showTable(book.full(each.address), validatorRows(each, epoch.totalPower))}\n`,
        ),
        leaderLines(leaders, book),
      ].join('\n'),
    )
  })
}

const one = async (validator: string, options: ValidatorsOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, book }) => {
    const address = formatAddress(book.resolve(validator))
    const [found, { totalPower }] = await Promise.all([
      api.staking.validator.query({ address }),
      api.staking.epoch.query(),
    ])
    output.result(found, () =>
      showTable(book.full(found.address), [
        ...validatorRows(found, totalPower),
        ['unclaimed', `${formatAmount(BigInt(found.unclaimedCommission))} of commission`],
        ...found.unbonding.map(
          ({ epoch, amount, leftAtEpoch }) =>
            [
              'leaves',
              `${formatAmount(BigInt(amount))}, undelegated in epoch ${epoch}: votes until epoch ${BigInt(leftAtEpoch) - 1n}`,
            ] as const,
        ),
        ['vote key', found.voteKey],
        ['VRF key', found.vrfKey],
      ]),
    )
  })
}

export const define = (command: Command): void => {
  command
    .argument(
      '[validator]',
      'only this one, by its operator’s address, and all about it',
      parseAddressArgument,
    )
    .option('--views <n>', 'how many of the next views to explain', parseViews, 10)
    .action((validator: string | undefined, options: ValidatorsOptions) =>
      validator === undefined ? list(options) : one(validator, options),
    )
  addExamples(addClientOptions(command), ['vex validators', 'vex validators --views 3 --json'])
}
