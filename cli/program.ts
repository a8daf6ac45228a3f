/** From the arguments to an exit code. */
import { Command, CommanderError } from 'commander'
import { VEX_VERSION } from '../node/version.ts'
import { COMMANDS } from './commands.ts'
import { describeFailure, usageError } from './errors.ts'
import { EXIT_CODE_LIST, type ExitCode, exitCode } from './exit-codes.ts'
import { examplesOf } from './help/examples.ts'
import { completeHelp, pathOf, showExitCodes } from './help/help.ts'
import { createOutput, writeFailure } from './output.ts'
import { columnsOf } from './terminal/layout.ts'

const HELP = 'help'
/** What there is help about besides the commands. */
const EXIT_CODES_TOPIC = 'exit-codes'

/** What is to be filled in, in capitals: `vex call [options] ADDRESS METHOD [ARGS...]`. */
const capitalizeArguments = (usage: string): string =>
  usage.replace(/<(\w+)>|\[(?!options|command)[\w.]+\]/g, (found, name?: string) =>
    (name ?? found).toUpperCase(),
  )

/** As wide as a line of help may be where the terminal does not say. */
const HELP_COLUMNS = 100

const newProgram = (): Command => {
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
  $ vex schema block                  what --json prints
  $ source <(vex completion bash)     completes commands, options, names

Every command takes --json and --quiet.

Exit codes (vex help ${EXIT_CODES_TOPIC}):
${showExitCodes()}`,
    )
  // Errors are written in one place, below; commander would otherwise end the process.
  const quiet = {
    outputError: () => undefined,
    writeErr: (text: string) => process.stdout.write(text),
    getOutHelpWidth: () => Math.min(columnsOf(process.stdout), HELP_COLUMNS),
  }
  program.exitOverride().configureOutput(quiet)
  return program.configureHelp({
    styleUsage: capitalizeArguments,
    styleArgumentTerm: name => name.toUpperCase(),
  })
}

/** With what the commands that `isNeeded` are made of; of the others the name and what they do. */
export const createProgram = async (isNeeded: (name: string) => boolean): Promise<Command> => {
  const program = newProgram()
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary)
    if (isNeeded(name)) (await load()).define(command)
  }
  completeHelp(program)
  return program
}

const TAKES_WORDS: ReadonlySet<string> = new Set(['deploy', 'upgrade', 'call', 'view'])

/** The command that the words name, as deep as they do. */
const commandOf = (program: Command, words: readonly string[]): Command => {
  let found = program
  for (const word of words) {
    const next = found.commands.find(command => command.name() === word)
    if (next === undefined) {
      if (found !== program) break
      continue
    }
    found = next
  }
  return found
}

/** What to do after a command line that made no sense. */
const helpHint = (program: Command, error: CommanderError, args: readonly string[]): string => {
  const command = commandOf(program, args)
  if (command === program) return 'See: vex --help'
  const [first = ''] = args
  const path = pathOf(command)
  if (first.startsWith('-')) return `Options stand after the command: vex ${path} ${first}`
  const mayBeWord = error.code === 'commander.unknownOption' && TAKES_WORDS.has(path)
  return `${mayBeWord ? 'If it is an argument, write -- before it. ' : ''}See: vex ${path} --help`
}

/** What is missing, and how it looks. */
const missingHint = (program: Command, error: CommanderError, args: readonly string[]): string => {
  const command = commandOf(program, args)
  const [, name] = /missing required argument '(\w+)'/.exec(error.message) ?? []
  const about = command.registeredArguments.find(argument => argument.name() === name)?.description
  const example = examplesOf(command).find(line => line.startsWith(`vex ${pathOf(command)}`))
  const isAbout = error.code === 'commander.missingArgument' && about !== undefined
  const isMissing = isAbout || error.code === 'commander.missingMandatoryOptionValue'
  return `${isAbout ? `: ${about}` : ''}${isMissing && example !== undefined ? `. For example: ${example}` : ''}`
}

const withHint = (message: string, hint: string): string =>
  `${message}${/[.?!]$/.test(message) ? '' : '.'} ${hint}`

/** Anything the user did is one sentence; a bug is one too, and its stack on demand. */
const report = (error: unknown, args: readonly string[], program: Command): ExitCode => {
  const failure = describeFailure(error)
  if (failure.exitCode === exitCode('done')) return failure.exitCode
  const isJson = args.includes('--json')
  if (failure.exitCode === exitCode('interrupted') && !isJson) {
    createOutput({}).notice(failure.message)
    return failure.exitCode
  }
  // A group alone: its help was asked for, and shown.
  if (error instanceof CommanderError && error.code === 'commander.help') return failure.exitCode
  const isUsage = error instanceof CommanderError
  const message = isUsage
    ? withHint(failure.message + missingHint(program, error, args), helpHint(program, error, args))
    : failure.message
  writeFailure({ ...failure, message }, isJson)
  const wantsStack = args.includes('--verbose') || (process.env['VEX_DEBUG'] ?? '') !== ''
  if (wantsStack && !isUsage) console.error(error)
  return failure.exitCode
}

const isCommand = (name: string): boolean => COMMANDS.some(command => command.name === name)

/**
 * `help stake delegate` is `stake delegate --help`. Help about a command that is not there is a mistyped command, not
 * a wish for the list of all.
 */
const commandLine = (args: readonly string[]): readonly string[] => {
  const [first, ...rest] = args
  if (first === HELP) {
    const [name] = rest
    if (name === undefined || name === HELP || name.startsWith('-')) return args
    return isCommand(name) ? [...rest, '--help'] : [name]
  }
  if (first === undefined || first.startsWith('-')) return args
  return isCommand(first) ? args : [first]
}

const isVersion = (words: readonly string[]): boolean =>
  words.length === 1 && (words[0] === '--version' || words[0] === '-V')

const isExitCodes = ([first, second, ...rest]: readonly string[]): boolean =>
  first === HELP && second === EXIT_CODES_TOPIC && rest.length === 0

const runsNode = ([name, ...words]: readonly string[]): boolean => {
  const start = COMMANDS.find(command => command.name === name)?.runsNodeWith
  if (start === undefined || words.includes('--help') || words.includes('-h')) return false
  return start.every((word, i) => words[i] === word)
}

/** Never throws. `args` are those after the program's name. */
export const run = async (args: readonly string[]): Promise<ExitCode> => {
  let program = newProgram()
  try {
    if (runsNode(args)) (await import('../node/execution/block-thread.ts')).startBlockThreadAhead()
    program = await createProgram(name => args.includes(name))
    if (args.length === 0) {
      program.outputHelp()
      return exitCode('usage')
    }
    const words = args.filter(word => word !== '--json')
    if (words.length === 0) throw usageError('no command is given. See: vex --help')
    const output = createOutput({ json: words.length < args.length })
    if (isVersion(words)) {
      output.result({ version: VEX_VERSION }, () => VEX_VERSION)
      return exitCode('done')
    }
    if (isExitCodes(words)) {
      output.result({ exitCodes: EXIT_CODE_LIST }, showExitCodes)
      return exitCode('done')
    }
    await program.parseAsync(commandLine(args), { from: 'user' })
    return exitCode('done')
  } catch (error) {
    return report(error, args, program)
  }
}
