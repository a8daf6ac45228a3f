/** `vex contracts` */
import { type Command, InvalidArgumentError } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { type VexApi, withConnection } from '../connect.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions, parseAddressArgument } from '../options.ts'
import { createOutput } from '../output.ts'
import { paint } from '../terminal/colour.ts'
import { type GridColumn, showGrid } from '../terminal/table.ts'

interface ContractsOptions extends ClientOptions {
  readonly limit: number
  readonly after?: string
}

type Address = ReturnType<typeof formatAddress>
type Page = Awaited<ReturnType<VexApi['contract']['list']['query']>>

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 10_000
/** That the API gives at most at once. */
const PAGE = 200

const parseLimit = (text: string): number => {
  const limit = Number(text)
  if (/^\d{1,5}$/.test(text) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new InvalidArgumentError(`expected a number from 1 to ${MAX_LIMIT}`)
}

const GRID: readonly GridColumn[] = [
  { head: 'contract', least: 10 },
  { head: 'address' },
  { head: 'owner', dropsAt: 2 },
  { head: 'storage', side: 'right', dropsAt: 3 },
  { head: 'deposit', side: 'right', dropsAt: 1 },
]

/** Pages may be short: until there are enough, or no more. */
const readPages = async (api: VexApi, limit: number, after: Address | undefined): Promise<Page> => {
  const contracts: Page['contracts'] = []
  let cursor: Page['cursor'] | undefined = after
  for (;;) {
    const page: Page = await api.contract.list.query({
      limit: Math.min(PAGE, limit - contracts.length),
      ...(typeof cursor === 'string' && { cursor }),
    })
    contracts.push(...page.contracts)
    ;({ cursor } = page)
    if (cursor === null || contracts.length >= limit) return { height: page.height, contracts, cursor }
  }
}

const contracts = async (options: ContractsOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async ({ api, book }) => {
    const after = options.after === undefined ? undefined : formatAddress(book.resolve(options.after))
    const found = await readPages(api, options.limit, after)
    output.result(found, () => {
      if (found.contracts.length === 0) return 'There are no contracts here: vex deploy makes one.'
      const rows = found.contracts.map(({ address, name, owner, storageBytes, deposit }) => [
        name ?? 'no ABI',
        address,
        owner === null ? 'none: frozen' : book.short(owner),
        `${formatInteger(BigInt(storageBytes))} bytes`,
        formatAmount(BigInt(deposit)),
      ])
      const more = found.cursor === null ? [] : [paint('dim', `More: vex contracts --after ${found.cursor}`)]
      return [showGrid(GRID, rows), ...more].join('\n')
    })
  })
}

export const define = (command: Command): void => {
  command
    .option('--limit <n>', 'how many at most', parseLimit, DEFAULT_LIMIT)
    .option('--after <address>', 'go on behind this one', (text: string) => parseAddressArgument(text))
    .action(contracts)
  addExamples(addClientOptions(command), ['vex contracts', 'vex contracts --limit 1000 --json'])
}
