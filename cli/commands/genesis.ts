/** `vex genesis …`: what validators do together before their chain begins. */
import type { Command } from 'commander'
import { defineChecking } from '../genesis/checking.ts'
import { defineDraft } from '../genesis/draft.ts'
import { defineValidators } from '../genesis/validators.ts'
import { addExamples } from '../help/examples.ts'

export const define = (command: Command): void => {
  defineDraft(command)
  defineValidators(command)
  defineChecking(command)
  addExamples(command, [
    'vex genesis new --chain-id my-chain --out genesis.json',
    'vex genesis validator --chain-id my-chain --stake 1000vex --out validator.json',
    'vex genesis add-validator genesis.json --from validator.json',
    'vex genesis validate genesis.json',
    'vex genesis hash genesis.json',
  ])
}
