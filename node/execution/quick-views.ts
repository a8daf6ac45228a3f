/**
 * Views of contracts that are asked about again and again are run by the thread that asks, for as long as they are short:
 * to hand one to the query thread and to take its answer back costs more than most of them do.
 *
 * Here a view gets at most QUICK_GAS, about as long as it takes to hand it over, and may call no other contract: no contract
 * can tell how much gas is left, so what returns within it returns the same with more. All else goes to the query thread,
 * which also says why a call failed; and the next ones of that method go there without being tried.
 */
import { LruMap } from '../types/lru-map.ts'
import { toLatin1 } from '../types/primitives.ts'
import type { QueryClient, QueryClientOptions } from './query-client.ts'
import type { QuickViewRunner } from './quick-view-runner.ts'

/** A contract is compiled here once it was asked so often. */
const ASKED_OFTEN = 32
/** So many of a method are not tried after one that was not quick. */
const NOT_TRIED = 256
/** Methods that are remembered. */
const METHODS = 1_024

interface Method {
  asked: number
  /** How many are to come before one is tried again. */
  pause: number
}

/** The same answers as those of `queries`. */
export const withQuickViews = (queries: QueryClient, options: QueryClientOptions): QueryClient => {
  const methods = new LruMap<string, Method>(METHODS)
  let runner: QuickViewRunner | undefined
  let loading: Promise<void> | undefined
  let isClosed = false

  const load = async (): Promise<void> => {
    try {
      const { createQuickViewRunner } = await import('./quick-view-runner.ts')
      if (!isClosed) runner = createQuickViewRunner(options)
    } catch (error) {
      options.onFault(error)
    }
  }
  const methodOf = (name: string): Method => {
    let method = methods.get(name)
    if (method === undefined) {
      method = { asked: 0, pause: 0 }
      methods.set(name, method)
    }
    return method
  }

  return {
    simulate: (query, head) => queries.simulate(query, head),
    trace: (query, head) => queries.trace(query, head),
    async view(query, head) {
      const method = methodOf(`${toLatin1(query.contract)}${query.method}`)
      if (isClosed || method.asked++ < ASKED_OFTEN) return queries.view(query, head)
      if (method.pause > 0) {
        method.pause--
        return queries.view(query, head)
      }
      loading ??= load()
      if (runner === undefined) return queries.view(query, head)
      const answer = runner.view(query, head)
      if (answer !== undefined) return answer
      method.pause = NOT_TRIED
      return queries.view(query, head)
    },
    async close() {
      isClosed = true
      await loading
      runner?.close()
      await queries.close()
    },
  }
}
