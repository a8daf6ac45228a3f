/**
 * A node as a process of its own, to be killed: `node node-process.ts <data directory> <settings>`. Talks to the process
 * that forked it; a fault stops it as it would stop a real one.
 */
import { pino } from 'pino'
import { devGenesis } from '../../node/dev.ts'
import { startNode } from '../../node/node.ts'
import { TEST_CHAIN_ID } from '../support/transactions.ts'
import type { NodeFault, NodeNews, NodeSettings } from './spawn-node.ts'

const [directory, text = '{}'] = process.argv.slice(2)
if (directory === undefined || process.send === undefined)
  throw new Error('to be forked, with a data directory')

const settings = JSON.parse(text) as NodeSettings

/** Nobody is there to be told once the process that forked it has ended: it then stops, too. */
const tell = (news: NodeNews): void => {
  if (process.connected) process.send?.(news)
}

const toFault = (error: unknown): NodeFault => {
  const { name, message, code } = error as Error & { code?: string }
  return { name, message, code: code ?? '' }
}

/** Answers lie in the channel until they are read: leave only when it is closed. */
const leave = (exitCode: number): void => {
  process.exitCode = exitCode
  if (process.connected) process.disconnect()
}

process.on('unhandledRejection', error => tell({ kind: 'unhandled', fault: toFault(error) }))
process.on('uncaughtException', error => tell({ kind: 'unhandled', fault: toFault(error) }))

tell({ kind: 'loaded' })
const faulted = Promise.withResolvers<number>()
try {
  const node = await startNode({
    dataDirectory: directory,
    host: '127.0.0.1',
    port: 0,
    minFreeBytes: settings.minFreeBytes ?? 0,
    createGenesis: keys => {
      const genesis = devGenesis(keys, BigInt(Date.now()), TEST_CHAIN_ID)
      const { epochBlocks = genesis.params.epochBlocks } = settings
      return { ...genesis, params: { ...genesis.params, epochBlocks: BigInt(epochBlocks) } }
    },
    logger: pino(
      { level: 'warn' },
      {
        write(line) {
          tell({ kind: 'log', line })
        },
      },
    ),
    onFatal(error) {
      tell({ kind: 'fatal', fault: toFault(error) })
      faulted.resolve(1)
    },
  })
  tell({ kind: 'started', url: node.url })
  const asked = new Promise<number>(resolve => {
    process.once('message', () => resolve(0))
    process.once('disconnect', () => resolve(0))
    if (!process.connected) resolve(0)
  })
  const exitCode = await Promise.race([asked, faulted.promise])
  try {
    await node.stop()
    tell({ kind: 'stopped' })
    leave(exitCode)
  } catch (error) {
    tell({ kind: 'stopFailed', fault: toFault(error) })
    leave(1)
  }
} catch (error) {
  tell({ kind: 'failed', fault: toFault(error) })
  leave(1)
}
