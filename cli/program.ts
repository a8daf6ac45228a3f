/** From the arguments to an exit code. */
import { Command } from 'commander'
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

/** Anything the user did is one sentence; a bug is one too, and its stack on demand. */
const report = (error: unknown, args: readonly string[]): number => {
  const failure = describeFailure(error)
  if (failure.exitCode === 0) return 0
  writeFailure(failure, args.includes('--json'))
  const wantsStack = args.includes('--verbose') || (process.env['VEX_DEBUG'] ?? '') !== ''
  if (wantsStack && !(failure.isExpected && failure.code === 'usage')) console.error(error)
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
