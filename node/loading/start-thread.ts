/** Threads find their modules as the main one does; they inherit none of the arguments that this process was started with. */
import { Worker, type WorkerOptions } from 'node:worker_threads'

const ARGUMENTS = ['--import', new URL('resolve.mjs', import.meta.url).href]

export const startThread = (module: URL, options: Omit<WorkerOptions, 'execArgv'> = {}): Worker =>
  new Worker(module, { ...options, execArgv: ARGUMENTS })
