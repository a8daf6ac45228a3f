/**
 * Whatever a network or a node does to requests and answers: one transfer is in the chain, or an error says which state it
 * is in and is right. The rules: node/wallet/settle.ts.
 */
import * as fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createVexClient, type VexClient } from '../../node/client/client.ts'
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import { type AccountClient, createAccountClient } from '../../node/wallet/send.ts'
import { WalletError } from '../../node/wallet/settle.ts'
import { builtContract } from '../support/built-contract.ts'
import { FAULTS, type Fault, startFaultProxy } from '../support/fault-proxy.ts'
import { inForm } from '../support/form.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { testAccount } from '../support/transactions.ts'

const RETRY = { backoffMs: 2, maxBackoffMs: 10, requestTimeoutMs: 1_500 }
const [ada, ben] = devAccounts() as [ReturnType<typeof devAccounts>[number], { secretKey: Uint8Array }]
/** Of a busy machine. */
const PROPERTY_MS = 240_000
const SUBMIT = '/trpc/transaction.submit'

let directory: string
let node: RunningNode
let proxy: Awaited<ReturnType<typeof startFaultProxy>>
let vex: VexClient
let account: AccountClient
beforeAll(async () => {
  directory = await temporaryDirectory()
  node = await startTestNode(directory)
  proxy = await startFaultProxy(node.node.url)
  // The first simulation starts a thread.
  await createAccountClient({ client: node.client, secretKey: ben.secretKey }).send(transfer().action)
})
afterAll(async () => {
  await proxy.close()
  await node.stop()
  await removeDirectory(directory)
})
beforeEach(() => {
  vex = createVexClient({ url: proxy.url, retry: RETRY })
  account = vex.account(ada.secretKey)
})
afterEach(() => {
  proxy.decide(() => 'pass')
  vex.close()
})

let recipients = 0
/** Somebody who has nothing, and a transfer to them. */
const transfer = () => {
  const { address } = testAccount(`recipient ${recipients++}`)
  const balance = async (): Promise<bigint> =>
    BigInt((await node.client.api.account.get.query({ address: formatAddress(address) })).balance)
  return { action: { kind: 'transfer', to: address, amount: 7n } as const, balance }
}
const failureOf = async (sending: Promise<unknown>): Promise<WalletError> => {
  const error = await sending.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (error instanceof WalletError) return error
  throw error ?? new Error('it did not fail')
}
/** One fault for each request to `path`, then none. */
const follow = (schedule: readonly Fault[], path?: string): void => {
  const left = schedule.values()
  proxy.decide(asked => (path === undefined || asked === path ? (left.next().value ?? 'pass') : 'pass'))
}
/** What hangs takes as long as a request may. */
const faults = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom(...FAULTS.filter(fault => fault !== 'hang')) },
  { weight: 1, arbitrary: fc.constant<Fault>('hang') },
)
const schedules = (maxLength: number) => fc.array(faults, { maxLength })

describe('a transfer over a line that loses what it likes', () => {
  it(
    'is in the chain once when the line gets better',
    async () => {
      await fc.assert(
        fc.asyncProperty(schedules(8), async submissions => {
          follow(submissions, SUBMIT)
          const { action, balance } = transfer()
          const result = await account.send(action)
          expect(result).toMatchObject({ kind: 'final', receipt: { status: 'success' } })
          expect(await balance()).toBe(7n)
        }),
        { numRuns: inForm(12, 40) },
      )
    },
    PROPERTY_MS,
  )

  it(
    'was never sent, or is settled, or its error is true, when everything gets lost for a while',
    async () => {
      const unsent: (() => Promise<bigint>)[] = []
      await fc.assert(
        fc.asyncProperty(schedules(24), fc.integer({ min: -1, max: 120 }), async (schedule, timeoutMs) => {
          follow(schedule)
          const { action, balance } = transfer()
          const error = await account.send(action, { timeoutMs }).then(
            () => undefined,
            (caught: unknown) => caught,
          )
          proxy.decide(() => 'pass')
          if (error instanceof WalletError) {
            expect(['no_answer', 'no_receipt']).toContain(error.code)
            expect(await vex.settle(error.bytes)).toMatchObject({
              status: 'success',
              transactionId: error.transactionId,
            })
          } else if (error !== undefined) {
            expect(apiFailure(error)?.code).toMatch(/^(unreachable|busy|not_vex)$/)
            unsent.push(balance)
            return
          }
          expect(await balance()).toBe(7n)
        }),
        { numRuns: inForm(12, 40) },
      )
      await account.send(transfer().action)
      for (const balance of unsent) expect(await balance()).toBe(0n)
    },
    PROPERTY_MS,
  )

  it(
    'is one of many at a time, each with the nonce after the one before',
    async () => {
      await fc.assert(
        fc.asyncProperty(schedules(12), async submissions => {
          follow(submissions, SUBMIT)
          const transfers = Array.from({ length: 6 }, transfer)
          const results = await Promise.all(transfers.map(({ action }) => account.send(action)))
          const nonces = results.map(result => (result.kind === 'final' ? result.body.nonce : -1n))
          const [first = 0n] = nonces
          expect(nonces).toEqual(nonces.map((_, i) => first + BigInt(i)))
          for (const { balance } of transfers) expect(await balance()).toBe(7n)
        }),
        { numRuns: inForm(4, 8) },
      )
    },
    PROPERTY_MS,
  )

  it('comes through when no answer to a submission ever does', async () => {
    proxy.decide(path => (path === SUBMIT ? 'loseAnswer' : 'pass'))
    const { action, balance } = transfer()
    expect(await account.send(action)).toMatchObject({ kind: 'final' })
    expect(await balance()).toBe(7n)
  })
})

