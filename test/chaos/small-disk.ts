/** A disk of a few megabytes that can be filled to the last byte: a tmpfs. Making one takes root. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly path: string
  /** Leaves `bytes` of it, to the page. */
  fill(bytes: number): void
  /** Gives back what `fill` took. */
  free(): void
  remove(): void
}

const MiB = 1024 * 1024
const PAGE_BYTES = 4096

const mount = (path: string, megabytes: number): void => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'pipe' })
}

/** Why there can be no small disk here; `undefined` if there can. */
export const whyNoSmallDisk = (): string | undefined => {
  const path = mkdtempSync(join(tmpdir(), 'vex-disk-'))
  try {
    mount(path, 1)
    execFileSync('umount', [path], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer }
    return (stderr?.toString() ?? message).trim()
  } finally {
    rmdirSync(path)
  }
}

const isFull = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOSPC'

export const mountSmallDisk = (megabytes: number): SmallDisk => {
  const path = mkdtempSync(join(tmpdir(), 'vex-disk-'))
  mount(path, megabytes)
  const ballast = join(path, '.ballast')
  const spare = join(path, '.spare')
  return {
    path,
    fill(bytes) {
      if (bytes > 0) writeFileSync(spare, new Uint8Array(bytes))
      for (const chunk of [MiB, PAGE_BYTES, 1]) {
        try {
          for (;;) appendFileSync(ballast, new Uint8Array(chunk))
        } catch (error) {
          if (!isFull(error)) throw error
        }
      }
      rmSync(spare, { force: true })
    },
    free() {
      rmSync(ballast, { force: true })
    },
    remove() {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' })
      rmdirSync(path)
    },
  }
}
