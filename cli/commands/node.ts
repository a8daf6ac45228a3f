/** `vex node init | start`: a node of a chain that others run too. */
import type { Command } from 'commander'
import { defineInit } from '../node/init.ts'
import { defineStart } from '../node/start.ts'
import { addExamples } from '../help/examples.ts'

export const define = (command: Command): void => {
  defineInit(command)
  defineStart(command)
  addExamples(command, ['vex node init --genesis genesis.json', 'vex node start'])
}
