import { describe, expect, it } from 'vitest'
import { exampleNames, keptContracts } from '../../determinism/contracts.ts'
import { difference } from '../../determinism/golden.ts'
import { runHistory } from '../../determinism/history.ts'
import { runElsewhere } from '../../determinism/run-elsewhere.ts'

/** `npm run test:determinism -- --node <binary>` asks other Nodes too. */
describe('a history of blocks has one digest', () => {
  it('in this process, and it holds every way a transaction can end that contracts bring about', () => {
    const history = runHistory(keptContracts())
    expect(difference(history)).toBeUndefined()
    expect(Object.keys(history.outcomes)).toEqual(
      expect.arrayContaining([
        'success',
        'reverted',
        'aborted',
        'trapped',
        'out_of_gas',
        'stack_overflow',
        'unknown_method',
        'insufficient_balance',
        'insufficient_stake',
        'unknown_validator',
        'bad_proof',
        'nothing_to_withdraw',
        'nothing_to_claim',
        'not_owner',
      ]),
    )
  })

  it.each(['--liftoff-only', '--no-liftoff'])('with the engine at %s', flag => {
    expect(difference(runElsewhere({ flags: [flag] }))).toBeUndefined()
  })

  it('and every example contract is in it', () => {
    const names = keptContracts().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(exampleNames()))
  })
})
