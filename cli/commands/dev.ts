/** `vex dev`: a local chain, its accounts, and a line for everything that happens on it. */
import { join } from 'node:path'
import type { Command } from 'commander'
import { formatAddress } from '../../node/crypto/address.ts'
import { toHex } from '../../node/types/primitives.ts'
import { formatAmount, formatInteger } from '../amounts.ts'
import { createBlockReport } from '../block-report.ts'
import { type Connection, withConnection } from '../connect.ts'
import {
  createTerminalLoan,
  DEV_LOG,
  type TerminalLoan,
  type TuiOptions,
  wantsDashboard,
  withTerminal,
} from '../dashboard/lend-terminal.ts'
import { usageError } from '../errors.ts'
import { followBlocks } from '../follow.ts'
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

interface DevOptions extends ListenOptions, TuiOptions {
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
    adminUrl: node.adminUrl,
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

const dev = async (options: DevOptions): Promise<void> => {
  const output = createOutput(options)
  if (options.yes === true && options.reset !== true)
    throw usageError('--yes answers --reset, which is not there')
  const project = await readProjectConfig('.')
  if (options.reset === true) await resetDevChain(options.dataDir, { isConfirmed: options.yes === true })
  const loan = wantsDashboard(options) ? createTerminalLoan() : undefined
  const local = { ...options, mayChangePort: false, takeLog: loan?.takeLog }
  const stopped = await withTerminal(loan, () =>
    runLocalChain(local, async chain => {
      const { node, signal, dataDirectory } = chain
      await withConnection(node, async connection => {
        await announce(connection, chain, output)
        const showLines = async (from: bigint): Promise<void> =>
          options.quiet === true
            ? aborted(signal)
            : followBlocks(
                connection.api,
                from,
                signal,
                createBlockReport(connection, output, project !== undefined),
              )
        const showDashboard = async ({ lend }: TerminalLoan): Promise<void> => {
          const { url, adminUrl } = node
          const logPath = join(dataDirectory, DEV_LOG)
          const view = project === undefined ? 'overview' : 'logs'
          const left = await lend({ url, adminUrl, logPath, view, signal })
          if (left === 'stop' && !signal.aborted) process.kill(process.pid, 'SIGINT')
          if (left === 'stop' || signal.aborted) return aborted(signal)
          output.say(
            `The chain goes on; Ctrl-C stops it, and vex dashboard --url ${url} opens the dashboard again.`,
          )
          await showLines(BigInt((await connection.api.chain.info.query()).head.height) + 1n)
        }
        const work = [
          loan === undefined ? showLines(BigInt(connection.info.head.height) + 1n) : showDashboard(loan),
        ]
        if (project !== undefined) {
          const { runProject } = await import('../project/loop.ts')
          work.push(runProject({ config: project, connection, output, signal }))
        }
        await Promise.all(work)
      })
    }),
  )
  reportStopped(stopped, output)
}

export const define = (command: Command): void => {
  addListenOptions(command)
    .option('--reset', 'delete the chain and start a new one; asks first')
    .option('--yes', 'do not ask')
    .option('--no-tui', 'lines for blocks and transactions, and no dashboard')
    .action(dev)
  addExamples(command, ['vex dev', 'vex dev --reset --yes --port 0 --json'])
}
