/** The pool against a slow model that keeps a list and looks at all of it each time. */
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { toLatin1 } from '../../../node/types/primitives.ts'
import { shortIdOf } from '../../../node/types/short-id.ts'
import type { NamedTransaction, ParsedTransaction } from '../../../node/types/transaction.ts'
import { addressOf, kept, make, makePool, type Wish } from './make.ts'

const LIMITS = { transactions: 7, bytes: 900, transactionsPerAccount: 3, nonceGap: 2 }
const SENDERS = ['a', 'b', 'c', 'd']
const GAPPED = -(10n ** 30n)

interface Model {
  waiting: ParsedTransaction[]
  accounts: Record<string, { nonce: bigint; balance: bigint }>
}

const bodyOf = (parsed: ParsedTransaction) => parsed.transaction.body
const isSameSender = (a: ParsedTransaction, b: ParsedTransaction) => toLatin1(a.sender) === toLatin1(b.sender)
const costOf = (parsed: ParsedTransaction): bigint => {
  const { gasLimit, maxFee, action } = bodyOf(parsed)
  return gasLimit * maxFee + (action.kind === 'transfer' ? action.amount : 0n)
}
const tipAt = (parsed: ParsedTransaction, baseFee: bigint): bigint => {
  const { maxFee, tip } = bodyOf(parsed)
  return tip < maxFee - baseFee ? tip : maxFee - baseFee
}
const sum = (values: bigint[]) => values.reduce((total, value) => total + value, 0n)
const least = (values: bigint[]) => values.reduce((a, b) => (a < b ? a : b))
const sizeOf = (waiting: ParsedTransaction[]) => waiting.reduce((total, { bytes }) => total + bytes.length, 0)

const byNonce = (waiting: ParsedTransaction[], name: string) =>
  waiting
    .filter(({ sender }) => toLatin1(sender) === toLatin1(addressOf(name)))
    .sort((a, b) => Number(bodyOf(a).nonce - bodyOf(b).nonce))

/** Those of a sender that can run, one after another. */
const runnable = ({ waiting, accounts }: Model, name: string) =>
  byNonce(waiting, name).filter(
    (parsed, i) => bodyOf(parsed).nonce === (accounts[name]?.nonce ?? 0n) + BigInt(i),
  )

const worthOf = (model: Model, name: string, parsed: ParsedTransaction, baseFee: bigint): bigint => {
  const run = runnable(model, name)
  const at = run.indexOf(parsed)
  return at < 0 ? GAPPED : least(run.slice(0, at + 1).map(each => tipAt(each, baseFee)))
}

const isOverfull = (waiting: ParsedTransaction[]) =>
  waiting.length > LIMITS.transactions || sizeOf(waiting) > LIMITS.bytes

/** The next model, or a refusal's code. */
const addToModel = (
  model: Model,
  name: string,
  parsed: ParsedTransaction,
  baseFee: bigint,
): Model | string => {
  const { nonce, maxFee, tip } = bodyOf(parsed)
  const account = model.accounts[name] ?? { nonce: 0n, balance: 0n }
  const own = byNonce(model.waiting, name)
  const old = own.find(each => bodyOf(each).nonce === nonce)
  if (nonce < account.nonce) return 'nonce_too_low'
  const pending = account.nonce + BigInt(runnable(model, name).length)
  if (old === undefined && nonce > pending + BigInt(LIMITS.nonceGap)) return 'nonce_too_high'
  if (old !== undefined) {
    const isMore = (now: bigint, before: bigint) => now * 100n >= before * 110n
    if (!isMore(maxFee, bodyOf(old).maxFee) || !isMore(tip, bodyOf(old).tip)) return 'replacement_underpriced'
  } else if (own.length >= LIMITS.transactionsPerAccount) return 'account_full'
  const next = { ...model, waiting: [...model.waiting.filter(each => each !== old), parsed] }
  if (sum(byNonce(next.waiting, name).map(costOf)) > account.balance) return 'insufficient_balance'

  const worth = worthOf(next, name, parsed, baseFee)
  while (isOverfull(next.waiting)) {
    const all = SENDERS.flatMap(sender =>
      byNonce(next.waiting, sender).map(each => ({ each, worth: worthOf(next, sender, each, baseFee) })),
    )
    const cheapest = least(all.map(({ worth }) => worth))
    const victim = all
      .filter(
        ({ each, worth }) =>
          worth === cheapest &&
          !all.some(
            ({ each: other }) => isSameSender(each, other) && bodyOf(other).nonce > bodyOf(each).nonce,
          ),
      )
      .sort((a, b) => Buffer.compare(b.each.id, a.each.id))[0]
    if (victim === undefined || victim.worth >= worth) return 'pool_full'
    next.waiting = next.waiting.filter(each => each !== victim.each)
  }
  return next
}

