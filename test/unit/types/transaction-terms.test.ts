/** The index of a block, which remembers names on the way, against the names of each transaction by itself. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { u64Bytes } from '../../../node/types/big-endian.ts'
import { toHex } from '../../../node/types/primitives.ts'
import type { Action } from '../../../node/types/transaction.ts'
import {
  encodeIndexes,
  entryKey,
  blockTerms,
  indexEntries,
  placeKey,
  placeKeyAt,
  termNames,
} from '../../../node/types/transaction-terms.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'

const HEIGHT = 2n ** 40n + 7n
const ACCOUNTS = ['ann', 'bob', 'cy'].map(testAccount)
const ADDRESSES = ACCOUNTS.map(({ address }) => address)

const actions = ADDRESSES.flatMap((address): Action[] => [
  { kind: 'transfer', to: address, amount: 1n },
  { kind: 'call', contract: address, method: 'play', args: new Uint8Array(0), value: 0n },
])
const SIGNED = ACCOUNTS.flatMap(account => actions.map(action => signedTransaction(account, 0n, action)))

/** Few, so that the same comes in several places, of several contracts. */
const topics = fc.array(
  fc.constantFrom('', 'name', 'other').map(text => Buffer.from(text)),
  { maxLength: 4 },
)
const outcome = fc.record({
  created: fc.subarray(ADDRESSES),
  events: fc.array(
    fc.record({ contract: fc.constantFrom(...ADDRESSES), topics, data: fc.constant(new Uint8Array(0)) }),
    { maxLength: 3 },
  ),
})
const block = fc.array(fc.tuple(fc.constantFrom(...SIGNED), fc.option(outcome, { nil: undefined })), {
  maxLength: 12,
})

it('has each transaction under each of its names, once', () => {
  fc.assert(
    fc.property(block, transactions => {
      const expected = new Map<string, number[]>()
      transactions.forEach(([signed, result], index) => {
        for (const name of result === undefined ? [] : termNames(signed, result))
          expected.set(name, [...(expected.get(name) ?? []), index])
      })
      const terms = blockTerms(
        transactions.map(([signed]) => signed),
        transactions.map(([, result]) => result),
      )
      const entries = [...indexEntries(HEIGHT, terms)]
      const shown = entries.map(([key, value]) => [toHex(key), toHex(value)])
      expect(shown).toEqual(
        [...expected].map(([name, indexes]) => [
          toHex(entryKey(name, HEIGHT)),
          toHex(encodeIndexes(indexes)),
        ]),
      )
    }),
  )
})

it('gives all places of a block as it gives each', () => {
  const height = u64Bytes(HEIGHT)
  expect(Array.from({ length: 300 }, (_, index) => placeKeyAt(height, index))).toEqual(
    Array.from({ length: 300 }, (_, index) => placeKey({ height: HEIGHT, index })),
  )
})
