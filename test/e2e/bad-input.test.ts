/** Everything that a client can get wrong, over real sockets: a typed answer each, and the node goes on. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { encodeArguments } from '../../node/abi/values.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { LIMITS } from '../../node/params.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action, TransactionBody } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import { fixtureContract, type TestContract } from '../support/contracts.ts'
import { call, expectFailure, expectNoLeak, post, readAnswer } from '../support/raw-api.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'

const accounts = devAccounts()
const dev = (index: number): TestAccount => accounts[index] as TestAccount
const [honest, other, gapped] = [dev(0), dev(1), dev(2)]
const bob = testAccount('bob').address
const bobText = formatAddress(bob)
const transfer: Action = { kind: 'transfer', to: bob, amount: 1n }
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

let node: RunningNode
let url: string
beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  url = node.node.url
})
afterAll(async () => {
  await node.stop()
  await removeDirectory(node.directory)
})

const GAS = 400_000n
let honestNonce = 0n
/** A transaction of somebody else becomes final. */
const expectAlive = async (): Promise<void> => {
  const { bytes } = signedTransaction(honest, honestNonce++, transfer, { gasLimit: GAS })
  const { id } = await node.client.api.transaction.submit.mutate({ transaction: hex(bytes) })
  expect((await node.client.api.transaction.wait.query({ id, timeoutMs: 10_000 })).status).toBe('success')
}
afterEach(async () => {
  await expectAlive()
  expect(node.fatal).toEqual([])
})

const signed = (body: Partial<TransactionBody>, account = other): Uint8Array =>
  signedTransaction(account, 0n, transfer, { gasLimit: GAS, ...body }).bytes

const submit = (bytes: Uint8Array) => call(url, 'transaction.submit', { transaction: hex(bytes) })

