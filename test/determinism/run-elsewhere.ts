/** The same history in another process: another Node, other flags of the engine. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { History } from './history.ts'

const CHILD = fileURLToPath(new URL('./children/run-history.ts', import.meta.url))
const TIMEOUT_MS = 300_000

export function runElsewhere({ node = process.execPath, flags = [] as readonly string[] } = {}): History {
  const { status, signal, stdout, stderr, error } = spawnSync(node, [...flags, CHILD], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${node} ${flags.join(' ')} ended with ${status ?? signal}: ${stderr}`)
  return JSON.parse(stdout) as History
}
