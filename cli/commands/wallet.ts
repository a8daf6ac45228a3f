/** `vex wallet …`: accounts of one's own, in a file under a password. */
import type { Command } from 'commander'
import { addExamples } from '../help/examples.ts'
import { defineChanging } from '../wallet/changing.ts'
import { defineCreating } from '../wallet/creating.ts'
import { defineExporting } from '../wallet/exporting.ts'
import { defineShowing } from '../wallet/showing.ts'

export const define = (command: Command): void => {
  defineCreating(command)
  defineShowing(command)
  defineChanging(command)
  defineExporting(command)
  addExamples(command, [
    'vex wallet new',
    'vex wallet list',
    'vex send dev1 1.5vex --from main',
    'vex wallet export --help',
  ])
}
