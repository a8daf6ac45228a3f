/** A compiler's findings with paths as the user would open them. */
import { dirname, join, relative } from 'node:path'
import { CompileError, formatDiagnostic, type Diagnostic } from '../contracts/sdk/compile-error.ts'
import { CliError } from './errors.ts'

const fromHere = (diagnostic: Diagnostic, entry: string): Diagnostic => {
  const { position, message } = diagnostic
  if (position === undefined) return diagnostic
  return { message, position: { ...position, file: relative('', join(dirname(entry), position.file)) } }
}

/** People read a few; JSON has them all. */
const MAX_SHOWN = 20

const listing = (diagnostics: readonly Diagnostic[]): string => {
  const lines = diagnostics.slice(0, MAX_SHOWN).map(formatDiagnostic)
  const hidden = diagnostics.length - lines.length
  return [...lines, ...(hidden > 0 ? [`… and ${hidden} more`] : [])].join('\n')
}

/** A CompileError of `entry` as a CliError; anything else as it is. */
export const compileProblems = (error: unknown, entry: string): unknown => {
  if (!(error instanceof CompileError)) return error
  const found = error.diagnostics.map(diagnostic => fromHere(diagnostic, entry))
  return new CliError(error.code, listing(found), {
    cause: error,
    details: { diagnostics: found.map(({ message, position }) => ({ ...position, message })) },
  })
}
