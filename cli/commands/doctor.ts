/**
 * `vex doctor`: checks the machine and a data directory, changes nothing, and says for everything that is wrong which
 * command repairs it. Exit code 0: nothing is wrong.
 */
import type { Command } from 'commander'
import { checkEnvironment } from '../doctor/environment.ts'
import type { StartProgress } from '../doctor/database.ts'
import type { Finding } from '../doctor/finding.ts'
import { CliError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions, DEFAULT_DATA_DIRECTORY } from '../options.ts'
import { createOutput } from '../output.ts'
import { mark, paint } from '../terminal/colour.ts'
import { createProgress } from '../terminal/progress.ts'
import { columnsOf, layOut, widthOf } from '../terminal/layout.ts'

interface DoctorOptions extends CommonOptions {
  readonly dataDir: string
  readonly deep?: true
}

const SIGNS = { ok: mark('good', 'ok   '), note: paint('dim', '· note '), wrong: mark('bad', 'WRONG') }

/** In a terminal the command stands on a line of its own, unbroken, to be copied. */
const line = ({ check, status, message, repair }: Finding): string => {
  const columns = columnsOf(process.stdout)
  const label = `${SIGNS[status]}  ${check.padEnd(14)}  `
  if (repair === undefined) return layOut(label, message, columns)
  const command = `${status === 'wrong' ? 'Repair' : 'Make one'}: ${repair}`
  const whole = `${message}. ${command}`
  if (widthOf(label) + widthOf(whole) <= columns) return label + whole
  return `${layOut(label, message, columns)}\n  ${command}`
}

const doctor = async (options: DoctorOptions): Promise<void> => {
  const output = createOutput(options)
  const findings = await checkEnvironment(options.dataDir)
  // The directory's checks need the modules that were just tried.
  if (!findings.some(({ check, status }) => check === 'native modules' && status === 'wrong')) {
    const { checkDirectory } = await import('../doctor/directory.ts')
    const isDefault = options.dataDir === DEFAULT_DATA_DIRECTORY
    const startProgress: StartProgress = (what, unit) =>
      createProgress(output, { what, ...(unit !== undefined && { unit }) })
    const isDeep = options.deep === true
    findings.push(...(await checkDirectory(options.dataDir, { isDeep, isDefault, startProgress })))
  }
  for (const finding of findings) output.result(finding, () => line(finding))
  const wrong = findings.filter(({ status }) => status === 'wrong').length
  if (wrong > 0)
    throw new CliError('unhealthy', `${wrong} of ${findings.length} checks found something wrong`)
}

export const define = (command: Command): void => {
  addCommonOptions(
    command
      .option('--data-dir <dir>', 'the data directory', DEFAULT_DATA_DIRECTORY)
      .option(
        '--deep',
        'every block, every key of the state and every other entry, too: takes minutes on a large chain',
      ),
  ).action(doctor)
  addExamples(command, ['vex doctor', 'vex doctor --deep --json'])
}
