/** Whose signatures are verified, of transactions in the blocks of others. */
import { expect, it } from 'vitest'
import { createSubmission } from '../../node/submission.ts'
import { bytesEqual } from '../../node/types/primitives.ts'
import type { ParsedTransaction } from '../../node/types/transaction.ts'
import { signedTransaction, testAccount } from '../support/transactions.ts'

const [held, other] = [0n, 1n].map(nonce =>
  signedTransaction(testAccount('alice'), nonce, {
    kind: 'transfer',
    to: testAccount('bob').address,
    amount: 1n,
  }),
) as [ParsedTransaction, ParsedTransaction]
const isHeld = (bytes: Uint8Array): boolean => bytesEqual(bytes, held.bytes)

it.each([true, false])('those that the pool does not hold, and it counts that one is %s', async isGood => {
  const verified: ParsedTransaction[] = []
  const { areSignaturesValid } = createSubmission({
    mempool: { holds: isHeld },
    signatures: {
      areValid: async (all: readonly ParsedTransaction[]) => {
        verified.push(...all)
        return all.map(() => isGood)
      },
    },
  } as unknown as Parameters<typeof createSubmission>[0])
  expect(await areSignaturesValid([held])).toBe(true)
  expect(verified).toEqual([])
  expect(await areSignaturesValid([held, other])).toBe(isGood)
  expect(verified).toEqual([other])
})
