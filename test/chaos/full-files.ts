/**
 * Loaded into a node's process before anything else (`--import`), its threads included: writing to files whose path fits
 * the pattern in the file FULL_FILES fails as on a full disk. No pattern: nothing fails. What RocksDB writes by
 * itself is not in Node's hands; a small disk fills for it (small-disk.ts).
 */
import { createRequire, syncBuiltinESMExports } from 'node:module'

const require = createRequire(import.meta.url)
const fs = require('node:fs') as typeof import('node:fs')
const files = require('node:fs/promises') as typeof import('node:fs/promises')

const control = process.env['FULL_FILES']
const { readFileSync, openSync, writeSync, writeFileSync } = fs
const { open } = files

const noSpace = (path: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), {
    code: 'ENOSPC',
    errno: -28,
    syscall: 'write',
  })

const assertRoom = (path: unknown): void => {
  if (control === undefined || typeof path !== 'string') return
  let pattern: string
  try {
    pattern = readFileSync(control, 'utf8')
  } catch {
    // The test has not asked for anything yet.
    return
  }
  if (pattern !== '' && new RegExp(pattern).test(path)) throw noSpace(path)
}

const opened = new Map<number, string>()

Object.assign(fs, {
  openSync: ((path, ...rest) => {
    const descriptor = openSync(path, ...rest)
    opened.set(descriptor, String(path))
    return descriptor
  }) satisfies typeof openSync,
  writeSync: (descriptor: number, ...rest: [Uint8Array, number]) => {
    assertRoom(opened.get(descriptor))
    return writeSync(descriptor, ...rest)
  },
  writeFileSync: ((path, ...rest) => {
    assertRoom(path)
    return writeFileSync(path, ...rest)
  }) satisfies typeof writeFileSync,
})

Object.assign(files, {
  open: (async (path, ...rest) => {
    const handle = await open(path, ...rest)
    for (const method of ['write', 'writev', 'writeFile', 'appendFile'] as const) {
      const original = handle[method].bind(handle) as (...args: unknown[]) => Promise<unknown>
      Object.assign(handle, {
        async [method](...args: unknown[]) {
          assertRoom(path)
          return original(...args)
        },
      })
    }
    return handle
  }) satisfies typeof open,
})
syncBuiltinESMExports()
