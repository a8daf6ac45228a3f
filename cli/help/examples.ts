/** The examples of commands: shown under their help, and typed by the tests. */
import type { Command } from 'commander'

const EXAMPLES = new WeakMap<Command, readonly string[]>()

export const examplesOf = (command: Command): readonly string[] => EXAMPLES.get(command) ?? []

/** Help text with examples under it, which work one after the other in a clone beside a running `vex dev`. */
export const addExamples = (command: Command, examples: readonly string[]): Command => {
  EXAMPLES.set(command, examples)
  return command.addHelpText('after', `\nExamples:\n${examples.map(example => `  $ ${example}`).join('\n')}`)
}