/** The group's order, little-endian: adding it to a signature's second half changes its bytes only. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n
const withOrderAdded = (bytes: Uint8Array): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  const half = changed.subarray(changed.length - 32)
  let carried = BigInt(`0x${toHex(Uint8Array.from(half).reverse())}`) + ORDER
  for (let i = 0; i < half.length; i++, carried >>= 8n) half[i] = Number(carried & 0xffn)
  return changed
}
const flipped = (bytes: Uint8Array, at: number): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  const index = at < 0 ? changed.length + at : at
  changed[index] = (changed[index] as number) ^ 1
  return changed
}

describe('a transaction that is refused', () => {
  const cases: readonly (readonly [rule: string, bytes: () => Uint8Array, code: string, advice: RegExp])[] = [
    ['empty', () => new Uint8Array(0), 'malformed', /ends early/],
    ['garbage', () => Uint8Array.from({ length: 300 }, (_, i) => i * 37), 'malformed', /version 0|malformed/],
    ['cut short', () => signed({}).subarray(0, -1), 'malformed', /ends early/],
    ['with a byte more', () => new Uint8Array([...signed({}), 0]), 'malformed', /ends at byte/],
    [
      'with a length in more bytes than it takes',
      () => {
        const bytes = signed({})
        expect(bytes[1]).toBe('test'.length)
        return new Uint8Array([...bytes.subarray(0, 1), 0x84, 0x00, ...bytes.subarray(2)])
      },
      'malformed',
      /malformed/,
    ],
    ['of another version', () => flipped(signed({}), 0), 'malformed', /version 0.*version 1/],
    ['of another chain', () => signed({ chainId: 'elsewhere' }), 'wrong_chain', /Sign it for this chain/],
    ['with a changed signature', () => flipped(signed({}), -1), 'bad_signature', /Sign/],
    ['with a changed body', () => flipped(signed({}), 40), 'bad_signature', /Sign/],
    ['with its signature written otherwise', () => withOrderAdded(signed({})), 'bad_signature', /Sign/],
    ['of a key that is none', () => signed({ sender: new Uint8Array(32) }), 'bad_signature', /Sign/],
    ['far ahead of its nonce', () => signed({ nonce: 5_000n }), 'nonce_too_high', /before it first/],
    ['below the base fee', () => signed({ maxFee: 0n, tip: 0n }), 'fee_below_base', /Raise maxFee/],
    ['with a tip above its fee', () => signed({ maxFee: 5n, tip: 6n }), 'tip_above_max_fee', /lower the tip/],
    ['with too little gas', () => signed({ gasLimit: 1n }), 'gas_limit_too_low', /simulate/],
    ['with more gas than a block', () => signed({ gasLimit: 1_000_000_001n }), 'gas_limit_too_high', /block/],
    ['that is too dear', () => signed({ maxFee: 10n ** 12n }), 'insufficient_balance', /Fund/],
    [
      'that sends more than there is',
      () => signed({ action: { kind: 'transfer', to: bob, amount: 1n << 62n } }),
      'insufficient_balance',
      /Fund/,
    ],
    ['of an account with nothing', () => signed({}, testAccount('poor')), 'insufficient_balance', /Fund/],
    ['that is over', () => signed({ validUntilHeight: 0n }), 'expired', /Sign it again/],
    ['that lasts too long', () => signed({ validUntilHeight: 10n ** 9n }), 'expiry_too_far', /100000 blocks/],
  ]
  it.each(cases)('%s', async (_, bytes, code, advice) => {
    expect(expectFailure(await submit(bytes()), 'refused', code)).toMatch(advice)
    expect(await node.client.api.account.nonce.query({ address: formatAddress(other.address) })).toEqual({
      final: '0',
      pending: '0',
    })
  })

  it('larger than any may be: before it is decoded', async () => {
    const message = expectFailure(
      await submit(new Uint8Array(LIMITS.transactionBytes + 1)),
      'bad_input',
      null,
    )
    expect(message).toContain(String(LIMITS.transactionBytes))
  })

  it('sent again: while it waits, and when it is final', async () => {
    const second = signed({ nonce: 1n }, gapped)
    expect((await submit(second)).status).toBe(200)
    expect(expectFailure(await submit(second), 'refused', 'duplicate')).toMatch(/waits/)
    expect(
      expectFailure(
        await submit(signed({ nonce: 1n, validUntilHeight: 999n }, gapped)),
        'refused',
        'replacement_underpriced',
      ),
    ).toMatch(/at least 10 % more/)
    const first = signed({}, gapped)
    expect((await submit(first)).status).toBe(200)
    const { id } = signedTransaction(gapped, 1n, transfer, { gasLimit: GAS })
    await node.client.api.transaction.wait.query({ id: hex(id) })
    expect(expectFailure(await submit(first), 'refused', 'already_final')).toMatch(/receipt/)
    const reused = signed({ validUntilHeight: 998n }, gapped)
    expect(expectFailure(await submit(reused), 'refused', 'nonce_too_low')).toMatch(/next nonce is 2/)
  })

  it('among good ones: each gets its own answer, in order', async () => {
    const nonces = [honestNonce++, honestNonce++, honestNonce++]
    const good = nonces.map(nonce => signedTransaction(honest, nonce, transfer, { gasLimit: GAS }))
    const [first, second, third] = good.map(({ bytes }) => bytes) as [Uint8Array, Uint8Array, Uint8Array]
    const transactions = [
      first,
      new Uint8Array([1, 2, 3]),
      second,
      flipped(signed({}), -1),
      first,
      third,
      signed({ maxFee: 0n, tip: 0n }),
    ].map(hex)
    const results = await node.client.api.transaction.submitMany.mutate({ transactions })
    expect(results.map(result => (result.accepted ? result.id : result.code))).toEqual([
      hex(good[0]?.id as Uint8Array),
      'malformed',
      hex(good[1]?.id as Uint8Array),
      'bad_signature',
      'duplicate',
      hex(good[2]?.id as Uint8Array),
      'fee_below_base',
    ])
    await node.client.api.transaction.wait.query({ id: hex(good[2]?.id as Uint8Array) })
  })
})

describe('a call that fails', () => {
  let caller: string
  let token: string
  let abis: { readonly caller: TestContract; readonly token: TestContract }
  const deploy = async (code: Uint8Array, args: Uint8Array): Promise<string> => {
    const action: Action = { kind: 'deploy', code, args, value: 0n, owner: undefined }
    const body = { gasLimit: 200_000_000n, maxFee: 100n }
    const { bytes, id } = signedTransaction(honest, honestNonce++, action, body)
    await node.client.api.transaction.submit.mutate({ transaction: hex(bytes) })
    const receipt = await node.client.api.transaction.wait.query({ id: hex(id) })
    expect(receipt.error).toBe(null)
    return receipt.created[0] as string
  }
  beforeAll(async () => {
    abis = { caller: await fixtureContract('caller'), token: await builtContract('token') }
    caller = await deploy(abis.caller.code, new Uint8Array(0))
    token = await deploy(abis.token.code, encodeArguments(abis.token.abi, 'init', ['Token', 'TOK', 0, 100]))
  })

  const args = (of: 'caller' | 'token', method: string, values: readonly unknown[] = []): string =>
    hex(encodeArguments(abis[of].abi, method, values))
  const cases: readonly (readonly [rule: string, input: () => object, code: string, says: RegExp])[] = [
    [
      'no contract there',
      () => ({ contract: bobText, method: 'x' }),
      'unknown_contract',
      /no contract at vex1/,
    ],
    ['no such method', () => ({ contract: caller, method: 'nope' }), 'unknown_method', /nope/],
    ['a method of the chain', () => ({ contract: token, method: 'init' }), 'unknown_method', /init/],
    [
      'a revert, in the contract’s words',
      () => ({ contract: token, method: 'mint', args: args('token', 'mint', [bob, 1]) }),
      'reverted',
      /only the owner may mint/,
    ],
    [
      'a trap',
      () => ({ contract: caller, method: 'divide', args: args('caller', 'divide', [0]) }),
      'trapped',
      /divi/,
    ],
    ['a loop without an end', () => ({ contract: caller, method: 'spin' }), 'out_of_gas', /gas/],
    [
      'a view that writes',
      () => ({ contract: caller, method: 'sneakyView' }),
      'static_violation',
      /write|view/,
    ],
    ['no gas', () => ({ contract: caller, method: 'getNote', gasLimit: '0' }), 'out_of_gas', /gas/],
    [
      'arguments that are none',
      () => ({ contract: token, method: 'balanceOf', args: '0x00' }),
      'reverted',
      /argument/,
    ],
  ]
  it.each(cases)('in a view: %s', async (_, input, code, says) => {
    expect(expectFailure(await call(url, 'contract.view', input()), 'call_failed', code)).toMatch(says)
  })

  it('in a simulation: the receipt says why, in the contract’s words', async () => {
    const action = { kind: 'call', contract: token, method: 'mint', args: args('token', 'mint', [bob, 1]) }
    const answer = await call(url, 'transaction.simulate', { sender: formatAddress(other.address), action })
    expectNoLeak(answer.text)
    expect(answer.json?.result?.data).toMatchObject({
      status: 'failed',
      events: [],
      error: { code: 'reverted', message: 'only the owner may mint' },
    })
  })

  it('in a transaction: it is charged, and the receipt says why', async () => {
    const action: Action = {
      kind: 'call',
      contract: parseAddress(caller),
      method: 'spin',
      args: new Uint8Array(0),
      value: 0n,
    }
    const { bytes, id } = signedTransaction(honest, honestNonce++, action, {
      gasLimit: 5_000_000n,
      maxFee: 100n,
    })
    await node.client.api.transaction.submit.mutate({ transaction: hex(bytes) })
    const receipt = await node.client.api.transaction.wait.query({ id: hex(id) })
    expect(receipt).toMatchObject({ status: 'failed', gasUsed: '5000000', error: { code: 'out_of_gas' } })
  })

  it('does not hold up blocks, however many come at once', async () => {
    const views = Array.from({ length: 50 }, () => ({
      contract: caller,
      method: 'spin',
      gasLimit: '40000000',
    }))
    const path = views.map(() => 'contract.view').join(',')
    let isDone = false
    const batch = post(url, `${path}?batch=1`, JSON.stringify(Object.assign({}, views))).finally(
      () => (isDone = true),
    )
    await expectAlive()
    expect(isDone).toBe(false)
    expectFailure(await batch, 'call_failed', 'out_of_gas')
  })
})

describe('a request that is refused', () => {
  const sender = formatAddress(honest.address)
  const typo = sender.replace(/.$/, last => (last === 'q' ? 'p' : 'q'))
  const many = (count: number) => ({ transactions: Array.from({ length: count }, () => '0x00') })
  const simulate = (action: unknown) => ({ sender, action })
  const cases: readonly (readonly [rule: string, path: string, input: unknown, advice: RegExp])[] = [
    ['no input', 'account.get', undefined, /expected object/],
    ['null', 'account.get', null, /expected object/],
    ['a list', 'account.get', [], /expected object/],
    ['a number for an address', 'account.get', { address: 5 }, /address: .*expected string/],
    ['a typo in an address', 'account.get', { address: typo }, /address: .*mistyped/],
    ['half an address', 'account.get', { address: 'vex1' }, /address: .*not a Vex address/],
    [
      'an address of another chain',
      'account.get',
      { address: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4' },
      /address: /,
    ],
    ['an unknown field', 'account.get', { address: sender, extra: 1 }, /extra/],
    ['hex that is none', 'transaction.submit', { transaction: 'xyz' }, /transaction: .*hex/],
    ['half a byte', 'transaction.submit', { transaction: '0x123' }, /even number/],
    ['a number for bytes', 'transaction.submit', { transaction: 7 }, /expected string/],
    ['a short hash', 'transaction.get', { id: '0x1234' }, /32 bytes/],
    ['no transactions', 'transaction.submitMany', many(0), /transactions: .*>=1/],
    ['too many transactions', 'transaction.submitMany', many(2001), /transactions: .*<=2000/],
    [
      'a wait for ever',
      'transaction.wait',
      { id: `0x${'00'.repeat(32)}`, timeoutMs: 1e9 },
      /timeoutMs: .*60000/,
    ],
    ['a block by nothing', 'block.get', {}, /height, hash, tag/],
    ['a block by two names', 'block.get', { height: 1, tag: 'latest' }, /height, hash, tag/],
    ['a block by half a height', 'block.get', { height: 1.5 }, /height: expected an integer/],
    ['a negative height', 'block.get', { height: '-1' }, /height: expected an integer/],
    ['a height of 2^64', 'block.get', { height: '18446744073709551616' }, /height: expected an integer/],
    ['a number that JSON rounds', 'block.get', { height: 2 ** 53 }, /height: .*decimal string/],
    ['a block by an unknown tag', 'block.get', { tag: 'newest' }, /tag: .*latest/],
    ['an unknown action', 'transaction.simulate', simulate({ kind: 'steal' }), /kind: .*transfer, deploy/],
    ['an action that is none', 'transaction.simulate', simulate(7), /action: expected/],
    [
      'an amount that is none',
      'transaction.simulate',
      simulate({ kind: 'transfer', to: sender, amount: '1.5' }),
      /action.amount: expected an integer/,
    ],
    [
      'a batch in a batch',
      'transaction.simulate',
      simulate({ kind: 'batch', actions: [{ kind: 'batch', actions: [] }] }),
      /action.actions.0.kind: /,
    ],
    [
      'an empty batch',
      'transaction.simulate',
      simulate({ kind: 'batch', actions: [] }),
      /action.actions: .*>=1/,
    ],
    ['a long method', 'contract.view', { contract: sender, method: 'm'.repeat(65) }, /method: .*<=64/],
    ['an unknown procedure', 'chain.destroy', {}, /chain.destroy/],
    ['a name of the language', '__proto__.constructor', {}, /constructor/],
  ]
  it.each(cases)('%s', async (_, path, input, advice) => {
    expect(expectFailure(await call(url, path, input), 'bad_input', null)).toMatch(advice)
  })

  it('what is not there: says so', async () => {
    const nothing = `0x${'00'.repeat(32)}`
    const cases = [
      ['transaction.get', { id: nothing }],
      ['transaction.receipt', { id: nothing }],
      ['block.get', { height: '18446744073709551615' }],
      ['block.get', { hash: nothing }],
      ['contract.abi', { contract: bobText }],
    ] as const
    for (const [path, input] of cases) expectFailure(await call(url, path, input), 'not_found', null)
    const timeout = await call(url, 'transaction.wait', { id: nothing, timeoutMs: 20 })
    expect(expectFailure(timeout, 'timeout', null)).toMatch(/20 ms/)
  })

  it('JSON that is none, or cut short', async () => {
    for (const body of ['', '{', '{"transaction":', 'null', '\u0000', '"'.repeat(1000)])
      expectFailure(await post(url, 'transaction.submit', body), 'bad_input', null)
  })

  it('JSON a million levels deep', async () => {
    const depth = 1_000_000
    const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
    expectFailure(await post(url, 'account.get', `{"address":${nested}}`), 'bad_input', null)
  })

  it('a body of 17 MB: with advice, without reading all of it into memory', async () => {
    const answer = await post(url, 'transaction.submitMany', '1'.repeat(17 * 1024 * 1024))
    expect(expectFailure(answer, 'bad_input', null)).toMatch(/fewer transactions/)
  })

  it('a batch of more calls than fit', async () => {
    const path = Array.from({ length: 101 }, () => 'chain.info').join(',')
    const answer = await readAnswer(await fetch(`${url}/trpc/${path}?batch=1`))
    expectFailure(answer, 'bad_input', null)
  })

  it('other paths, methods and content', async () => {
    const answers = await Promise.all([
      fetch(`${url}/etc/passwd`),
      fetch(`${url}/trpc/..%2f..%2fetc%2fpasswd`),
      fetch(`${url}/trpc/%zz`),
      fetch(`${url}/trpc/chain.info`, { method: 'DELETE' }),
      fetch(`${url}/trpc/transaction.submit`),
      fetch(`${url}/trpc/transaction.submit`, { method: 'POST', body: 'text' }),
    ])
    for (const response of answers) {
      const { status, text } = await readAnswer(response)
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      expectNoLeak(text)
    }
  })
})

describe('a connection that misbehaves', () => {
  it('says nothing, or half a request: others are served', async () => {
    const { hostname, port } = new URL(url)
    const sockets = Array.from({ length: 20 }, () => connect(Number(port), hostname))
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    for (const [index, socket] of sockets.entries())
      if (index % 2 === 0)
        socket.write('POST /trpc/transaction.submit HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{')
    await expectAlive()
    for (const socket of sockets) socket.destroy()
  })

  it('speaks no HTTP', async () => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.end(Buffer.alloc(4096, 0xff))
    let answer = ''
    socket.on('data', chunk => (answer += String(chunk)))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
  })

  const converse = async (frames: readonly (string | Uint8Array)[], answers: number): Promise<string[]> => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc`)
    const received: string[] = []
    await once(socket, 'open')
    const enough = new Promise<void>(resolve => {
      socket.on('message', data => {
        received.push((data as Buffer).toString())
        if (received.length >= answers) resolve()
      })
      socket.on('close', code => {
        received.push(`closed ${code}`)
        resolve()
      })
    })
    for (const frame of frames) socket.send(frame)
    await enough
    socket.terminate()
    return received
  }

  it('sends garbage over a WebSocket: an answer to each', async () => {
    const frames = [
      'garbage',
      new Uint8Array([1, 2, 3]),
      '{}',
      '[]',
      'null',
      '{"id":1,"method":"nope"}',
      '['.repeat(100_000),
    ]
    const answers = await converse([...frames, '{"id":9,"method":"query","params":{"path":"no.such"}}'], 7)
    expect(answers.length).toBeGreaterThanOrEqual(7)
    for (const answer of answers) {
      expectNoLeak(answer)
      expect(JSON.parse(answer)).toMatchObject({ error: { data: { vex: { code: 'bad_input' } } } })
    }
  })

  it('sends a frame above the limit: it is closed', async () => {
    expect(await converse(['x'.repeat(2 * 1024 * 1024)], 1)).toEqual(['closed 1009'])
  })

  it.each(['x', '-1', '1e3', '99999999999999999999', '0x10', ''])(
    'resumes after an event that never was: %j',
    async lastEventId => {
      const params = { path: 'subscribe.blocks', input: {}, lastEventId }
      const answers = await converse([JSON.stringify({ id: 1, method: 'subscription', params })], 2)
      expect(answers.join('\n')).toMatch(/lastEventId is not one that this API gave/)
    },
  )
})
