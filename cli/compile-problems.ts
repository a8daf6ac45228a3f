/** A compiler's findings with paths as the user would open them. */
import { dirname, join, relative } from 'node:path'
import { CompileError, formatDiagnostic, type Diagnostic } from '../contracts/sdk/compile-error.ts'
import { CliError } from './errors.ts'

const fromHere = (diagnostic: Diagnostic, entry: string): Diagnostic => {
  const { position, message } = diagnostic
  if (position === undefined) return diagnostic
  return { message, position: { ...position, file: relative('', join(dirname(entry), position.file)) } }
}

/** A CompileError of `entry` as a CliError; anything else as it is. */
export const compileProblems = (error: unknown, entry: string): unknown => {
  if (!(error instanceof CompileError)) return error
  const found = error.diagnostics.map(diagnostic => fromHere(diagnostic, entry))
  return new CliError(error.code, found.map(formatDiagnostic).join('\n'), {
    cause: error,
    details: { diagnostics: found.map(({ message, position }) => ({ ...position, message })) },
  })
}
