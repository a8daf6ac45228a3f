import { describe, expect, it } from 'vitest'
import { exampleNames, keptContracts } from '../../determinism/contracts.ts'
import { difference } from '../../determinism/golden.ts'
import { runHistory } from '../../determinism/history.ts'
import { BlockStore } from '../../../node/chain/store.ts'
import { certifiedHistory } from '../../support/certified-history.ts'
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
        'undoable_draw',
      ]),
    )
  })

  it('has random numbers in it, and all that hangs on them', () => {
    const { db, head } = certifiedHistory()
    const store = new BlockStore(db)
    const heights = Array.from({ length: Number(head) }, (_, i) => BigInt(i) + 1n)
    const names = heights
      .flatMap(height => store.receipts(height))
      .flatMap(({ events }) => events.map(({ topics }) => Buffer.from(topics[0] ?? []).toString()))
    for (const name of ['TicketsBought', 'Drawn', 'PaidOut'])
      expect(names.filter(each => each === name).length, name).toBeGreaterThan(2)
  })

  it.each(['--liftoff-only', '--no-liftoff'])('with the engine at %s', flag => {
    expect(difference(runElsewhere({ flags: [flag] }))).toBeUndefined()
  })

  it('and every example contract is in it', () => {
    const names = keptContracts().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(exampleNames()))
  })
})
