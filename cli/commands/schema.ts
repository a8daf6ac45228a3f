/** `vex schema [COMMAND...]` */
import type { Command } from 'commander'
import { CliError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput } from '../output.ts'
import { showTable } from '../terminal/table.ts'

const schema = async (words: string[], options: CommonOptions): Promise<void> => {
  const output = createOutput(options)
  // Schemas of every command and of the API take their time to load.
  const { COMMAND_OUTPUTS, ERROR_TOPIC, outputSchema } = await import('../schemas/outputs.ts')
  const paths = [...COMMAND_OUTPUTS.keys(), ERROR_TOPIC].sort()
  if (words.length === 0) {
    const all = paths.map(path => [path, outputSchema(path)] as const)
    output.result({ $schema: all[0]?.[1]?.['$schema'], title: 'vex', $defs: Object.fromEntries(all) }, () =>
      showTable('There are schemas of these: vex schema COMMAND shows one, vex schema --json all', [
        ...[...COMMAND_OUTPUTS].map(([path, { isStream }]): [string, string] => [
          path,
          isStream ? 'a document a line' : 'one document',
        ]),
        [ERROR_TOPIC, 'what is on stderr when a command fails'],
      ]),
    )
    return
  }
  const path = words.join(' ')
  const found = outputSchema(path)
  if (found === undefined) {
    const within = paths.filter(each => each.startsWith(`${path} `))
    const hint =
      within.length > 0 ? `It is one of: ${within.join(', ')}` : 'vex schema lists the commands that have one'
    throw new CliError('no_schema', `there is no command "${path}" that prints JSON. ${hint}`)
  }
  output.result(found, () => JSON.stringify(found, null, 2))
}

export const define = (command: Command): void => {
  command
    .argument('[command...]', 'a command’s words, or "error"; default: a list of all', undefined)
    .action(schema)
  addExamples(addCommonOptions(command), [
    'vex schema stake delegate',
    'vex schema error',
    'vex schema block --json',
  ])
}
