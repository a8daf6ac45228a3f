/** Runs short views on the thread that asks (quick-views.ts). Loaded with the first. */
import type { Vm } from '../../vm/execution.ts'
import { BlockStore } from '../chain/store.ts'
import { openSharedRocksDatabase } from '../storage/rocks.ts'
import type { BlockHeader } from '../types/block.ts'
import { Moments } from './moments.ts'
import type { QueryClientOptions } from './query-client.ts'
import { QUICK_GAS, type ViewAnswer, type ViewQuery } from './query.ts'
import { runShortView } from './run-query.ts'
import { createWorkerVm } from './worker-vm.ts'

export interface QuickViewRunner {
  /** `undefined`: it is not short, or does not return. */
  view(query: Omit<ViewQuery, 'kind'>, head: BlockHeader): ViewAnswer | undefined
  close(): void
}

class NotAlone extends Error {
  override readonly name = 'NotAlone'
}

/** Runs one contract, and none that it calls. */
const alone = (vm: Vm): Vm & { begin(): void } => {
  let isRunning = false
  return {
    begin() {
      isRunning = false
    },
    inspect: code => vm.inspect(code),
    execute(request) {
      if (isRunning) throw new NotAlone()
      isRunning = true
      return vm.execute(request)
    },
  }
}

export const createQuickViewRunner = ({
  database: shared,
  genesis,
  instrumentedFolder,
}: Pick<QueryClientOptions, 'database' | 'genesis' | 'instrumentedFolder'>): QuickViewRunner => {
  const database = openSharedRocksDatabase(shared)
  const moments = new Moments(database, new BlockStore(database))
  const vm = alone(createWorkerVm(instrumentedFolder))
  return {
    view(query, head) {
      vm.begin()
      try {
        const { state } = moments.at(head)
        return runShortView({ vm, genesis, state, head }, query, QUICK_GAS)
      } catch {
        // It calls another contract, or this thread's stack is too small for it. A fault of the node the query thread meets, too.
        return undefined
      }
    },
    close() {
      moments.close()
    },
  }
}
