/** All commands of the program, held against the tables that speak of them. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, CommanderError } from 'commander'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { kindOf, kindOfOption } from '../../../cli/completion/kinds.ts'
import { type CommandTree, TREE_FILE, toTree } from '../../../cli/completion/tree.ts'
import { EXIT_CODE_LIST } from '../../../cli/exit-codes.ts'
import { examplesOf } from '../../../cli/help/examples.ts'
import { leavesOf, pathOf } from '../../../cli/help/help.ts'
import { ALL_RELATED, seeAlso } from '../../../cli/help/see-also.ts'
import { createProgram } from '../../../cli/program.ts'
import { checkOutput } from '../../support/checked-output.ts'
import { COMMAND_OUTPUTS, ERROR_TOPIC, outputSchema } from '../../../cli/schemas/outputs.ts'

const ROOT = join(import.meta.dirname, '../../..')
const E2E = join(ROOT, 'test/e2e')

let program: Command
let leaves: Command[]
let groups: Command[]
const paths = (): string[] => leaves.map(pathOf)

beforeAll(async () => {
  program = await createProgram(() => true)
  leaves = leavesOf(program)
  groups = program.commands.filter(({ commands }) => commands.length > 0)
})

/** What stands for a shell's variables, and for what an example leaves out. */
const FILLED: readonly (readonly [RegExp, string])[] = [
  [/\$TX\b/g, '00'.repeat(32)],
  [/\$[A-Z]+\b/g, 'dev1'],
  [/12D3KooW…/g, '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'],
]

