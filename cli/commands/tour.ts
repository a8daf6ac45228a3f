/** `vex tour`: what `npm start` runs. A chain comes up, a token is deployed and moved, and the chain goes on. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { formatInteger } from '../amounts.ts'
import { blockLine } from '../block-lines.ts'
import { withConnection } from '../connect.ts'
import {
  createTerminalLoan,
  DEV_LOG,
  type TuiOptions,
  wantsDashboard,
  withTerminal,
} from '../dashboard/lend-terminal.ts'
import { followBlocks } from '../follow.ts'
import { type LocalChain, reportStopped, runLocalChain } from '../local-chain.ts'
import { addExamples } from '../help/examples.ts'
import { addListenOptions, type ListenOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { paint } from '../terminal/colour.ts'
import { takeTour } from '../tour.ts'

/** So long the tour stands before the dashboard opens; it is there again when the dashboard is left. */
const READING_MS = 3_000

interface TourOptions extends ListenOptions, TuiOptions {
  readonly once?: true
}

const welcome = ({ node, isNew, dataDirectory, hasOtherPort }: LocalChain, output: Output): void => {
  const { url, chainId, head } = node
  const { height } = head.header
  const where = isNew ? 'a new chain' : `the chain goes on at block ${formatInteger(height)}`
  output.result({ type: 'ready', url, chainId, isNew, height, dataDirectory }, () =>
    [
      `${paint('bold', 'Vex')}  ${where}, kept in ${dataDirectory}`,
      `API  ${paint('cyan', url)}${hasOtherPort ? ' (another program has port 4100)' : ''}`,
    ].join('\n'),
  )
}

const tour = async (options: TourOptions): Promise<void> => {
  const output = createOutput(options)
  const loan = options.once !== true && wantsDashboard(options) ? createTerminalLoan() : undefined
  const local = { ...options, mayChangePort: true, takeLog: loan?.takeLog }
  const stopped = await withTerminal(loan, () =>
    runLocalChain(local, async chain => {
      welcome(chain, output)
      const { node, signal, dataDirectory } = chain
      await withConnection(node, async connection => {
        let lastHeight = await takeTour(connection, output)
        if (options.once === true || signal.aborted) return
        if (loan !== undefined) {
          await sleep(READING_MS, undefined, { signal }).catch(() => undefined)
          const { url, adminUrl } = node
          const left = await loan.lend({ url, adminUrl, logPath: join(dataDirectory, DEV_LOG), signal })
          if (left === 'stop' || signal.aborted) return
          lastHeight = BigInt((await connection.api.chain.info.query()).head.height)
        }
        output.say(
          [
            '',
            `${paint('bold', 'The chain goes on')}; Ctrl-C stops it. Meanwhile, in another terminal:`,
            paint('dim', `  npm run vex -- accounts --url ${node.url}`),
            '',
          ].join('\n'),
        )
        let parentTimeMs: bigint | undefined
        await followBlocks(connection.api, lastHeight + 1n, signal, block => {
          const line = blockLine(block, parentTimeMs)
          parentTimeMs = BigInt(block.timeMs)
          output.result({ type: 'block', ...block }, () => line)
        })
      })
    }),
  )
  output.say('')
  reportStopped(stopped, output)
}

export const define = (command: Command): void => {
  addListenOptions(command)
    .option('--once', 'end after the tour')
    .option('--no-tui', 'lines for blocks after the tour, and no dashboard')
    .action(tour)
  addExamples(command, ['vex tour', 'vex tour --once --data-dir /tmp/tour'])
}
