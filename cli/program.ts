/** From the arguments to an exit code. */
import { Command, CommanderError } from 'commander'
import { VEX_VERSION } from '../node/version.ts'
import { COMMANDS } from './commands.ts'
import { describeFailure } from './errors.ts'
import { writeFailure } from './output.ts'

const createProgram = async (args: readonly string[]): Promise<Command> => {
  const program = new Command('vex')
    .description('Vex: a proof-of-stake chain with AssemblyScript contracts.')
    .version(VEX_VERSION, '-V, --version')
    .helpCommand('help [command]', 'show a command’s options and examples')
    .addHelpText(
      'after',
      `
Examples:
  $ vex tour                          see all of it in a minute
  $ vex dev                           a local chain, in a terminal of its own
  $ vex deploy token.ts Gold GLD 9 1000000
  $ vex deploy --help                 options and examples of a command

Every command takes --json. Exit code: 0 done, 1 the request failed, 2 the command line makes no sense.`,
    )
  // Errors are written in one place, below; commander would otherwise end the process.
  const quiet = { outputError: () => undefined, writeErr: (text: string) => process.stdout.write(text) }
  program.exitOverride().configureOutput(quiet)
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary)
    if (args.includes(name)) (await load()).define(command)
  }
  return program
}

/** Where to look, after a command line that made no sense. */
const helpHint = (args: readonly string[]): string => {
  const [first = ''] = args
  const command = COMMANDS.find(({ name }) => args.includes(name))
  if (command === undefined) return 'See: vex --help'
  if (!first.startsWith('-')) return `See: vex ${command.name} --help`
  return `Options stand after the command: vex ${command.name} ${first}`
}

const withHint = (message: string, args: readonly string[]): string =>
  `${message}${/[.?!]$/.test(message) ? '' : '.'} ${helpHint(args)}`

/** Anything the user did is one sentence; a bug is one too, and its stack on demand. */
const report = (error: unknown, args: readonly string[]): number => {
  const failure = describeFailure(error)
  if (failure.exitCode === 0) return 0
  const isUsage = error instanceof CommanderError
  const message = isUsage ? withHint(failure.message, args) : failure.message
  writeFailure({ ...failure, message }, args.includes('--json'))
  const wantsStack = args.includes('--verbose') || (process.env['VEX_DEBUG'] ?? '') !== ''
  if (wantsStack && !isUsage) console.error(error)
  return failure.exitCode
}

/** Never throws. `args` are those after the program's name. */
export const run = async (args: readonly string[]): Promise<number> => {
  try {
    const program = await createProgram(args)
    if (args.length === 0) {
      program.outputHelp()
      return 2
    }
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    return report(error, args)
  }
}
