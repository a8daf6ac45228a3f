/** The driver's side of a node in a process of its own (node-process.ts): start, ask, stop, and never leave it behind. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { THREADS, updateBundle } from '../../cli/bundle/clone.ts'
import { bundled } from '../../cli/loading.mjs'
import { atExit } from './cleanup.ts'
import { toHex } from '../../node/types/primitives.ts'
import { BenchError } from './error.ts'
import { fundedAddresses } from './genesis.ts'

/** Since the process began. */
export interface NodeUsage {
  readonly cpuSeconds: number
  /** Of that, the main thread's: it executes transactions, and so is what limits the node first. */
  readonly mainCpuSeconds: number
  readonly rssBytes: number
  readonly peakRssBytes: number
}

export type ToNode = { readonly kind: 'usage' | 'commits' | 'startProfile' | 'stopProfile' | 'stop' }

export type FromNode =
  | { readonly kind: 'ready'; readonly url: string; readonly startMs: number }
  | { readonly kind: 'usage'; readonly usage: NodeUsage }
  | { readonly kind: 'profile'; readonly json: string }
  | { readonly kind: 'commits'; readonly atMs: Readonly<Record<string, number>> }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string }

export interface MeasuredNode {
  readonly url: string
  /** `performance.now()` of the driver just before the process was made. */
  readonly spawnedMs: number
  /** What `startNode` took, in the node's process. */
  readonly startMs: number
  /** Aborts when the node ends without being asked to, or the run is over its time; the reason says which. */
  readonly failed: AbortSignal
  /** The reason of `failed`, if it comes within a moment: a connection breaks before the process is seen to end. */
  failure(): Promise<unknown>
  usage(): Promise<NodeUsage>
  /** When the node committed its last blocks: milliseconds since 1970, by height. */
  commits(): Promise<Readonly<Record<string, number>>>
  startProfile(): Promise<void>
  /** A V8 CPU profile. */
  stopProfile(): Promise<string>
  /** As on SIGTERM: finishes what is being written. */
  stop(): Promise<void>
  /** At once. */
  kill(): Promise<void>
}

const EXIT_NOTICE_MS = 300
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let entry: Promise<string> | undefined
let funded: string | undefined
/** Bundled, as the command is. */
const findEntry = async (): Promise<string> => {
  const name = 'bench'
  await updateBundle({ root: ROOT, name, entries: ['test/bench/node-process', ...THREADS] })
  const address = bundled('node-process', name)
  return fileURLToPath(address ?? new URL('./node-process.ts', import.meta.url))
}

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

const nextMessage = (child: ChildProcess, failed: AbortSignal): Promise<FromNode> =>
  new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      child.off('message', onMessage)
      failed.removeEventListener('abort', onFailed)
      settle()
    }
    const onMessage = (message: FromNode) => finish(() => resolve(message))
    const onFailed = () => finish(() => reject(failed.reason as Error))
    if (failed.aborted) return reject(failed.reason as Error)
    child.on('message', onMessage)
    failed.addEventListener('abort', onFailed, { once: true })
  })

/** `signal` ends the node by force: the run is over its time. */
export const startMeasuredNode = async (
  dataDirectory: string,
  signal: AbortSignal,
): Promise<MeasuredNode> => {
  const path = await (entry ??= findEntry())
  const broken = new AbortController()
  const failed = AbortSignal.any([signal, broken.signal])
  const addresses = (funded ??= fundedAddresses().map(toHex).join(','))
  const spawnedMs = performance.now()
  const child = fork(path, [dataDirectory, addresses], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const keep = atExit(() => child.kill('SIGKILL'))
  let isStopping = false
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true })
  child.on('exit', (code, signalName) => {
    keep()
    if (isStopping) return
    broken.abort(
      new BenchError('node_failed', `the node ended on its own (${signalName ?? `exit code ${code}`})`),
    )
  })
  child.on('message', (message: FromNode) => {
    if (message.kind === 'failed')
      broken.abort(new BenchError('node_failed', `the node failed: ${message.message}`))
  })

  const kill = async () => {
    isStopping = true
    child.kill('SIGKILL')
    await ended(child)
  }
  const ask = async (kind: ToNode['kind']): Promise<FromNode> => {
    const answer = nextMessage(child, failed)
    child.send({ kind } satisfies ToNode)
    return answer
  }
  const unexpected = (message: FromNode) =>
    new BenchError('node_failed', `the node's process answered "${message.kind}", which was not asked`)

  const ready = await nextMessage(child, failed)
  if (ready.kind !== 'ready') throw unexpected(ready)
  return {
    url: ready.url,
    spawnedMs,
    startMs: ready.startMs,
    failed,
    async failure() {
      if (!failed.aborted) await Promise.race([ended(child), sleep(EXIT_NOTICE_MS)])
      return failed.aborted ? failed.reason : undefined
    },
    async usage() {
      const message = await ask('usage')
      if (message.kind !== 'usage') throw unexpected(message)
      return message.usage
    },
    async commits() {
      const message = await ask('commits')
      if (message.kind !== 'commits') throw unexpected(message)
      return message.atMs
    },
    async startProfile() {
      await ask('startProfile')
    },
    async stopProfile() {
      const message = await ask('stopProfile')
      if (message.kind !== 'profile') throw unexpected(message)
      return message.json
    },
    async stop() {
      isStopping = true
      if (child.connected) await ask('stop')
      await ended(child)
    },
    kill,
  }
}