describe('a call whose nonce another one takes while it is lost', () => {
  it('ends with the state "never", and may be made anew', async () => {
    const { abi, code } = await builtContract('counter')
    const counter = await vex.deploy({ name: 'Counter', abi, code }, {}, { account })
    const elsewhere = createAccountClient({ client: node.client, secretKey: ada.secretKey })
    let isTaken = false
    proxy.decide(async path => {
      if (path !== SUBMIT || isTaken) return 'pass'
      isTaken = true
      await elsewhere.send(transfer().action)
      return 'loseRequest'
    })
    const increment = async (): Promise<unknown> => counter.call.increment?.({ amount: 1 })
    await expect(increment()).rejects.toMatchObject({
      code: 'nonce_taken',
      state: 'never',
      transactionId: expect.stringMatching(/^0x/),
      cause: expect.any(WalletError),
    })
    await increment()
    expect(await counter.view.get?.()).toBe(1n)
  })
})

describe('a signed transaction that did not get through', () => {
  const lost = async (options: Parameters<AccountClient['send']>[1] = {}) => {
    proxy.decide(path => (path === SUBMIT ? 'loseRequest' : 'pass'))
    const { action, balance } = transfer()
    const error = await failureOf(account.send(action, { timeoutMs: 50, ...options }))
    proxy.decide(() => 'pass')
    return { error, balance }
  }

  it('is told with its id, and settled later by its bytes, as often as anybody likes', async () => {
    const { error, balance } = await lost()
    expect(error).toMatchObject({ code: 'no_answer', message: expect.stringContaining(error.transactionId) })
    expect(await balance()).toBe(0n)
    const other = createVexClient({ url: node.node.url })
    const receipt = await other.settle(`0x${toHex(error.bytes)}`)
    expect(receipt).toMatchObject({ transactionId: error.transactionId, status: 'success' })
    expect(await other.settle(error.bytes)).toEqual(receipt)
    expect(await balance()).toBe(7n)
    other.close()
  })

  it('leaves its nonce to the next one, and is known never to come after that', async () => {
    const { error, balance } = await lost()
    const next = transfer()
    const result = await account.send(next.action)
    const never = await failureOf(vex.settle(error.bytes))
    expect(never).toMatchObject({ code: 'nonce_taken', transactionId: error.transactionId })
    expect(never.message).toContain(result.kind === 'final' ? result.id : '')
    expect([await balance(), await next.balance()]).toEqual([0n, 7n])
  })

  it('is known never to come when the chain is past its last height', async () => {
    const { head } = await vex.api.chain.info.query()
    const { error, balance } = await lost({ validUntilHeight: BigInt(head.height) + 1n })
    const others = vex.account(ben.secretKey)
    for (let i = 0; i < 2; i++) await others.send(transfer().action)
    expect(await failureOf(vex.settle(error.bytes))).toMatchObject({ code: 'expired' })
    expect(await balance()).toBe(0n)
  })

  it('ends at once when its sender gives up, and says so', async () => {
    const ends = new AbortController()
    const before = proxy.requests
    const sending = lost({ timeoutMs: 60_000, signal: ends.signal })
    await expect.poll(() => proxy.requests - before).toBeGreaterThan(5)
    ends.abort()
    const { error } = await sending
    expect(error.message).toContain('its sender gave up')
    await vex.settle(error.bytes)
  })

  it('was shown before it left: what throws there keeps it back, and its nonce is free', async () => {
    const { action, balance } = transfer()
    let kept: Uint8Array | undefined
    const crash = account.send(action, {
      onSigned({ bytes }) {
        kept = bytes
        throw new Error('the process ends here')
      },
    })
    await expect(crash).rejects.toThrow('the process ends here')
    expect(await balance()).toBe(0n)
    expect(await vex.settle(kept ?? '')).toMatchObject({ status: 'success' })
    expect(await balance()).toBe(7n)
  })

  it('gives its place to another for a higher fee: one of the two is in the chain', async () => {
    const nonce = BigInt(
      (await vex.api.account.nonce.query({ address: formatAddress(account.address) })).pending,
    )
    // Waits, because one before it is missing.
    const [slow, fast] = [transfer(), transfer()]
    const waiting = await account.submit(slow.action, { nonce: nonce + 1n })
    const replacing = account.send(fast.action, { nonce: nonce + 1n, maxFee: 20n, tip: 2n })
    await expect
      .poll(async () => (await node.client.api.mempool.list.query()).transactions.map(({ id }) => id))
      .not.toContain(waiting.kind === 'submitted' ? waiting.id : '')
    await account.send(transfer().action)
    expect(await replacing).toMatchObject({ kind: 'final' })
    expect([await slow.balance(), await fast.balance()]).toEqual([0n, 7n])
  })
})

describe('a node that ends', () => {
  it('after it took the transaction, and has forgotten it, gets it again; those behind it kept their nonces', async () => {
    follow(['forget'], SUBMIT)
    const transfers = Array.from({ length: 3 }, transfer)
    const results = await Promise.all(transfers.map(({ action }) => account.send(action)))
    for (const result of results) expect(result).toMatchObject({ kind: 'final' })
    for (const { balance } of transfers) expect(await balance()).toBe(7n)
  })

  it('between submission and answer, and starts again, has the transfer once', async () => {
    const port = Number(new URL(node.node.url).port)
    let isRestarted = false
    proxy.decide(async path => {
      if (path !== SUBMIT || isRestarted) return 'pass'
      isRestarted = true
      void (async () => {
        await node.stop()
        node = await startTestNode(directory, port)
      })()
      return 'loseAnswer'
    })
    const { action, balance } = transfer()
    const result = await account.send(action)
    expect(result).toMatchObject({ kind: 'final' })
    await expect.poll(balance).toBe(7n)
    expect(isRestarted).toBe(true)
  })
})
