/** The typed client against a node: what an application does with a contract, and what goes wrong on the way. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AbiError } from '../../node/abi/error.ts'
import type { EventOf } from '../../node/abi/infer.ts'
import { ArtifactError } from '../../node/client/artifact.ts'
import { ContractCallError } from '../../node/client/call-error.ts'
import { createVexClient, type DeployedContract, type VexClient } from '../../node/client/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import type { AccountClient } from '../../node/wallet/send.ts'
import { auctionAbi } from '../fixtures/auction-abi.ts'
import { builtContract } from '../support/built-contract.ts'
import { fixtureContract, type TestContract } from '../support/contracts.ts'
import { startCutProxy } from '../support/cut-proxy.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { testAccount } from '../support/transactions.ts'

type Auction = DeployedContract<typeof auctionAbi>

let node: RunningNode
let vex: VexClient
let compiled: TestContract
let ada: AccountClient
let ben: AccountClient
beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  vex = createVexClient({ url: node.node.url })
  compiled = await fixtureContract('auction')
  ;[ada, ben] = devAccounts().map(({ secretKey }) => vex.account(secretKey)) as [AccountClient, AccountClient]
})
afterAll(async () => {
  vex.close()
  await node.stop()
  await removeDirectory(node.directory)
})

const artifact = () => ({ name: 'Auction', abi: auctionAbi, code: compiled.code })
const deploy = (reserve = 100n): Promise<Auction> =>
  vex.deploy(artifact(), { lot: 'a chair', reserve }, { account: ada })

const failureOf = async (call: Promise<unknown>): Promise<ContractCallError> => {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (error instanceof ContractCallError) return error
  throw error ?? new Error('it did not fail')
}
const problemOf = async (call: Promise<unknown>): Promise<string> => {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (error instanceof AbiError) return `${error.code}: ${error.message}`
  throw error ?? new Error('it was not refused')
}
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}
const nonceOf = async (account: AccountClient): Promise<string> =>
  (await vex.api.account.nonce.query({ address: formatAddress(account.address) })).pending

it('the ABI that these tests use is the one of the contract', () => {
  expect(auctionAbi).toEqual(compiled.abi)
})

describe('a contract', () => {
  it('is deployed, viewed, simulated and called', async () => {
    const auction = await deploy()
    expect(auction.deployment.receipt).toMatchObject({ status: 'success', created: [auction.address] })
    expect(await auction.view.leading()).toEqual({ by: formatAddress(ada.address), units: 100n, notes: [] })
    const from = ben
    const simulation = await auction.simulate.offer({ notes: ['x'] }, { from, value: 200 })
    const raised = { name: 'Raised', fields: { by: formatAddress(ben.address), round: 1, units: 200n } }
    expect(simulation).toMatchObject({ returned: 1, events: [raised] })
    expect(await auction.view.isLeading({ who: ben.address })).toBe(false)
    const result = await auction.call.offer({ notes: ['x', 'y'] }, { from, value: 200n })
    expect(result).toMatchObject({ returned: 1, events: [raised], gasUsed: BigInt(result.receipt.gasUsed) })
    expect(result.transactionId).toBe(result.receipt.transactionId)
    expect(auction.eventsIn(result.receipt)).toEqual([raised])
    expect(await auction.view.leading()).toEqual({
      by: formatAddress(ben.address),
      units: 200n,
      notes: ['x', 'y'],
    })
    expect((await auction.call.close()).returned).toBe(undefined)
  })

  it('opened by its address is the same; a view is asked as somebody', async () => {
    const { address } = await deploy()
    const auction = vex.contract(address, auctionAbi, { account: ada })
    expect(await auction.view.amILeading()).toBe(true)
    expect(await auction.view.amILeading({ from: ben })).toBe(false)
    expect(await auction.view.amILeading({ from: formatAddress(ada.address) })).toBe(true)
    expect(await vex.contract(address, auctionAbi).view.amILeading()).toBe(false)
  })

  it('may be nobody’s, so that nobody can upgrade it', async () => {
    const init = { lot: 'a', reserve: 1 }
    const ownerOf = async ({ address }: Auction): Promise<string | null | undefined> =>
      (await vex.api.account.get.query({ address })).contract?.owner
    expect(await ownerOf(await vex.deploy(artifact(), init, { account: ada, owner: null }))).toBe(null)
    const bens = { account: ada, owner: ben.address }
    expect(await ownerOf(await vex.deploy(artifact(), init, bens))).toBe(formatAddress(ben.address))
    expect(await ownerOf(await deploy())).toBe(formatAddress(ada.address))
  })

  it('is read from a file, or says what is not there', async () => {
    const code = new URL('../../contracts/build/counter.wasm', import.meta.url)
    const { abi } = await builtContract('counter')
    const counter = await vex.deploy({ name: 'Counter', abi, code }, {}, { account: ada })
    expect(counter.deployment.receipt.status).toBe('success')
    const nowhere = { name: 'Counter', abi, code: new URL('nowhere.wasm', code) }
    await expect(vex.deploy(nowhere, {}, { account: ada })).rejects.toThrow(
      /^the code of Counter cannot be read \(ENOENT.*\)\. Build it with "vex build"$/,
    )
    const unlike = { ...artifact(), code }
    await expect(vex.deploy(unlike, { lot: 'a', reserve: 1 }, { account: ada })).rejects.toThrow(
      ArtifactError,
    )
  })
})

describe('a call that cannot go well', () => {
  it('is refused before anything is sent if its arguments do not fit, with the name of the one', async () => {
    const auction = await deploy()
    const before = await nonceOf(ada)
    const call = auction.call as unknown as Record<string, (...passed: unknown[]) => Promise<unknown>>
    const problems = await Promise.all(
      (
        [
          ['offer', { notes: 'x' }],
          ['offer', { notes: ['x', 7] }],
          ['offer', {}],
          ['offer', { notes: [], note: 1 }],
          ['offer', { notes: [] }, { worth: 1n }],
          ['offer', { notes: [] }, { value: -1n }],
          ['rename', { lot: 'b' }, { value: 1n }],
          ['close', { now: true }],
        ] as const
      ).map(([method, ...passed]) => problemOf(call[method]?.(...passed) as Promise<unknown>)),
    )
    expect(problems).toEqual([
      'bad_value: offer: notes: expected a list; vec<string> wanted, "x" given',
      'bad_value: offer: notes[1]: expected a string; string wanted, 7 given',
      'bad_value: offer: the argument notes is missing. It is offer(notes: vec<string>): u32',
      'bad_value: offer: there is no argument "note". It is offer(notes: vec<string>): u32',
      'bad_value: offer: there is no option "worth"; there are: value, from, gasLimit, maxFee, tip, validUntilHeight, nonce, force, timeoutMs, signal, onSigned',
      'bad_value: offer: value: must be between 0 and 18446744073709551615; u64 wanted, -1 given',
      'bad_value: rename: value: the method is not payable, it takes none',
      'bad_value: close: there is no option "now"; there are: value, from, gasLimit, maxFee, tip, validUntilHeight, nonce, force, timeoutMs, signal, onSigned',
    ])
    expect(await problemOf(auction.view.next({ step: -1 }))).toBe(
      'bad_value: next: step: must be between 0 and 18446744073709551615; u64 wanted, -1 given',
    )
    expect(await nonceOf(ada)).toBe(before)
  })

  it('throws the contract’s own error, and was not sent', async () => {
    const auction = await deploy(100n)
    const before = await nonceOf(ada)
    const error = await failureOf(auction.call.offer({ notes: [] }, { value: 50n }))
    if (!auction.isError(error) || error.error?.name !== 'TooLow') throw error
    expect(error.error.fields.least).toBe(101n)
    expect(error).toMatchObject({
      code: 'reverted',
      state: 'not_sent',
      reason: 'TooLow(offered: 50, least: 101)',
      contract: auction.address,
      method: 'offer',
      transactionId: undefined,
    })
    expect(error.message).toMatch(/^Auction\.offer: TooLow\(offered: 50, least: 101\) \(reverted\)$/m)
    expect(error.trace[0]).toMatchObject({ contract: auction.address, method: 'offer' })
    expect(await nonceOf(ada)).toBe(before)
    expect((await deploy()).isError(error)).toBe(false)
  })

  it('throws the same from views and simulations; texts too', async () => {
    const auction = await deploy()
    await auction.call.close()
    const over = { code: 'reverted', state: 'not_sent', error: { name: 'Over', fields: {} } }
    expect(await failureOf(auction.view.next({ step: 1 }))).toMatchObject(over)
    expect(await failureOf(auction.simulate.close())).toMatchObject(over)
    expect(await failureOf(auction.simulate.rename({ lot: '' }))).toMatchObject({
      reason: 'a lot has a name',
      error: undefined,
    })
    const undeployed = vex.deploy(artifact(), { lot: '', reserve: 1 }, { account: ada })
    expect(await failureOf(undeployed)).toMatchObject({ reason: 'a lot has a name', contract: undefined })
  })

  it('sent all the same is in a block, and the error has its receipt', async () => {
    const auction = await deploy()
    const error = await failureOf(auction.call.rename({ lot: '' }, { force: true }))
    expect(error).toMatchObject({ state: 'failed', code: 'reverted', receipt: { status: 'failed' } })
    expect(error.transactionId).toBe(error.receipt?.transactionId)
    expect(error.message).toContain(`The transaction is in block ${error.receipt?.height}; its fee is paid`)
  })

  it('from an account without money says so', async () => {
    const poor = vex.account(randomBytes(32))
    const auction = await deploy()
    expect(await failureOf(auction.call.rename({ lot: 'b' }, { from: poor }))).toMatchObject({
      code: 'insufficient_balance',
      state: 'not_sent',
    })
    const value = 1n << 61n
    expect(await failureOf(auction.call.offer({ notes: [] }, { value }))).toMatchObject({
      code: 'insufficient_balance',
      state: 'not_sent',
    })
  })

  it('that nobody signs says how to sign it', async () => {
    const { address } = await deploy()
    const error = await failureOf(vex.contract(address, auctionAbi).call.close())
    expect(error).toMatchObject({ code: 'no_account', state: 'not_sent' })
  })

  it('on an address without a contract says so, until there is one', async () => {
    const empty = formatAddress(testAccount('nobody').address)
    const auction = vex.contract(empty, auctionAbi, { account: ada })
    const missing = {
      code: 'unknown_contract',
      state: 'not_sent',
      reason: `there is no contract at ${empty} on this chain`,
    }
    expect(await failureOf(auction.view.called())).toMatchObject(missing)
    expect(await failureOf(auction.call.close())).toMatchObject(missing)
    expect(await failureOf(collect(auction.events({ fromHeight: 0 })))).toMatchObject(missing)
  })

  it('by the ABI of another contract, or another version of it, says what is different', async () => {
    const { address } = await deploy()
    const { abi: counter } = await builtContract('counter')
    const asCounter = vex.contract(address, counter, { account: ada })
    expect(await failureOf(asCounter.call.increment?.({ amount: 1 }) as Promise<unknown>)).toMatchObject({
      code: 'abi_mismatch',
      state: 'not_sent',
      reason: `the contract at ${address} is Auction, not Counter. Give the ABI that it was built with`,
    })
    const rename = {
      ...(auctionAbi.methods.find(({ name }) => name === 'rename') as (typeof auctionAbi.methods)[3]),
      params: [{ name: 'lot', type: 'u64' }],
    } as const
    const other = vex.contract(address, { ...auctionAbi, methods: [rename] }, { account: ada })
    expect(await failureOf(other.call.rename({ lot: 5n }))).toMatchObject({
      code: 'abi_mismatch',
      reason: `the contract at ${address} is another version of Auction: rename(lot: u64) is now rename(lot: string). Give the ABI that it was built with`,
    })
  })

  it('to a node that does not answer says where there is none', async () => {
    const lost = createVexClient({ url: 'http://127.0.0.1:9' })
    const auction = lost.contract(formatAddress(ada.address), auctionAbi)
    expect(await failureOf(auction.view.called())).toMatchObject({
      code: 'unreachable',
      state: 'not_sent',
      reason: expect.stringMatching(/^no Vex node answers at http:\/\/127\.0\.0\.1:9 /),
    })
    lost.close()
  })

  it('and whose receipt does not come tells which transaction to look for', async () => {
    const auction = await deploy()
    const error = await failureOf(auction.call.close({ timeoutMs: -1 }))
    expect(error).toMatchObject({ code: 'no_receipt', state: 'unknown', receipt: undefined })
    const receipt = await vex.api.transaction.wait.query({ id: error.transactionId as string })
    expect(receipt.status).toBe('success')
  })
})

describe('the events of a contract', () => {
  type AuctionEvent = EventOf<typeof auctionAbi>
  const unitsOf = (event: AuctionEvent): bigint | string =>
    event.name === 'Raised' ? event.fields.units : event.name
  const raise = async (auction: Auction, units: readonly bigint[], from = ada): Promise<void> => {
    for (const value of units) await auction.call.offer({ notes: [] }, { from, value })
  }

  it('that were are read up to a height, by name and by indexed fields', async () => {
    const [auction, other] = [await deploy(1n), await deploy(1n)]
    await raise(auction, [10n, 20n])
    await raise(auction, [30n], ben)
    await raise(other, [5n])
    const { receipt } = await auction.call.close()
    const past = { fromHeight: 0, toHeight: BigInt(receipt.height) } as const
    const all = await collect(auction.events(past))
    expect(all.map(unitsOf)).toEqual([10n, 20n, 30n, 'Closed'])
    expect(all.at(-1)).toMatchObject({
      height: BigInt(receipt.height),
      blockHash: receipt.blockHash,
      transactionId: receipt.transactionId,
      index: 0,
    })
    const read = (query: Parameters<typeof auction.events<'Raised'>>[0]) =>
      collect(auction.events({ ...past, name: 'Raised', ...query })).then(events => events.map(unitsOf))
    expect(await read({})).toEqual([10n, 20n, 30n])
    expect(await read({ where: { by: ada.address } })).toEqual([10n, 20n])
    expect(await read({ where: { by: formatAddress(ben.address), round: 3 } })).toEqual([30n])
    expect(await read({ where: { round: 9 } })).toEqual([])
    expect(await read({ after: all[0] })).toEqual([20n, 30n])
    expect(await read({ fromHeight: past.toHeight + 1n })).toEqual([])
  })

  it('are those of the ABI; another name or field is refused', async () => {
    const auction = await deploy()
    const next = (query: object) => auction.events(query)[Symbol.asyncIterator]().next()
    expect(await problemOf(next({ name: 'Sold' }))).toBe(
      'unknown_event: the contract Auction has no event "Sold"; it has: Raised, Closed',
    )
    expect(await problemOf(next({ name: 'Raised', where: { units: 5n } }))).toBe(
      'unknown_event: the contract Auction has no event Raised indexed by units',
    )
    expect(await problemOf(next({ where: { round: 5n } }))).toMatch(
      /^bad_value: events: "where" needs the name/,
    )
  })

  it('that come are told to a listener until it stops; what it throws is an error', async () => {
    const auction = await deploy(1n)
    const seen: bigint[] = []
    const errors: unknown[] = []
    const stop = auction.onEvent(
      { name: 'Raised', fromHeight: 0 },
      ({ fields }) => seen.push(fields.units),
      error => errors.push(error),
    )
    auction.onEvent(
      { fromHeight: 0 },
      () => {
        throw new Error('no more')
      },
      error => errors.push(error),
    )
    await raise(auction, [10n, 20n])
    await expect.poll(() => seen).toEqual([10n, 20n])
    stop()
    await raise(auction, [30n])
    const { receipt } = await auction.call.close()
    await collect(auction.events({ fromHeight: 0, toHeight: BigInt(receipt.height) }))
    expect(seen).toEqual([10n, 20n])
    expect(errors).toEqual([new Error('no more')])
  })

  it('go on without a gap when the connection breaks', async () => {
    const auction = await deploy(1n)
    const proxy = await startCutProxy(node.node.url)
    const far = createVexClient({ url: proxy.url })
    const seen: (bigint | string)[] = []
    const reading = (async () => {
      for await (const event of far.contract(auction.address, auctionAbi).events({ fromHeight: 0 })) {
        seen.push(unitsOf(event))
        if (event.name === 'Closed') return
      }
    })()
    await raise(auction, [10n])
    await expect.poll(() => seen).toEqual([10n])
    for (const units of [20n, 30n, 40n]) {
      proxy.cut()
      await raise(auction, [units])
    }
    await auction.call.close()
    await reading
    expect(seen).toEqual([10n, 20n, 30n, 40n, 'Closed'])
    expect(proxy.connections).toBeGreaterThan(3)
    far.close()
    await proxy.close()
  })

  it('go on when the node stops and starts again', async () => {
    const directory = await temporaryDirectory()
    let own = await startTestNode(directory)
    const client = createVexClient({ url: own.node.url })
    const [dev] = devAccounts()
    const account = client.account((dev as { secretKey: Uint8Array }).secretKey)
    const auction = await client.deploy(artifact(), { lot: 'a', reserve: 1 }, { account })
    const iterator = auction.events({ fromHeight: 0 })[Symbol.asyncIterator]()
    await auction.call.offer({ notes: [] }, { value: 10 })
    expect(unitsOf((await iterator.next()).value)).toBe(10n)
    const next = iterator.next()
    const port = Number(new URL(own.node.url).port)
    await own.stop()
    own = await startTestNode(directory, port)
    await auction.call.close()
    expect(unitsOf((await next).value)).toBe('Closed')
    await iterator.return?.()
    client.close()
    await own.stop()
    await removeDirectory(directory)
  })

  it('wait for a reader that is slower than the chain, and end when it stops or the client is closed', async () => {
    const auction = await deploy(1n)
    await raise(auction, [10n, 20n])
    const ends = new AbortController()
    const seen: bigint[] = []
    for await (const { fields } of auction.events({ name: 'Raised', fromHeight: 0, signal: ends.signal })) {
      seen.push(fields.units)
      if (seen.length === 2) ends.abort()
    }
    expect(seen).toEqual([10n, 20n])
    const client = createVexClient({ url: node.node.url })
    const events = client.contract(auction.address, auctionAbi).events({ fromHeight: 0 })
    const iterator = events[Symbol.asyncIterator]()
    await iterator.next()
    await iterator.next()
    const last = iterator.next()
    client.close()
    expect(await last).toEqual({ done: true, value: undefined })
  })
})
