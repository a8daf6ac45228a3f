/** Files with secrets: read only if nobody else may, written for the owner only, whole or not at all. */
import { open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { createSynced } from '../../node/storage/synced-files.ts'
import { CliError } from '../errors.ts'

export const OWNER_ONLY = 0o600
/** Permission bits of the group and of everybody else. */
const OTHERS = 0o077

/** `what` it is, for errors; what it holds is never shown. A pipe will do. */
export const readSecretFile = async (path: string, what: string, maxBytes: number): Promise<string> => {
  const handle = await open(path, 'r')
  try {
    const { mode } = await handle.stat()
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      const shown = (mode & 0o777).toString(8)
      throw new CliError(
        'key_file_open',
        `others on this machine may use the ${what} ${path} (mode ${shown}). Close it with: chmod 600 ${path}`,
      )
    }
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, null)
      if (bytesRead === 0) break
      length += bytesRead
    }
    if (length > maxBytes)
      throw new CliError('too_large', `the ${what} ${path} is larger than ${maxBytes} bytes`)
    const text = bytes.toString('utf8', 0, length)
    bytes.fill(0)
    return text
  } finally {
    await handle.close()
  }
}

/** Never over a file that is there. */
export const writeSecretFile = (path: string, text: string): void => {
  if (createSynced(dirname(path), basename(path), () => text, OWNER_ONLY)) return
  throw new CliError('exists', `${path} is there already, and was not changed: name another file`)
}
