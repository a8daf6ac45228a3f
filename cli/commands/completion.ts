/** `vex completion SHELL` */
import { Argument, type Command } from 'commander'
import { COMPLETION_SCRIPTS, type ShellName, SHELLS } from '../completion/scripts.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput } from '../output.ts'

const completion = (shell: ShellName, options: CommonOptions): void => {
  const script = COMPLETION_SCRIPTS[shell]
  createOutput(options).result({ shell, script }, () => script.trimEnd())
}

export const define = (command: Command): void => {
  command.addArgument(new Argument('<shell>', 'which shell it is for').choices(SHELLS)).action(completion)
  addExamples(addCommonOptions(command), ['vex completion bash', 'vex completion fish --json'])
}
