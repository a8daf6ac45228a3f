/** `vex build [FILE|DIR...]` */
import type { Command } from 'commander'
import { buildContracts, listBuilt } from '../build-contracts.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput } from '../output.ts'

interface BuildOptions extends CommonOptions {
  readonly out: string
}

const build = async (paths: string[], options: BuildOptions): Promise<void> => {
  const output = createOutput(options)
  const { built, problem } = await buildContracts(paths.length === 0 ? ['.'] : paths, options.out, output)
  if (built.length > 0) output.result({ contracts: built }, () => listBuilt(built))
  if (problem !== undefined) throw problem
}

export const define = (command: Command): void => {
  command
    .argument('[paths...]', 'contracts, or folders of them (default: this folder)')
    .option('--out <dir>', 'where the .wasm and .abi.json files go', 'build')
    .action(build)
  addExamples(addCommonOptions(command), [
    'vex build contracts/token/token.ts',
    'vex build contracts --out build',
  ])
}
