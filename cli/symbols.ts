/**
 * Symbols of the contracts that are built here, kept in the project's folder so that failures can be told in their
 * lines. A command never fails for them: without, a failure has numbers in place of lines.
 */
import { readFileSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { DEFAULT_SYMBOL_FOLDER, keepSymbols } from '../node/diagnostics/symbol-store.ts'

/** As people type it, from where they are. */
const sourceFolder = (entry: string): string => relative('', dirname(entry)).split(sep).join('/')

const orWarn = (keep: () => void): void => {
  try {
    keep()
  } catch (error) {
    process.emitWarning(
      `failures of the contract will lack their lines: ${error instanceof Error ? error.message : String(error)}`,
      'Symbols',
    )
  }
}

/** Of what was compiled just now from `entry`. */
export const rememberSymbols = (code: Uint8Array, debugTwin: unknown, entry: string): void =>
  orWarn(() => keepSymbols(DEFAULT_SYMBOL_FOLDER, code, debugTwin, sourceFolder(entry)))

/** Of a built module, by the debug twin beside it, if there is one. `entry` is its source, if that is known. */
export const rememberBuiltSymbols = (wasmPath: string, entry?: string): void =>
  orWarn(() => {
    const twin = readIfThere(wasmPath.replace(/\.wasm$/, '.debug.json'))
    if (twin === undefined) return
    const folder = entry === undefined ? undefined : sourceFolder(entry)
    keepSymbols(DEFAULT_SYMBOL_FOLDER, readFileSync(wasmPath), JSON.parse(twin), folder)
  })

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
