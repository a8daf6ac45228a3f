import { beforeAll, describe, expect, it } from 'vitest'
import { compileContracts, type HistoryContract } from '../../determinism/contracts.ts'
import { difference } from '../../determinism/golden.ts'
import { runHistory } from '../../determinism/history.ts'
import { runElsewhere } from '../../determinism/run-elsewhere.ts'

/** `npm run test:determinism -- --node <binary>` asks other Nodes too. */
describe('a history of blocks has one digest', () => {
  let contracts: HistoryContract[]
  beforeAll(async () => {
    contracts = await compileContracts()
  })

  it('in this process, and it holds every way a transaction can end that contracts bring about', () => {
    const history = runHistory(contracts)
    expect(difference(contracts, history)).toBeUndefined()
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
        'not_owner',
      ]),
    )
  })

  it.each(['--liftoff-only', '--no-liftoff'])('with the engine at %s', flag => {
    expect(difference(contracts, runElsewhere(contracts, { flags: [flag] }))).toBeUndefined()
  })
})