const selectFromModel = (
  model: Model,
  baseFee: bigint,
  maxCount: number,
  gasLimit: bigint,
): ParsedTransaction[] => {
  const queues = SENDERS.map(name => runnable(model, name))
  const selected: ParsedTransaction[] = []
  let gasLeft = gasLimit
  while (selected.length < maxCount) {
    const best = queues
      .filter(([head]) => head !== undefined && bodyOf(head).maxFee >= baseFee)
      .sort(([a], [b]) => {
        const difference = tipAt(b as ParsedTransaction, baseFee) - tipAt(a as ParsedTransaction, baseFee)
        return difference === 0n
          ? Buffer.compare((a as ParsedTransaction).id, (b as ParsedTransaction).id)
          : Number(difference)
      })[0]
    if (best === undefined) break
    const head = best.shift() as ParsedTransaction
    if (bodyOf(head).gasLimit > gasLeft) best.length = 0
    else {
      selected.push(head)
      gasLeft -= bodyOf(head).gasLimit
    }
  }
  return selected
}

const advanceModel = (model: Model, changes: Model['accounts'], nextHeight: bigint): Model => {
  const accounts = { ...model.accounts, ...changes }
  const waiting = SENDERS.flatMap(name => {
    const { nonce, balance } = accounts[name] ?? { nonce: 0n, balance: 0n }
    const unused = byNonce(model.waiting, name).filter(each => bodyOf(each).nonce >= nonce)
    return unused.filter((_, i) => sum(unused.slice(0, i + 1).map(costOf)) <= balance)
  }).filter(each => bodyOf(each).validUntilHeight >= nextHeight)
  return { accounts, waiting }
}

const small = (max: number) => fc.bigInt({ min: 0n, max: BigInt(max) })
const name = fc.constantFrom(...SENDERS)
const wish: fc.Arbitrary<Wish & { from: string }> = fc.record({
  from: name,
  /** Above the account's. */
  nonce: fc.constantFrom(-1n, 0n, 0n, 1n, 1n, 2n, 2n, 3n, 4n),
  gasLimit: small(3),
  maxFee: small(40),
  tip: small(40),
  amount: small(30),
  sizeBytes: fc.integer({ min: 64, max: 300 }),
  validUntilHeight: small(12),
})
const command = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('add' as const),
      wish,
      baseFee: small(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      from: name,
      used: small(2),
      balance: small(400),
      blocks: small(3),
    }),
  },
)

it('agrees with the model after any sequence of adds and blocks', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40, size: 'max' }), small(20), (commands, selectFee) => {
      const fixture = makePool(LIMITS)
      const start = Object.fromEntries(SENDERS.map(sender => [sender, { nonce: 0n, balance: 400n }]))
      fixture.advance(start, 0n)
      let model: Model = { waiting: [], accounts: start }
      let height = 0n
      const offered: ParsedTransaction[] = []
      for (const step of commands) {
        if (step.kind === 'add') {
          const { from, nonce = 0n, validUntilHeight = 0n } = step.wish
          const used = model.accounts[from]?.nonce ?? 0n
          const parsed = make({
            ...step.wish,
            nonce: used + nonce < 0n ? 0n : used + nonce,
            validUntilHeight: height + validUntilHeight,
          })
          offered.push(parsed)
          const outcome = fixture.pool.add(parsed, { height, baseFee: step.baseFee })
          const expected = addToModel(model, step.wish.from, parsed, step.baseFee)
          seen.add(outcome.kind === 'refused' ? outcome.code : 'added')
          expect(outcome.kind === 'refused' ? outcome.code : 'added').toBe(
            typeof expected === 'string' ? expected : 'added',
          )
          if (typeof expected !== 'string') model = expected
        } else {
          height += step.blocks
          const nonce = (model.accounts[step.from]?.nonce ?? 0n) + step.used
          const changes = { [step.from]: { nonce, balance: step.balance } }
          fixture.advance(changes, height)
          model = advanceModel(model, changes, height)
        }
        const ids = (list: Iterable<NamedTransaction>) => [...list].map(({ id }) => toLatin1(id)).sort()
        expect(ids(fixture.pool.transactions())).toEqual(ids(model.waiting))
        const named = offered.flatMap(({ bytes }) => fixture.pool.named(shortIdOf(bytes) ?? '') ?? [])
        expect(ids(named)).toEqual(ids(model.waiting.filter(({ bytes }) => shortIdOf(bytes) !== undefined)))
        expect([fixture.pool.size, fixture.pool.bytes]).toEqual([model.waiting.length, sizeOf(model.waiting)])
      }
      expect(fixture.pool.select({ baseFee: selectFee, gasLimit: 8n, maxBytes: 1e9, maxCount: 5 })).toEqual(
        selectFromModel(model, selectFee, 5, 8n).map(kept),
      )
    }),
    { numRuns: 200 },
  )
  // The search reached every refusal of the pool's own.
  expect([...seen].sort()).toEqual(
    [
      'account_full',
      'added',
      'insufficient_balance',
      'nonce_too_high',
      'nonce_too_low',
      'pool_full',
      'replacement_underpriced',
    ].sort(),
  )
})
