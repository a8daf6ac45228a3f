/** Where a contract failed, for whoever called it: what the node says, and the lines that this folder knows. */
import type { Failure } from '../node/diagnostics/failure.ts'
import { withSymbols } from '../node/diagnostics/failure.ts'
import { formatFailure, type FailureStyle } from '../node/diagnostics/format-failure.ts'
import { alarm, paint } from './terminal/colour.ts'
import { DEFAULT_SYMBOL_FOLDER, openSymbolStore, type SymbolStore } from '../node/diagnostics/symbol-store.ts'

/** In colours if the stream that the lines go to has them. */
export const failureStyle = (stream: NodeJS.WriteStream): FailureStyle => ({
  position: text => paint('cyan', text, stream),
  faint: text => paint('dim', text, stream),
  strong: text => alarm(text, stream),
})

/** Of contracts that were built in this folder. */
export const localSymbols = (): SymbolStore =>
  openSymbolStore({
    folder: DEFAULT_SYMBOL_FOLDER,
    onProblem: message => void process.stderr.write(`notice: ${message}\n`),
  })

export const locateFailure = (failure: Failure): Failure => withSymbols(failure, localSymbols())

/** What an error carries of it: fields for programs, lines for people. */
export const failureDetails = (
  failure: Failure | null | undefined,
): { details?: { readonly failure: Failure }; lines?: readonly string[] } => {
  if (failure === null || failure === undefined) return {}
  const located = locateFailure(failure)
  return { details: { failure: located }, lines: formatFailure(located, failureStyle(process.stderr)) }
}
