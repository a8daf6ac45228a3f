/** What must not outlive this process, however it ends short of SIGKILL: child processes, temporary folders. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const pending = new Set<() => void>()

process.on('exit', () => {
  for (const undo of [...pending].toReversed()) undo()
})

/** `undo` must be synchronous. Returns how to take it back. The last in runs first. */
export const atExit = (undo: () => void): (() => void) => {
  pending.add(undo)
  return () => {
    pending.delete(undo)
  }
}

export interface ScratchDirectory {
  readonly path: string
  remove(): void
}

/** A new folder on the system's temporary file system. */
export const createScratchDirectory = (): ScratchDirectory => {
  const path = mkdtempSync(join(tmpdir(), 'vex-bench-'))
  // A node that was killed may still be closing its files.
  const removeNow = () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  const keep = atExit(removeNow)
  return {
    path,
    remove() {
      keep()
      removeNow()
    },
  }
}
