/** What stands under a command's help besides its options, for all commands alike; and help about something else. */
import type { Command } from 'commander'
import { EXIT_CODE_LIST, EXIT_CODES, type ExitName } from '../exit-codes.ts'
import { columnsOf, layOut } from '../terminal/layout.ts'
import { seeAlso } from './see-also.ts'

/** `stake delegate`; empty for the program. */
export const pathOf = (command: Command): string => {
  const { parent } = command
  return parent === null ? '' : `${pathOf(parent)} ${command.name()}`.trim()
}

/** All commands that do something, in the order of the help. */
export const leavesOf = (command: Command): Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)

const FINDING: ReadonlySet<string> = new Set(['doctor', 'test', 'state verify'])

/** Those that a command may end with, as its options tell. */
export const exitNamesOf = (command: Command): ExitName[] => {
  const has = (name: string): boolean => command.options.some(({ long }) => long === name)
  const path = pathOf(command)
  const asksNode = has('--url')
  return [
    'done',
    'failed',
    'usage',
    ...(has('--gas-limit') || path === 'view' ? (['refused'] as const) : []),
    ...(asksNode ? (['unreachable', 'unknown'] as const) : []),
    ...(FINDING.has(path) ? (['unhealthy'] as const) : []),
    ...(has('--yes') || has('--password-file') ? (['interrupted'] as const) : []),
  ]
}

/** Before what the table explains. */
const SHORT: Readonly<Record<ExitName, string>> = {
  done: 'done',
  failed: 'failed',
  usage: 'the command line makes no sense',
  refused: 'refused by the chain',
  unreachable: 'no node serves',
  unknown: 'time ran out',
  unhealthy: 'something wrong was found',
  interrupted: 'Ctrl-C',
}

const exitLine = (command: Command): string =>
  exitNamesOf(command)
    .map(name => `${EXIT_CODES[name][0]} ${SHORT[name]}`)
    .join(', ')

const addSections = (command: Command): void => {
  const related = seeAlso(pathOf(command)).map(path => `vex ${path}`)
  const lines = [
    '',
    `Exit codes (vex help exit-codes): ${exitLine(command)}.`,
    ...(related.length > 0 ? [`See also: ${related.join(', ')}.`] : []),
  ]
  command.addHelpText('after', lines.join('\n'))
}

/** Once everything about a command is known. */
export const completeHelp = (command: Command): void => {
  for (const leaf of leavesOf(command)) addSections(leaf)
}

/** The table, as wide as the terminal. */
export const showExitCodes = (columns = columnsOf(process.stdout)): string =>
  EXIT_CODE_LIST.map(({ exitCode, meaning }) =>
    layOut(`${String(exitCode).padStart(4)}  `, meaning, columns),
  ).join('\n')
