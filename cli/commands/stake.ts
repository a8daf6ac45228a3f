/** `vex stake …`: a command for each thing to do with stakes. */
import type { Command } from 'commander'
import { addExamples } from '../help/examples.ts'
import { VALIDATOR_EXAMPLE } from '../options.ts'
import { defineDelegating } from '../stake/delegating.ts'
import { defineShowing } from '../stake/showing.ts'
import { defineValidating } from '../stake/validating.ts'

export const define = (command: Command): void => {
  defineDelegating(command)
  defineShowing(command)
  defineValidating(command)
  addExamples(command, [
    VALIDATOR_EXAMPLE,
    'vex stake delegate $VALIDATOR 100vex',
    'vex stake show dev0',
    'vex stake undelegate --help',
  ])
}
