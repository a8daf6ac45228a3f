/**
 * How long RocksDB's manifest has been. The manifest lists the database's files, and grows by a record with each change of
 * them. One that lost its end RocksDB takes for one that a crash tore: it opens what is left, and deletes the files
 * that only the lost records named. Whatever was in them and is not in the log any more is gone, and nobody is told.
 *
 * Hence `manifest.mark`, beside it: name, length and CRC-32 of a manifest that was synced before the mark was written, so
 * that no crash leaves less. It is looked at before the database is opened. It may lag by what was added in the last
 * moments, and says nothing about a manifest of another name: every open begins a new one.
 *
 *   MANIFEST-000017 1641 2774612953 1183425406      the last number is the CRC-32 of what stands before it
 */
import { readFileSync, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { StorageError } from './database.ts'
import { readTextIfThere } from './read-text.ts'

const MARK_FILE = 'manifest.mark'

interface Mark {
  readonly name: string
  readonly bytes: number
  readonly crc: number
}

const markToText = ({ name, bytes, crc }: Mark): string => {
  const said = `${name} ${bytes} ${crc}`
  return `${said} ${crc32(said)}\n`
}

/** A mark that is damaged itself says nothing. */
const parseMark = (text: string): Mark | undefined => {
  const [, said = '', name = '', bytes, crc, check] = /^((\S+) (\d+) (\d+)) (\d+)\n$/.exec(text) ?? []
  return crc32(said) === Number(check) ? { name, bytes: Number(bytes), crc: Number(crc) } : undefined
}

const currentName = (path: string): string | undefined => readTextIfThere(join(path, 'CURRENT'))?.trim()

/** `path`: of a database that is not open. Throws a {@link StorageError} if its manifest is not all that it was. */
export const assertManifestWhole = (path: string): void => {
  const text = readTextIfThere(join(path, MARK_FILE))
  const mark = text === undefined ? undefined : parseMark(text)
  // A manifest that is missing altogether RocksDB notices itself.
  if (mark === undefined || mark.name !== currentName(path)) return
  const size = statSync(join(path, mark.name), { throwIfNoEntry: false })?.size
  if (size === undefined) return
  const fail = (what: string): never => {
    throw new StorageError(
      'corrupt',
      `${path} is damaged: ${what}, so that files with blocks or state would be taken for leftovers and deleted. Nothing was changed. Restore it from a copy`,
    )
  }
  if (size < mark.bytes)
    fail(`its list of files, ${mark.name}, is cut short to ${size} bytes of ${mark.bytes}`)
  if (crc32(readFileSync(join(path, mark.name)).subarray(0, mark.bytes)) !== mark.crc)
    fail(`its list of files, ${mark.name}, was changed`)
}

/** Marks what the manifest of the database at `path`, which this process has open, has become. */
export const createManifestMarker = (path: string): (() => Promise<void>) => {
  let marked: Mark | undefined
  let last = Promise.resolve()

  const hasGrown = (): boolean => {
    if (marked === undefined) return true
    return statSync(join(path, marked.name), { throwIfNoEntry: false })?.size !== marked.bytes
  }

  const mark = async (): Promise<void> => {
    const name = hasGrown() ? currentName(path) : undefined
    if (name === undefined) return
    const known = marked?.name === name ? marked : { name, bytes: 0, crc: 0 }
    const manifest = await open(join(path, name), 'r')
    try {
      const { size } = await manifest.stat()
      const added = Buffer.alloc(size - known.bytes)
      const { bytesRead } = await manifest.read(added, 0, added.length, known.bytes)
      await manifest.sync()
      const crc = crc32(added.subarray(0, bytesRead), known.crc)
      const next = { name, bytes: known.bytes + bytesRead, crc }
      await replaceMark(path, markToText(next))
      marked = next
    } finally {
      await manifest.close()
    }
  }

  // One after another: all write the same file. Where the manifest has not grown it costs one `stat`.
  return () => (last = last.then(mark, mark))
}

const replaceMark = async (path: string, text: string): Promise<void> => {
  const beside = join(path, `${MARK_FILE}.new`)
  const handle = await open(beside, 'w')
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(beside, join(path, MARK_FILE))
}
