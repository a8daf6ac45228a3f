/**
 * Debug twins of contracts, one file for each code, named by the code's hash: whoever builds puts them there,
 * whoever shows a failure looks there. Development only: nothing of it is part of the chain, and a file that is
 * missing or damaged takes nothing away but names and lines.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TAGS, taggedHash } from '../crypto/hash.ts'
import { makeFolder } from '../storage/make-folder.ts'
import { LruMap } from '../types/lru-map.ts'
import { toHex } from '../types/primitives.ts'
import { formatSymbols, parseSymbols, type Symbols } from './symbols.ts'

/** Of a project, beside its development chain. */
export const DEFAULT_SYMBOL_FOLDER = '.vex/debug'
/** The oldest go when there are more. */
const MAX_FILES = 500
const MAX_FILE_BYTES = 16 * 1024 * 1024
const CACHED = 32
const EXTENSION = '.json'
const TEMPORARY = '.new'

export interface SymbolStore {
  /** `codeHash` in hex, without `0x`. `undefined`: there are no symbols for that code, or none that can be read. */
  get(codeHash: string): Symbols | undefined
}

/** What can be found nowhere. */
export const NO_SYMBOLS: SymbolStore = { get: () => undefined }

/**
 * Keeps the debug twin of the module `code`: what `NAME.debug.json` holds, parsed. Throws what the file system says,
 * and an Error if it is no twin. `sourceFolder` is where the contract's file is, as people would type it.
 */
export const keepSymbols = (
  folder: string,
  code: Uint8Array,
  debugTwin: unknown,
  sourceFolder?: string,
): void => {
  const text = formatSymbols(code, debugTwin, sourceFolder)
  makeFolder(folder)
  const path = join(folder, `${toHex(taggedHash(TAGS.code, code))}${EXTENSION}`)
  const temporary = `${path}.${randomUUID()}${TEMPORARY}`
  try {
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  removeOldest(folder)
}

const removeOldest = (folder: string): void => {
  const names = readdirSync(folder).filter(name => name.endsWith(EXTENSION))
  if (names.length <= MAX_FILES) return
  const files = names.flatMap(name => {
    const path = join(folder, name)
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? [] : [{ path, changedMs: found.mtimeMs }]
  })
  for (const { path } of files.sort((a, b) => a.changedMs - b.changedMs).slice(0, files.length - MAX_FILES))
    rmSync(path, { force: true })
}

/** Reads as it is asked; `onProblem` hears once of each file that is no use. */
export const openSymbolStore = (options: {
  folder: string
  onProblem: (message: string) => void
}): SymbolStore => {
  const known = new LruMap<string, Symbols>(CACHED)
  /** When the file changed last that was found to be no use. */
  const damaged = new LruMap<string, number>(MAX_FILES)
  return {
    get(codeHash) {
      const found = known.get(codeHash)
      if (found !== undefined) return found
      if (!/^[0-9a-f]{64}$/.test(codeHash)) return undefined
      const path = join(options.folder, `${codeHash}${EXTENSION}`)
      const file = statSync(path, { throwIfNoEntry: false })
      if (file === undefined || damaged.get(codeHash) === file.mtimeMs) return undefined
      try {
        if (file.size > MAX_FILE_BYTES)
          throw new Error(`it has ${file.size} bytes, the limit is ${MAX_FILE_BYTES}`)
        const symbols = parseSymbols(readFileSync(path, 'utf8'))
        known.set(codeHash, symbols)
        return symbols
      } catch (error) {
        damaged.set(codeHash, file.mtimeMs)
        options.onProblem(
          `${path} cannot be used, so that failures of that contract lack their lines: ${error instanceof Error ? error.message : String(error)}. Build the contract again`,
        )
        return undefined
      }
    },
  }
}
