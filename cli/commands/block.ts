/** `vex block [HEIGHT|HASH|latest]` */
import { type Command, InvalidArgumentError } from 'commander'
import { MAX_U64 } from '../../node/types/primitives.ts'
import { formatInteger } from '../amounts.ts'
import { withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions } from '../options.ts'
import { createOutput } from '../output.ts'
import { describeAction, showTime } from '../show.ts'
import { showTable } from '../terminal/table.ts'

type Selector = { tag: 'latest' | 'genesis' } | { height: string } | { hash: string }

/** Lines of transactions that people are shown; JSON has them all. */
const MAX_SHOWN = 50

const parseSelector = (text: string): Selector => {
  if (text === 'latest' || text === 'genesis') return { tag: text }
  if (/^\d{1,20}$/.test(text) && BigInt(text) <= MAX_U64) return { height: text }
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(text)) return { hash: text }
  throw new InvalidArgumentError('expected a height, a hash of 64 hex digits, "latest" or "genesis"')
}

const block = async (selector: Selector = { tag: 'latest' }, options: ClientOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, book, contracts }) => {
    const found = await api.block.get.query(selector)
    const shown = output.isJson ? [] : found.transactions.slice(0, MAX_SHOWN)
    const transactions = await Promise.all(
      shown.map(async id => {
        const { action } = await api.transaction.get.query({ id })
        return ['transaction', `${id}  ${await describeAction(action, { book, contracts })}`] as const
      }),
    )
    const hidden = found.transactions.length - shown.length
    const height = BigInt(found.height)
    output.result(found, () =>
      showTable(`Block ${formatInteger(height)}`, [
        ['hash', found.hash],
        ['parent', found.parentHash],
        ['time', showTime(found.timeMs)],
        ['proposer', book.full(found.proposer)],
        ['final by', found.certificate === null ? 'genesis' : `votes of view ${found.certificate.view}`],
        ['gas', `${formatInteger(BigInt(found.gasUsed))} of ${formatInteger(BigInt(found.gasLimit))}`],
        ['base fee', `${formatInteger(BigInt(found.baseFee))} units per gas`],
        ['state root', found.stateRoot],
        ['transactions', String(found.transactions.length)],
        ...transactions,
        ...(hidden > 0 ? [['', `and ${formatInteger(BigInt(hidden))} more; --json lists all`] as const] : []),
      ]),
    )
  })
}

export const define = (command: Command): void => {
  command
    .argument('[block]', 'a height, a hash, "genesis" or "latest" (the default)', parseSelector)
    .action(block)
  addExamples(addClientOptions(command), ['vex block', 'vex block 1 --json'])
}
