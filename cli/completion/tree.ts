/**
 * The commands as data, for what completes them: loading the commands themselves takes a second. Made of the program,
 * kept in tree.json beside this file; a test compares the two, and `npx vitest -u` writes it anew.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Argument, Command, Option } from 'commander'
import { kindOf, kindOfOption, type WordKind } from './kinds.ts'

export interface TreeWord {
  readonly name: string
  readonly kind?: WordKind | undefined
  readonly choices?: readonly string[] | undefined
  readonly isVariadic?: true | undefined
}

export interface TreeOption {
  readonly flags: readonly string[]
  readonly summary: string
  /** What it takes, if anything. */
  readonly value?: TreeWord | undefined
}

export interface CommandTree {
  readonly name: string
  readonly summary: string
  readonly words: readonly TreeWord[]
  readonly options: readonly TreeOption[]
  readonly commands: readonly CommandTree[]
}

const nameOfValue = ({ flags }: Option): string | undefined => /[<[]([^>\].]+)/.exec(flags)?.[1]

const toWord = (path: string, argument: Argument): TreeWord => ({
  name: argument.name(),
  kind: kindOf(path, argument.name()) ?? undefined,
  choices: argument.argChoices,
  isVariadic: argument.variadic ? true : undefined,
})

const toOption = (path: string, option: Option): TreeOption => {
  const value = nameOfValue(option)
  const flags = [option.short, option.long].filter(flag => flag !== undefined && flag !== null)
  return {
    flags,
    summary: option.description,
    value:
      value === undefined
        ? undefined
        : {
            name: value,
            kind: kindOfOption(path, option.long ?? '', value) ?? undefined,
            choices: option.argChoices,
          },
  }
}

/** `command` with all that it is made of. */
export const toTree = (command: Command, path = ''): CommandTree => ({
  name: command.name(),
  summary: command.description(),
  words: command.registeredArguments.map(argument => toWord(path, argument)),
  options: command.options.map(option => toOption(path, option)),
  commands: command.commands.map(each => toTree(each, `${path} ${each.name()}`.trim())),
})

export const TREE_FILE = join(import.meta.dirname, 'tree.json')

export const readTree = (): CommandTree => JSON.parse(readFileSync(TREE_FILE, 'utf8')) as CommandTree
