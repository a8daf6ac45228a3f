/** `vex stake show | params` */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { type VexApi, withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import {
  addClientOptions,
  addSignerOptions,
  type ClientOptions,
  parseAddressArgument,
  type SignerOptions,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { mark } from '../terminal/colour.ts'
import { showTime } from '../show.ts'
import { showTable } from '../terminal/table.ts'
import { resolveSignerAddress } from '../signer.ts'

const vex = (units: string): string => formatAmount(BigInt(units))
const whole = (value: string): string => formatInteger(BigInt(value))

type Unbonding = Awaited<ReturnType<VexApi['staking']['account']['query']>>['unbonding'][number]

const whenMature = ({ isMature, leftAtEpoch, afterHeight, afterMs }: Unbonding): string => {
  if (isMature) return mark('good', 'can be withdrawn')
  const time =
    afterMs === null
      ? `the time is known once epoch ${BigInt(leftAtEpoch) + 1n} has ended`
      : `after ${showTime(afterMs)}`
  return `votes until epoch ${BigInt(leftAtEpoch) - 1n}; can be withdrawn after block ${whole(afterHeight)}, and ${time}`
}

const show = async (account: string | undefined, options: ClientOptions & SignerOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, info, book }) => {
    const address =
      account === undefined ? await resolveSignerAddress(options, info.chainId, book) : book.resolve(account)
    const found = await api.staking.account.query({ address: formatAddress(address) })
    output.result(found, () => {
      const rows: (readonly [string, string])[] = [
        ...found.delegations.map(
          ({ validator, amount, rewards }) =>
            [
              'delegated',
              `${vex(amount)} to ${book.full(validator)}${rewards === '0' ? '' : `, ${vex(rewards)} of rewards to claim`}`,
            ] as const,
        ),
        ...found.unbonding.map(
          each =>
            [
              'undelegated',
              `${vex(each.amount)} from ${book.full(each.validator)}: ${whenMature(each)}`,
            ] as const,
        ),
        ...(found.commission === '0' ? [] : [['commission', `${vex(found.commission)} to claim`] as const]),
      ]
      return showTable(book.full(found.address), rows.length === 0 ? [['stakes', 'none']] : rows)
    })
  })
}

const MS_PER_MINUTE = 60_000n
const BILLIONTHS_PER_PERCENT = 10_000_000

const percent = (billionths: string): string => `${Number(billionths) / BILLIONTHS_PER_PERCENT} %`

const params = async (options: ClientOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, info }) => {
    const [found, epoch] = await Promise.all([api.staking.parameters.query(), api.staking.epoch.query()])
    output.result({ ...found, epoch: epoch.epoch }, () =>
      showTable(`Staking on ${info.chainId}`, [
        ['epoch', `${epoch.epoch}: blocks ${whole(epoch.firstHeight)} to ${whole(epoch.lastHeight)}`],
        ['bonded', vex(found.bonded)],
        ['unbonding', vex(found.unbonding)],
        ['unclaimed', `${vex(found.unclaimedRewards)} of rewards and commissions`],
        ['block reward', `${vex(found.blockReward)}, to who proposed it, counted at the end of each epoch`],
        ['one vote', `takes ${vex(found.stakeUnit)}`],
        [
          'least stake',
          `${vex(found.minSelfStake)} of a validator’s own, ${vex(found.minDelegation)} to delegate`,
        ],
        [
          'downtime',
          `missing more than ${found.maxMissedBlocks} of ${whole(found.uptimeWindowBlocks)} blocks costs ${percent(found.downtimeSlashBillionths)} and ${BigInt(found.jailMs) / MS_PER_MINUTE} minutes`,
        ],
        [
          'equivocation',
          `costs at least ${percent(found.minEquivocationSlashBillionths)}, three times the part of the power that does it, and the right to vote`,
        ],
        [
          'unbonding',
          `two epochs of ${whole(found.epochBlocks)} blocks, and until evidence is older than ${whole(found.evidenceMaxAgeBlocks)} blocks and ${whole(String(BigInt(found.evidenceMaxAgeMs) / 1_000n))} s`,
        ],
      ]),
    )
  })
}

export const defineShowing = (stake: Command): void => {
  const showing = stake
    .command('show')
    .description('show what an account has delegated, what it gets, and what it waits for')
    .argument('[account]', 'default: the account that would sign', parseAddressArgument)
    .action(show)
  addExamples(addClientOptions(addSignerOptions(showing)), [
    'vex stake show dev1',
    'vex stake show --from dev2 --json',
  ])

  const telling = stake
    .command('params')
    .description('show what staking costs and earns on this chain')
    .action(params)
  addExamples(addClientOptions(telling), ['vex stake params', 'vex stake params --json'])
}
