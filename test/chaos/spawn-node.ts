/** The other end of node-process.ts: starts a node in a process, hears of it, stops and kills it. */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface NodeFault {
  readonly name: string
  readonly code: string
  readonly message: string
}

/** What a node's process tells. */
export type NodeNews =
  /** Its code is loaded; the node starts now. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'started'; readonly url: string }
  | { readonly kind: 'stopped' }
  /** A warning, or worse, in its log. */
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'failed' | 'fatal' | 'stopFailed' | 'unhandled'; readonly fault: NodeFault }

export interface NodeProcess {
  readonly news: readonly NodeNews[]
  readonly loaded: Promise<void>
  /** The URL. Rejects if the process ends or the start fails before. */
  readonly started: Promise<string>
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>
  /** Asks for a clean stop. */
  askToStop(): void
  kill(): void
}

const ENTRY = fileURLToPath(new URL('node-process.ts', import.meta.url))
const FULL_FILES = new URL('full-files.ts', import.meta.url).href

export interface NodeSettings {
  /** Of a chain that this start makes; default: what development chains have. */
  readonly epochBlocks?: number
  /** See NodeOptions; here the default is 0, so that disks get full. */
  readonly minFreeBytes?: number
}

export const spawnNode = (
  directory: string,
  settings: NodeSettings = {},
  /** `fullFiles`: where full-files.ts finds which files have no room. */
  { fullFiles }: { readonly fullFiles?: string } = {},
): NodeProcess => {
  const child = fork(ENTRY, [directory, JSON.stringify(settings)], {
    execArgv: fullFiles === undefined ? [] : ['--import', FULL_FILES],
    env: { ...process.env, ...(fullFiles === undefined ? {} : { FULL_FILES: fullFiles }) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const news: NodeNews[] = []
  const loaded = Promise.withResolvers<void>()
  const started = Promise.withResolvers<string>()
  const exited = Promise.withResolvers<{ code: number | null; signal: string | null }>()
  // Whoever killed it does not ask.
  started.promise.catch(() => undefined)
  child.on('message', message => {
    const item = message as NodeNews
    news.push(item)
    if (item.kind === 'loaded') loaded.resolve()
    if (item.kind === 'started') started.resolve(item.url)
    if (item.kind === 'failed') started.reject(new Error(item.fault.message))
  })
  child.on('error', error => started.reject(error))
  child.on('close', (code, signal) => {
    loaded.resolve()
    started.reject(new Error(`the node's process ended (${signal ?? code}) before it had started`))
    exited.resolve({ code, signal })
  })
  return {
    news,
    loaded: loaded.promise,
    started: started.promise,
    exited: exited.promise,
    askToStop() {
      if (child.connected) child.send('stop')
    },
    kill() {
      child.kill('SIGKILL')
    },
  }
}

/** Rejects after `ms`: a node that hangs must not hang its test. */
export const within = async <T>(ms: number, what: string, promise: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms`)), ms)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const ENOUGH_MS = 20_000

/** Where it listens, when it does. */
export const urlOf = ({ started }: NodeProcess): Promise<string> => within(ENOUGH_MS, 'the start', started)

/** Throws unless it ends by itself and in order. */
export const stopInOrder = async (node: NodeProcess): Promise<void> => {
  node.askToStop()
  const { code, signal } = await within(ENOUGH_MS, 'stopping', node.exited)
  if (code !== 0) throw new Error(`the node ended with ${signal ?? code}`)
}
