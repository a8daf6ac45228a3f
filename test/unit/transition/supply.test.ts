/**
 * Whatever transactions do, in whatever order: units are only ever burned, by exactly the base fee of the
 * gas used, and the supply that the state records is the sum of what everybody holds.
 */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeArguments } from '../../../node/abi/values.ts'
import { contractAddress, formatAddress } from '../../../node/crypto/address.ts'
import { readSupply } from '../../../node/transition/accounts.ts'
import type { Address } from '../../../node/types/primitives.ts'
import type { Action, SimpleAction } from '../../../node/types/transaction.ts'
import { exampleContract, fixtureContract, type TestContract } from '../../support/contracts.ts'
import { inForm } from '../../support/form.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'
import { TestChain } from '../../support/test-chain.ts'

const people = ['ann', 'ben', 'cat', 'dan'].map(testAccount)
const START = 20_000_000_000n
const NOTHING = new Uint8Array(0)

let counter: TestContract
let caller: TestContract
beforeAll(async () => {
  counter = await exampleContract('counter')
  caller = await fixtureContract('caller')
})

/** Contracts that the first three transactions of the first person put there. */
const contractOf = (index: number): Address => contractAddress(people[0]?.address as Address, BigInt(index))

type Step = { who: number; action: (people: readonly Address[]) => Action; gasLimit: bigint; tip: bigint }

const amount = fc.oneof(fc.bigInt(0n, 10_000n), fc.bigInt(0n, 2n * START))
const person = fc.nat({ max: people.length - 1 })
const contract = fc.nat({ max: 2 })

const callOf = (method: string, args: (people: readonly Address[]) => unknown[], value = 0n) =>
  contract.map(
    at =>
      (addresses: readonly Address[]): SimpleAction => ({
        kind: 'call',
        contract: contractOf(at),
        method,
        args: encodeArguments(caller.abi, method, args(addresses)),
        value,
      }),
  )

const simpleAction = () =>
  fc.oneof(
    fc.tuple(person, amount).map(
      ([to, units]) =>
        (addresses: readonly Address[]): SimpleAction => ({
          kind: 'transfer',
          to: addresses[to] as Address,
          amount: units,
        }),
    ),
    fc.tuple(contract, amount).map(
      ([at, units]) =>
        (): SimpleAction => ({ kind: 'transfer', to: contractOf(at), amount: units }),
    ),
    fc
      .tuple(fc.nat(60), fc.nat(60))
      .chain(([a, b]) => callOf('fill', () => [Math.min(a, b), Math.max(a, b)])),
    fc
      .tuple(fc.nat(60), fc.nat(60))
      .chain(([a, b]) => callOf('clear', () => [Math.min(a, b), Math.max(a, b)])),
    amount.chain(units => callOf('keep', () => [], units)),
    fc
      .tuple(person, amount)
      .chain(([to, units]) =>
        callOf('payOut', addresses => [formatAddress(addresses[to] as Address), String(units)]),
      ),
    contract.chain(other => callOf('tryFailing', () => [formatAddress(contractOf(other))])),
    callOf('divide', () => [0]),
    callOf('spin', () => []),
    fc.constant(
      (): SimpleAction => ({
        kind: 'deploy',
        code: counter.code,
        args: NOTHING,
        value: 0n,
        owner: undefined,
      }),
    ),
    contract.map(
      at => (): SimpleAction => ({
        kind: 'upgrade',
        contract: contractOf(at),
        code: caller.code,
        args: NOTHING,
      }),
    ),
  )

const step = (): fc.Arbitrary<Step> =>
  fc.record({
    who: person,
    gasLimit: fc.constantFrom(6_000_000n, 12_000_000n, 40_000_000n),
    tip: fc.bigInt(0n, 3n),
    action: fc.oneof(
      { weight: 4, arbitrary: simpleAction() },
      {
        weight: 1,
        arbitrary: fc.array(simpleAction(), { minLength: 1, maxLength: 4 }).map(
          actions =>
            (addresses: readonly Address[]): Action => ({
              kind: 'batch',
              actions: actions.map(make => make(addresses)),
            }),
        ),
      },
    ),
  })

describe('the supply', () => {
  it('only ever shrinks by the burned base fee, over random histories', () => {
    const addresses = people.map(({ address }) => address)
    fc.assert(
      fc.property(fc.array(step(), { minLength: 5, maxLength: 25 }), steps => {
        const chain = new TestChain(people.map(({ address }) => [address, START]))
        const total = () => chain.totalUnits()
        const nonces = people.map(() => 0n)
        const run = (who: number, action: Action, gasLimit: bigint, tip: bigint) => {
          const before = total()
          const { receipts, gasUsed } = chain.block([
            signedTransaction(people[who] as (typeof people)[0], nonces[who] ?? 0n, action, {
              gasLimit,
              tip,
              maxFee: 5n,
            }),
          ])
          if (receipts.length === 1) nonces[who] = (nonces[who] ?? 0n) + 1n
          expect(total()).toBe(before - gasUsed * chain.baseFee)
          expect(readSupply(chain.reader)).toBe(total())
          for (const { feePaid, gasUsed: used } of receipts)
            expect(feePaid).toBeGreaterThanOrEqual(used * chain.baseFee)
        }
        for (let i = 0; i < 3; i++) {
          const owner = people[0]?.address
          run(0, { kind: 'deploy', code: caller.code, args: NOTHING, value: 0n, owner }, 20_000_000n, 0n)
        }
        for (const { who, action, gasLimit, tip } of steps) run(who, action(addresses), gasLimit, tip)
      }),
      { numRuns: inForm(60, 1_000) },
    )
  })
})
