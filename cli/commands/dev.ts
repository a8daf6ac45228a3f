/** `vex dev`: a local chain, its accounts, and a line for everything that happens on it. */
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { toHex } from '../../node/types/primitives.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { blockLine, readTransactions, transactionLines } from '../block-lines.ts'
import { type Connection, withConnection } from '../connect.ts'
import { usageError } from '../errors.ts'
import { type BlockView, followBlocks } from '../follow.ts'
import { type LocalChain, reportStopped, runLocalChain } from '../local-chain.ts'
import { addExamples } from '../help/examples.ts'
import { addListenOptions, type ListenOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { mark, paint } from '../terminal/colour.ts'
import { readProjectConfig } from '../project/config.ts'
import { resetDevChain } from '../reset.ts'
import { aborted } from '../signals.ts'
import { columnsOf, layOut } from '../terminal/layout.ts'
import { type GridColumn, showGrid } from '../terminal/table.ts'

interface DevOptions extends ListenOptions {
  readonly reset?: true
  readonly yes?: true
}

const ACCOUNT_TABLE: readonly GridColumn[] = [
  { head: '' },
  { head: '' },
  { head: '', side: 'right', dropsAt: 1 },
]

const announce = async (
  { api, info, book }: Connection,
  { node, isNew, dataDirectory }: LocalChain,
  output: Output,
): Promise<void> => {
  const accounts = await Promise.all(
    book.devAccounts.map(async ({ name, address, secretKey }) => {
      const shown = formatAddress(address)
      const { balance } = await api.account.get.query({ address: shown })
      return { name, address: shown, balance, secretKey: `0x${toHex(secretKey)}` }
    }),
  )
  const { chainId, genesisHash, head, version } = info
  const ready = {
    type: 'ready',
    url: node.url,
    version,
    chainId,
    genesisHash,
    dataDirectory,
    isNew,
    height: head.height,
    accounts,
  }
  output.result(ready, () =>
    [
      paint('bold', `Vex ${version}: a local chain`),
      '',
      paint('bold', 'Accounts'),
      showGrid(
        ACCOUNT_TABLE,
        accounts.map(({ name, address, balance }) => [`  ${name}`, address, formatAmount(BigInt(balance))]),
      ),
      '',
      paint('bold', 'Secret keys'),
      `  ${mark('warning', 'Everybody knows these. Never send anything of value to these accounts.')}`,
      ...accounts.map(({ name, secretKey }) => layOut(`  ${name}  `, secretKey, columnsOf(process.stdout))),
      '',
      `Chain  ${chainId}, ${isNew ? 'new' : `goes on at block ${formatInteger(BigInt(head.height))}`}`,
      `State  ${dataDirectory}`,
      `API    ${paint('cyan', node.url)}`,
      '',
      paint('dim', 'Ctrl-C stops it; the state stays.'),
      '',
    ].join('\n'),
  )
}

const recordBlock = async (
  { api, contracts }: Connection,
  block: BlockView,
  output: Output,
): Promise<void> => {
  output.record({ type: 'block', ...block })
  for (const { transaction, receipt } of await readTransactions(api, block)) {
    contracts.forgetUpgraded(transaction.action)
    const call = await contracts.readCall(transaction.action)
    const events = await contracts.readEvents(receipt.events)
    output.record({
      type: 'transaction',
      ...transaction,
      call: call ?? null,
      receipt: { ...receipt, events },
    })
  }
}

/** Called with each block, in order. In a project the empty ones would push its own lines off the screen. */
const createBlockReport = (connection: Connection, output: Output, isProject: boolean) => {
  let parentTimeMs: bigint | undefined
  return async (block: BlockView): Promise<void> => {
    if (output.isJson) return recordBlock(connection, block, output)
    if (isProject && block.transactions.length === 0) return
    const lines = [
      blockLine(block, parentTimeMs),
      ...(await transactionLines(connection.api, block, connection)),
    ]
    parentTimeMs = BigInt(block.timeMs)
    output.say(lines.join('\n'))
  }
}

const dev = async (options: DevOptions): Promise<void> => {
  const output = createOutput(options)
  if (options.yes === true && options.reset !== true)
    throw usageError('--yes answers --reset, which is not there')
  const project = await readProjectConfig('.')
  if (options.reset === true) await resetDevChain(options.dataDir, { isConfirmed: options.yes === true })
  const stopped = await runLocalChain({ ...options, mayChangePort: false }, async chain => {
    const { node, signal } = chain
    await withConnection(node, async connection => {
      await announce(connection, chain, output)
      const from = BigInt(connection.info.head.height) + 1n
      const work = [
        options.quiet === true
          ? aborted(signal)
          : followBlocks(
              connection.api,
              from,
              signal,
              createBlockReport(connection, output, project !== undefined),
            ),
      ]
      if (project !== undefined) {
        const { runProject } = await import('../project/loop.ts')
        work.push(runProject({ config: project, connection, output, signal }))
      }
      await Promise.all(work)
    })
  })
  reportStopped(stopped, output)
}

export const define = (command: Command): void => {
  addListenOptions(command)
    .option('--reset', 'delete the chain and start a new one; asks first')
    .option('--yes', 'do not ask')
    .action(dev)
  addExamples(command, ['vex dev', 'vex dev --reset --yes --port 0 --json'])
}
