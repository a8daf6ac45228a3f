/** From the arguments to an exit code. */
import { Command, CommanderError } from 'commander'
import { VEX_VERSION } from '../node/version.ts'
import { COMMANDS } from './commands.ts'
import { describeFailure, INTERRUPTED, usageError } from './errors.ts'
import { createOutput, writeFailure } from './output.ts'

const HELP = 'help'

/** What is to be filled in, in capitals: `vex call [options] ADDRESS METHOD [ARGS...]`. */
const capitalizeArguments = (usage: string): string =>
  usage.replace(/<(\w+)>|\[(?!options|command)[\w.]+\]/g, (found, name?: string) =>
    (name ?? found).toUpperCase(),
  )

const createProgram = async (args: readonly string[]): Promise<Command> => {
  const program = new Command('vex')
    .description('Vex: a proof-of-stake chain with AssemblyScript contracts.')
    .version(VEX_VERSION, '-V, --version')
    .helpCommand(`${HELP} [command]`, 'show a command’s options and examples')
    .addHelpText(
      'after',
      `
Examples:
  $ vex tour                          see all of it in a minute
  $ vex dev                           a local chain, in a terminal of its own
  $ vex deploy contracts/token/token.ts Gold GLD 9 1000000
  $ vex deploy --help                 options and examples of a command

Every command takes --json. Exit code: 0 done, 1 the request failed (as when arguments do not fit the
contract's ABI, which the chain holds), 2 the command line makes no sense by itself.`,
    )
  // Errors are written in one place, below; commander would otherwise end the process.
  const quiet = { outputError: () => undefined, writeErr: (text: string) => process.stdout.write(text) }
  program.exitOverride().configureOutput(quiet)
  program.configureHelp({
    styleUsage: capitalizeArguments,
    styleArgumentTerm: name => name.toUpperCase(),
  })
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary)
    if (args.includes(name)) (await load()).define(command)
  }
  return program
}

const TAKES_WORDS: ReadonlySet<string> = new Set(['deploy', 'upgrade', 'call', 'view'])

/** What to do after a command line that made no sense. */
const helpHint = (error: CommanderError, args: readonly string[]): string => {
  const [first = ''] = args
  const command = args.map(word => COMMANDS.find(({ name }) => name === word)).find(Boolean)
  if (command === undefined) return 'See: vex --help'
  if (first.startsWith('-')) return `Options stand after the command: vex ${command.name} ${first}`
  const mayBeWord = error.code === 'commander.unknownOption' && TAKES_WORDS.has(command.name)
  return `${mayBeWord ? 'If it is an argument, write -- before it. ' : ''}See: vex ${command.name} --help`
}

const withHint = (message: string, hint: string): string =>
  `${message}${/[.?!]$/.test(message) ? '' : '.'} ${hint}`

/** Anything the user did is one sentence; a bug is one too, and its stack on demand. */
const report = (error: unknown, args: readonly string[]): number => {
  const failure = describeFailure(error)
  if (failure.exitCode === 0) return 0
  const isJson = args.includes('--json')
  if (failure.exitCode === INTERRUPTED) {
    createOutput(isJson).notice(failure.message)
    return INTERRUPTED
  }
  const isUsage = error instanceof CommanderError
  const message = isUsage ? withHint(failure.message, helpHint(error, args)) : failure.message
  writeFailure({ ...failure, message }, isJson)
  const wantsStack = args.includes('--verbose') || (process.env['VEX_DEBUG'] ?? '') !== ''
  if (wantsStack && !isUsage) console.error(error)
  return failure.exitCode
}

/** Help about a command that is not there is a mistyped command, not a wish for the list of all. */
const commandLine = (args: readonly string[]): readonly string[] => {
  const [first, second] = args
  const name = first === HELP ? second : first
  if (name === undefined || name === HELP || name.startsWith('-')) return args
  return COMMANDS.some(command => command.name === name) ? args : [name]
}

const isVersion = (words: readonly string[]): boolean =>
  words.length === 1 && (words[0] === '--version' || words[0] === '-V')

/** Never throws. `args` are those after the program's name. */
export const run = async (args: readonly string[]): Promise<number> => {
  try {
    const program = await createProgram(args)
    if (args.length === 0) {
      program.outputHelp()
      return 2
    }
    const words = args.filter(word => word !== '--json')
    if (words.length === 0) throw usageError('no command is given. See: vex --help')
    if (isVersion(words)) {
      createOutput(words.length < args.length).result({ version: VEX_VERSION }, () => VEX_VERSION)
      return 0
    }
    await program.parseAsync(commandLine(args), { from: 'user' })
    return 0
  } catch (error) {
    return report(error, args)
  }
}
