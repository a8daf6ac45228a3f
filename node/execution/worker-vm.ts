/** The VM of a thread that runs contracts: how it compiles, and where it keeps what it instrumented. */
import type { Vm } from '../../vm/execution.ts'
import { createVm } from '../../vm/vm.ts'
import { openInstrumentedCache } from '../storage/instrumented-cache.ts'

/** `folder`: of the instrumented contracts; without one they are made anew after each start. */
export const createWorkerVm = (folder: string | undefined): Vm => {
  if (folder === undefined) return createVm()
  let isReported = false
  const onProblem = (message: string, error?: unknown): void => {
    // A full disk would say the same for every contract.
    if (isReported) return
    isReported = true
    process.emitWarning(
      error instanceof Error ? `${message}: ${error.message}` : message,
      'InstrumentedCache',
    )
  }
  return createVm({ instrumentedCache: openInstrumentedCache({ folder, onProblem }) })
}
