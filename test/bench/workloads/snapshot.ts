/** `vex state snapshot` of a state with n accounts, then `vex state restore` of that into a new directory. */
import { join } from 'node:path'
import { type MeasuredCommand, runMeasured } from '../command.ts'
import { makeLargeChain } from '../large-chain.ts'
import type { Result } from '../result.ts'
import { assertEqual, directoryBytes, type RunOptions, withDirectory } from '../session.ts'

const DEFAULT_N = 100_000
const MB = 1_000_000

export const runSnapshot = (options: RunOptions): Promise<Result[]> =>
  withDirectory(async scratch => {
    const n = options.n ?? DEFAULT_N
    const [chain, folder, restored] = ['chain', 'snapshot', 'restored'].map(name => join(scratch, name)) as [
      string,
      string,
      string,
    ]
    await makeLargeChain(chain, n)
    const toResult = async (workload: string, of: string, command: MeasuredCommand): Promise<Result> => ({
      workload,
      n,
      rate: n / command.seconds,
      unit: 'account/s',
      seconds: command.seconds,
      rss_mb: command.peakRssBytes / MB,
      disk_mb: (await directoryBytes(of)) / MB,
      cpu_node_s: command.cpuSeconds,
      cpu_driver_s: 0,
      cpu_main_s: command.cpuSeconds,
    })
    const made = await runMeasured(
      ['state', 'snapshot', '--data-dir', chain, '--out', folder],
      options,
      scratch,
    )
    const read = await runMeasured(
      ['state', 'restore', '--from', folder, '--data-dir', restored],
      options,
      scratch,
    )
    const entriesOf = ({ json }: MeasuredCommand): unknown => (json as { entries: unknown }).entries
    assertEqual('the number of restored entries', entriesOf(read), entriesOf(made))
    return [await toResult('snapshot', folder, made), await toResult('restore', restored, read)]
  })
