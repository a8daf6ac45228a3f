/** `vex keys …`: what a validator votes with, and how it moves. */
import type { Command } from 'commander'
import { defineFiles } from '../keys/files.ts'
import { defineMoving } from '../keys/moving.ts'
import { addExamples } from '../help/examples.ts'

export const define = (command: Command): void => {
  defineFiles(command)
  defineMoving(command)
  addExamples(command, [
    'vex keys show',
    'vex keys encrypt --data-dir node',
    'vex keys export --data-dir node --out validator.move',
    'vex keys import validator.move --data-dir other',
  ])
}
