/** `vex test [FILTER...]` */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { GAS_FOLDER_VARIABLE } from '../../node/testing/gas-log.ts'
import { buildContracts, listBuilt } from '../build-contracts.ts'
import { CliError, usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { formatGasReport, type GasReport, readGasReport } from '../test/gas-report.ts'
import {
  findDrift,
  formatDrift,
  formatSnapshot,
  parseSnapshot,
  SNAPSHOT_FILE,
  toSnapshot,
} from '../test/gas-snapshot.ts'
import { runTests, type TestRun } from '../test/runner.ts'
import { watchTests } from '../test/watch-tests.ts'

interface TestOptions extends CommonOptions {
  readonly contracts?: string
  readonly out: string
  readonly gas?: true
  readonly snapshot?: true
  readonly check?: true
  readonly tolerance: number
  readonly watch?: true
}

const DEFAULT_CONTRACTS = 'contracts'

const isFolder = async (path: string): Promise<boolean> =>
  stat(path).then(
    found => found.isDirectory(),
    () => false,
  )

const buildProject = async ({ contracts, out }: TestOptions, output: Output): Promise<void> => {
  const folder = contracts ?? ((await isFolder(DEFAULT_CONTRACTS)) ? DEFAULT_CONTRACTS : '.')
  const { built, problem } = await buildContracts([folder], out, output)
  const rebuilt = built.filter(({ isRebuilt }) => isRebuilt)
  if (rebuilt.length > 0) output.notice(listBuilt(rebuilt))
  if (problem !== undefined) throw problem
}

const readSnapshot = async (): Promise<string> => {
  try {
    return await readFile(SNAPSHOT_FILE, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
    throw new CliError(
      'no_snapshot',
      `there is no ${SNAPSHOT_FILE} to check against: write one with "vex test --snapshot"`,
      { cause },
    )
  }
}

const checkSnapshot = (text: string, report: GasReport, tolerance: number, output: Output): void => {
  const drift = findDrift(parseSnapshot(text), toSnapshot(report), tolerance)
  if (drift.length === 0) return output.say(`gas is what ${SNAPSHOT_FILE} says`)
  output.say(formatDrift(drift))
  throw new CliError(
    'gas_drift',
    `gas is not what ${SNAPSHOT_FILE} says. If it should be so, accept it with: vex test --snapshot`,
    { details: { drift } },
  )
}

const reportGas = async (report: GasReport, options: TestOptions, output: Output): Promise<void> => {
  if (options.gas === true || output.isJson)
    output.result({ gas: report.methods }, () => formatGasReport(report))
  if (options.snapshot === true) {
    await writeFile(SNAPSHOT_FILE, formatSnapshot(toSnapshot(report)))
    output.say(`wrote ${SNAPSHOT_FILE}`)
  }
}

/** The report of what runs meanwhile. */
const withGasFolder = async (
  run: (folder: string) => Promise<number>,
): Promise<{ exitCode: number; report: GasReport }> => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-gas-'))
  try {
    const exitCode = await run(folder)
    return { exitCode, report: await readGasReport(folder) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const checkOptions = ({ gas, snapshot, check, watch }: TestOptions, filters: readonly string[]): void => {
  if (snapshot === true && check === true)
    throw usageError('--snapshot accepts the gas as it is, --check refuses another: give one of them')
  if ((snapshot ?? check) === true && filters.length > 0)
    throw usageError('--snapshot and --check are about all tests: leave the filter out')
  if (watch === true && (gas ?? snapshot ?? check) === true)
    throw usageError('--watch does not end, so it has no gas to report: leave it out')
}

const test = async (words: string[], options: TestOptions): Promise<void> => {
  const output = createOutput(options)
  const filters = words.filter(word => !word.startsWith('-'))
  const runnerOptions = words.filter(word => word.startsWith('-'))
  checkOptions(options, filters)
  const run = (rest: Pick<TestRun, 'environment' | 'signal'>): Promise<number> =>
    runTests({ filters, runnerOptions, isQuiet: output.isJson, ...rest })
  if (options.watch === true) {
    const round = async (signal: AbortSignal): Promise<void> => {
      await buildProject(options, output)
      await run({ environment: {}, signal })
    }
    return watchTests({ round, out: options.out, output })
  }

  const snapshot = options.check === true ? await readSnapshot() : undefined
  await buildProject(options, output)
  let exitCode: number
  const needsGas = (options.gas ?? options.snapshot ?? options.check ?? options.json) === true
  if (!needsGas) exitCode = await run({ environment: {} })
  else {
    const measured = await withGasFolder(folder => run({ environment: { [GAS_FOLDER_VARIABLE]: folder } }))
    exitCode = measured.exitCode
    // What failed tests leave unmeasured is no drift.
    if (exitCode === 0 || options.gas === true) await reportGas(measured.report, options, output)
    if (exitCode === 0 && snapshot !== undefined)
      checkSnapshot(snapshot, measured.report, options.tolerance, output)
  }
  if (exitCode !== 0) throw new CliError('tests_failed', 'the tests failed')
}

const parsePercent = (text: string): number => {
  if (/^\d{1,3}(?:\.\d{1,2})?$/.test(text)) return Number(text)
  throw new InvalidArgumentError('expected percent, such as 1 or 0.5')
}

export const define = (command: Command): void => {
  command
    .argument('[filters...]', 'parts of the paths of test files; after -- options of the test runner')
    .option('--contracts <dir>', 'where the contracts are (default: contracts, or this folder)')
    .option('--out <dir>', 'where their builds go', 'build')
    .option('--gas', 'show what each method cost')
    .option('--snapshot', `write what each method cost to ${SNAPSHOT_FILE}`)
    .option('--check', `fail if a method costs something else than ${SNAPSHOT_FILE} says`)
    .option('--tolerance <percent>', 'how much of a change --check allows', parsePercent, 0)
    .option('--watch', 'run again at each change')
    .action(test)
  addExamples(addCommonOptions(command), [
    'vex test',
    'vex test token --gas',
    'vex test --snapshot',
    'vex test --check --tolerance 1',
    'vex test -- --test-name-pattern=transfer',
  ])
}
