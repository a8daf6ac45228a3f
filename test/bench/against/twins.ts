/** Which of Vex's workloads have a twin that an anvil runs, and which are shown beside them without one. */
import type { TwinName } from '../options.ts'
import type { Result } from '../result.ts'
import type { RunOptions } from '../session.ts'
import { runCompute } from '../workloads/compute.ts'
import { runLong } from '../workloads/long.ts'
import { measureDevnet } from '../workloads/network.ts'
import { runStart } from '../workloads/start.ts'
import { runToken } from '../workloads/token.ts'
import { runTransfers } from '../workloads/transfers.ts'
import { runViews } from '../workloads/views.ts'
import {
  anvilCompute,
  anvilLong,
  anvilStart,
  anvilToken,
  anvilTransfers,
  anvilViews,
  type AnvilWorkload,
} from './anvil-workloads.ts'

interface Twin {
  readonly vex: (options: RunOptions) => Promise<Result[]>
  /** None: an anvil has nothing of the kind. */
  readonly anvil?: AnvilWorkload
}

export const TWINS: Readonly<Record<TwinName, Twin>> = {
  transfers: { vex: runTransfers, anvil: anvilTransfers },
  token: { vex: runToken, anvil: anvilToken },
  compute: { vex: runCompute, anvil: anvilCompute },
  views: { vex: runViews, anvil: anvilViews },
  start: { vex: runStart, anvil: anvilStart },
  long: { vex: runLong, anvil: anvilLong },
  network: { vex: measureDevnet },
}
