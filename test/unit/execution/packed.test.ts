import { expect, test } from 'vitest'
import { pack, packTransactions, unpack, unpackTransactions } from '../../../node/execution/packed.ts'
import { parseAgain, parseTransaction } from '../../../node/types/transaction.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'
import { addressOf } from '../mempool/make.ts'

test('byte strings come out as they went in', () => {
  const items = [0, 1, 300, 0, 64].map((length, i) => new Uint8Array(length).fill(i + 1))
  expect(unpack(pack(items))).toEqual(items)
  expect(unpack(pack([]))).toEqual([])
})

test('transactions come out as who derives all from their bytes has them', () => {
  const sent = ['alice', 'bob', 'carol'].flatMap((name, i) => [
    signedTransaction(testAccount(name), BigInt(i), { kind: 'transfer', to: addressOf(name), amount: 7n }),
    signedTransaction(testAccount(name), BigInt(i + 1), {
      kind: 'deploy',
      code: new Uint8Array(500 * i),
      args: Uint8Array.of(i),
      value: 1n,
      owner: undefined,
    }),
  ])
  expect(Array.from(unpackTransactions(packTransactions(sent)), parseAgain)).toEqual(
    sent.map(({ bytes }) => parseTransaction(bytes)),
  )
  expect([...unpackTransactions(packTransactions([]))]).toEqual([])
})
