/**
 * What people read of a call that failed, or of a trace. Loaded by the query thread with the first: an ABI and a debug twin
 * are checked by zod, which takes a thread 20 MB.
 */
import { describeFailure, type Failure } from '../diagnostics/failure.ts'
import { NO_SYMBOLS, openSymbolStore } from '../diagnostics/symbol-store.ts'
import { type TraceView, viewTrace } from '../diagnostics/trace-view.ts'
import type { Trace } from '../transition/trace.ts'

export interface Diagnosis {
  failure(trace: Trace): Failure | undefined
  view(trace: Trace): TraceView
}

/** `symbolFolder`: of debug twins; without it failures are told without lines. */
export const openDiagnosis = (symbolFolder: string | undefined): Diagnosis => {
  const symbols =
    symbolFolder === undefined
      ? NO_SYMBOLS
      : openSymbolStore({
          folder: symbolFolder,
          onProblem: message => process.emitWarning(message, 'Symbols'),
        })
  return {
    failure: trace => describeFailure(trace, symbols),
    view: trace => viewTrace(trace, symbols),
  }
}