/** The words after `vex` of each command in a line of a shell, without what a pipe makes of it. */
const vexCommands = (example: string): string[][] =>
  [...example.matchAll(/(?:^|\$\()vex ([^|)]*)/g)].map(([, rest = '']) =>
    FILLED.reduce((text, [found, filled]) => text.replace(found, filled), rest)
      .replace(/ > .*/, '')
      .trim()
      .split(/\s+/)
      .map(word => word.replace(/^(["'])(.*)\1$/, '$2')),
  )

/** What the commander says of the words, with no command run. */
const parseOnly = async (words: readonly string[]): Promise<string> => {
  const idle = await createProgram(name => words.includes(name))
  const silent = { writeOut: () => undefined, writeErr: () => undefined }
  for (const leaf of leavesOf(idle)) leaf.configureOutput(silent).action(() => undefined)
  try {
    await idle.parseAsync([...words], { from: 'user' })
    return 'parsed'
  } catch (error) {
    if (error instanceof CommanderError && error.code === 'commander.helpDisplayed') return 'parsed'
    return String(error)
  }
}

/** JSON, an option and a command on lines of their own, so that a change of one is seen as that. */
const inLines = ({ options, commands, ...rest }: CommandTree): string => {
  const list = (items: readonly string[]): string =>
    items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n]`
  const head = JSON.stringify(rest).slice(0, -1)
  const own = list(options.map(option => JSON.stringify(option)))
  return `${head},"options":${own},"commands":${list(commands.map(inLines))}}`
}

describe('every command', () => {
  it('has a description, --json, --quiet and an example that begins with it', () => {
    for (const leaf of leaves) {
      const path = pathOf(leaf)
      const flags = leaf.options.map(({ long }) => long)
      expect([path, leaf.description().length > 5]).toEqual([path, true])
      expect([path, flags]).toEqual([path, expect.arrayContaining(['--json', '--quiet'])])
      expect([path, examplesOf(leaf).some(line => line.startsWith(`vex ${path}`))]).toEqual([path, true])
    }
    expect(leaves.length).toBeGreaterThan(50)
  })

  it('describes its arguments and options', () => {
    for (const leaf of leaves) {
      for (const { description, flags } of leaf.options)
        expect([pathOf(leaf), flags, description]).toEqual([pathOf(leaf), flags, expect.stringMatching(/\S/)])
      for (const argument of leaf.registeredArguments)
        expect([pathOf(leaf), argument.name(), argument.description]).toEqual([
          pathOf(leaf),
          argument.name(),
          expect.stringMatching(/\S/),
        ])
    }
  })

  it('has examples that it takes', async () => {
    for (const command of [...leaves, ...groups])
      for (const example of examplesOf(command))
        for (const words of vexCommands(example))
          expect([example, await parseOnly(words)]).toEqual([example, 'parsed'])
    expect(await parseOnly(['send', 'dev1', 'much'])).toContain('expected an amount')
  })

  it('names others that there are', () => {
    const all = [...paths(), ...groups.map(pathOf)]
    expect(all).toEqual(expect.arrayContaining([...Object.keys(ALL_RELATED), ...paths().flatMap(seeAlso)]))
  })

  it('has a schema of what it prints, and no other has', () => {
    expect([...COMMAND_OUTPUTS.keys()].sort()).toEqual(paths().sort())
    const ajv = new Ajv2020({ strict: false })
    for (const path of [...paths(), ERROR_TOPIC]) {
      const schema = outputSchema(path)
      expect([path, schema?.['$schema']]).toEqual([path, 'https://json-schema.org/draft/2020-12/schema'])
      expect([path, () => ajv.compile(schema as object)]).toEqual([path, expect.any(Function)])
      ajv.compile(schema as object)
    }
    expect(outputSchema('nothing')).toBeUndefined()
  })

  it('is in the tree that completes it; if not: npx vitest run test/unit/cli/program.test.ts -u', async () => {
    await expect(`${inLines(toTree(program))}\n`).toMatchFileSnapshot(TREE_FILE)
  })

  it('takes words that the completion knows something of', () => {
    for (const leaf of leaves) {
      const path = pathOf(leaf)
      for (const argument of leaf.registeredArguments)
        if (argument.argChoices === undefined)
          expect([path, argument.name(), kindOf(path, argument.name())]).not.toContain(undefined)
      for (const { flags, long, argChoices } of leaf.options) {
        const value = /[<[]([^>\]]+)/.exec(flags)?.[1]
        if (value !== undefined && argChoices === undefined)
          expect([path, flags, kindOfOption(path, long ?? '', value)]).not.toContain(undefined)
      }
    }
  })
})

/** How the files of test/e2e type: `'stake', 'claim'`, `stake('claim'`, `vexJson('send'`, `vex stake claim`. */
const isTypedIn = (text: string, path: string): boolean => {
  const [first = '', second] = path.split(' ')
  if (second === undefined) return new RegExp(`[(\\[]\\s*'${first}'[,\\])]`).test(text)
  return (
    new RegExp(`'${first}',\\s*'${second}'|\\b${first} ${second}[ '"\`]`).test(text) ||
    new RegExp(`\\b${first}(?:Json|Text)?\\(\\s*'${second}'|\\['${second}'`).test(text)
  )
}

describe('the end-to-end tests', () => {
  it('type every command', async () => {
    const files = (await readdir(E2E)).filter(name => name.endsWith('.test.ts'))
    const texts = await Promise.all(files.map(name => readFile(join(E2E, name), 'utf8')))
    const untyped = paths().filter(path => !texts.some(text => isTypedIn(text, path)))
    expect(untyped).toEqual([])
    expect(texts.some(text => isTypedIn(text, 'wallet frobnicate'))).toBe(false)
  })
})

describe('the check of what the end-to-end tests provoke', () => {
  const hash = '00'.repeat(32)
  const printed = (document: object, more = '') => ({
    exitCode: 0,
    stdout: `${JSON.stringify(document)}\n${more}`,
    stderr: '',
  })
  const made = { chainId: 'x', genesisHash: hash }
  const HASH = ['genesis', 'hash', 'genesis.json', '--json']

  it('takes what the schema says, and what is not JSON or not a command', () => {
    checkOutput(HASH, printed(made))
    checkOutput(['genesis', 'hash', 'genesis.json'], printed({ x: 1 }))
    checkOutput(['genesys', '--json'], printed({ x: 1 }))
    checkOutput(HASH, { exitCode: 1, stdout: '', stderr: '{"error":{"code":"x","message":"y"}}\n' })
  })

  it.each([
    ['a field less', printed({ chainId: 'x' })],
    ['a field more', printed({ ...made, more: 1 })],
    ['another type', printed({ ...made, chainId: 1 })],
    ['two documents', printed(made, `${JSON.stringify(made)}\n`)],
    ['none', { exitCode: 0, stdout: '', stderr: '' }],
    ['an error without its code', { exitCode: 1, stdout: '', stderr: '{"error":{"message":"y"}}\n' }],
    ['words in place of an error', { exitCode: 1, stdout: '', stderr: 'error: y\n' }],
  ])('refuses %s', (_, finished) => {
    expect(() => checkOutput(HASH, finished)).toThrow()
  })
})

describe('the exit codes', () => {
  it('are in the README as they are in the table', async () => {
    const readme = await readFile(join(ROOT, 'README.md'), 'utf8')
    const rows = [...readme.matchAll(/^\| (\d+) +\| (.+?) +\|$/gm)].map(([, exitCode, meaning]) => ({
      exitCode: Number(exitCode),
      meaning,
    }))
    expect(rows).toEqual(EXIT_CODE_LIST)
  })
})
