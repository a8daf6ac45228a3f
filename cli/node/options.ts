/** What the commands for nodes share. */
import type { Command } from 'commander'

export const DEFAULT_NODE_DIRECTORY = '.vex/node'

export const addNodeDirectory = (command: Command): Command =>
  command.option('--data-dir <dir>', 'the node’s data directory', DEFAULT_NODE_DIRECTORY)
