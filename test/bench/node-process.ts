/**
 * The node that is measured, in a process of its own:
 *
 *   node node-process.ts <data directory> <addresses that have something at first, in hex, with commas between>
 *
 * Started as the `vex` command starts one, on a free port. Talks with the driver over the process channel
 * (node-child.ts) and ends with it.
 */
import { Session } from 'node:inspector/promises'
import { keepCompiled } from '../../cli/loading.mjs'
import type { FromNode, NodeUsage, ToNode } from './node-child.ts'

keepCompiled()
const { startBlockThreadAhead } = await import('../../node/execution/block-thread.ts')
startBlockThreadAhead()
const [{ pino }, { startNode }, { benchGenesis }, { fromHex, toAddress }] = await Promise.all([
  import('pino'),
  import('../../node/node.ts'),
  import('./genesis.ts'),
  import('../../node/types/primitives.ts'),
])

const PROFILE_INTERVAL_US = 250

const send = (message: FromNode): void => {
  process.send?.(message)
}

const fail = (error: unknown): void => {
  send({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.disconnect()
  process.exitCode = 1
}

const usage = (): NodeUsage => {
  const all = process.cpuUsage()
  const main = process.threadCpuUsage()
  return {
    cpuSeconds: (all.user + all.system) / 1e6,
    mainCpuSeconds: (main.user + main.system) / 1e6,
    rssBytes: process.memoryUsage.rss(),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

const profiler = new Session()

/** The last ones. */
const MAX_COMMITS = 1_000
const commits = new Map<string, number>()

const answer = async (message: ToNode): Promise<void> => {
  switch (message.kind) {
    case 'usage':
      send({ kind: 'usage', usage: usage() })
      break
    case 'commits':
      send({ kind: 'commits', atMs: Object.fromEntries(commits) })
      break
    case 'startProfile':
      profiler.connect()
      await profiler.post('Profiler.enable')
      await profiler.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_US })
      await profiler.post('Profiler.start')
      send({ kind: 'done' })
      break
    case 'stopProfile': {
      const { profile } = await profiler.post('Profiler.stop')
      profiler.disconnect()
      send({ kind: 'profile', json: JSON.stringify(profile) })
      break
    }
    case 'stop':
      await node.stop()
      send({ kind: 'done' })
      process.disconnect()
      break
  }
}

const [dataDirectory, addresses] = process.argv.slice(2)
if (dataDirectory === undefined || addresses === undefined)
  throw new Error('usage: node-process.ts <data directory> <addresses>')
const funded = addresses.split(',').map(each => toAddress(fromHex(each)))

const startedMs = performance.now()
const node = await startNode({
  dataDirectory,
  host: '127.0.0.1',
  port: 0,
  rehearses: true,
  createGenesis: keys => benchGenesis(keys, BigInt(Date.now()), funded),
  logger: pino({ level: 'warn' }, pino.destination(2)),
  onFatal: fail,
})

node.onCommit(({ header: { height } }) => {
  commits.set(String(height), performance.timeOrigin + performance.now())
  for (const first of commits.keys()) {
    if (commits.size <= MAX_COMMITS) break
    commits.delete(first)
  }
})
process.on('message', (message: ToNode) => {
  answer(message).catch(fail)
})
// The driver is gone, or the node has stopped: nothing is left to do.
process.on('disconnect', () => process.exit())
send({ kind: 'ready', url: node.url, startMs: performance.now() - startedMs })
