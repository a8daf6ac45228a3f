/** REST is the same API as tRPC, and is what its OpenAPI document says: every path, asked of a real node. */
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeArguments } from '../../node/abi/values.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import { readEvents } from '../support/event-source.ts'
import { call, expectNoLeak } from '../support/raw-api.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`
const [owner, other] = devAccounts() as readonly TestAccount[] as readonly [TestAccount, TestAccount]
const ownerText = formatAddress(owner.address)
const bob = testAccount('bob').address

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly requestBody?: object
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>
}
interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<'get' | 'post', Operation>>
  readonly components: { readonly schemas: Record<string, object> }
}

let node: RunningNode
let url: string
let document: Document
let contract: string
let tokenCall: string
let storageKey: string
let ids: { readonly call: string; readonly waiting: string }

const send = async (account: TestAccount, nonce: bigint, action: Action, gasLimit: bigint) => {
  const { bytes, id } = signedTransaction(account, nonce, action, { gasLimit, maxFee: 100n })
  await node.client.api.transaction.submit.mutate({ transaction: hex(bytes) })
  return node.client.api.transaction.wait.query({ id: hex(id) })
}

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}/api${path}`, { headers })
  const text = await response.text()
  expectNoLeak(text)
  return { status: response.status, body: JSON.parse(text) as Record<string, unknown> }
}

beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  url = node.node.url
  const token = await builtContract('token')
  const init = encodeArguments(token.abi, 'init', ['Token', 'TOK', 2, 1_000])
  const deploy: Action = { kind: 'deploy', code: token.code, args: init, value: 0n, owner: owner.address }
  const deployed = await send(owner, 0n, deploy, 200_000_000n)
  contract = deployed.created[0] as string
  const args = encodeArguments(token.abi, 'transfer', [bob, 3])
  const receipt = await send(
    owner,
    1n,
    { kind: 'call', contract: parseAddress(contract), method: 'transfer', args, value: 0n },
    5_000_000n,
  )
  expect(receipt.status).toBe('success')
  tokenCall = hex(encodeArguments(token.abi, 'balanceOf', [ownerText]))
  // Waits for a nonce, so that the pool is not empty.
  const late = signedTransaction(other, 1n, { kind: 'transfer', to: bob, amount: 1n }, { gasLimit: 400_000n })
  await node.client.api.transaction.submit.mutate({ transaction: hex(late.bytes) })
  ids = { call: receipt.transactionId, waiting: hex(late.id) }
  document = (await (await fetch(`${url}/api`)).json()) as Document
  const stored = await get(`/contracts/${contract}/storage?limit=1`)
  storageKey = (stored.body['entries'] as { key: string }[])[0]?.key ?? ''
})
afterAll(async () => {
  await node.stop()
  expect(node.fatal).toEqual([])
  await removeDirectory(node.directory)
})

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 to a public validator', async () => {
    const validator = new Validator()
    expect(await validator.validate({ ...structuredClone(document) })).toMatchObject({ valid: true })
    expect(document.openapi).toMatch(/^3\.1\./)
  })

  it('drives a generated client: it type-checks, sends, waits and reads', async () => {
    const folder = join(ROOT, 'build/rest-client')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'openapi.json'), JSON.stringify(document))
    const generator = join(ROOT, 'node_modules/oazapfts/dist/cli.js')
    await run(process.execPath, [generator, join(folder, 'openapi.json'), join(folder, 'client.ts')])
    await cp(join(ROOT, 'test/fixtures/rest-client/program.ts'), join(folder, 'program.ts'))
    const config = {
      extends: join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        noUnusedLocals: false,
        exactOptionalPropertyTypes: false,
        allowImportingTsExtensions: true,
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      include: [folder],
      exclude: [],
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
    await run(process.execPath, [join(ROOT, 'node_modules/.bin/tsc'), '-p', folder])

    const carol = testAccount('carol').address
    const { bytes } = signedTransaction(
      owner,
      2n,
      { kind: 'transfer', to: carol, amount: 11n },
      { gasLimit: 400_000n, maxFee: 100n },
    )
    const { stdout } = await run(process.execPath, [
      join(folder, 'program.ts'),
      url,
      hex(bytes),
      formatAddress(carol),
    ])
    expect(JSON.parse(stdout)).toEqual({
      chainId: 'test',
      status: 'success',
      balance: '11',
      refused: ['refused', 'already_final'],
    })
  }, 60_000)

  it('is what the node answers, on every path', async () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true })
    ajv.addSchema({ $id: 'document', components: document.components })
    const samples: Record<string, string> = {
      block: 'latest',
      address: ownerText,
      contract,
      id: ids.call,
      method: 'balanceOf',
      args: tokenCall,
      key: storageKey,
      epoch: '0',
      sender: ownerText,
      fromHeight: '0',
    }
    /** Where the usual sample means something else. */
    const special: Record<string, Record<string, string>> = {
      staking_validator: {
        address: (await node.client.api.chain.info.query()).validators[0]?.address ?? '',
      },
      // Epoch 0 has not ended.
      light_handOver: { epoch: '0' },
    }
    const bodies: Record<string, object> = {
      transaction_simulate: { sender: ownerText, action: { kind: 'transfer', to: ownerText, amount: '1' } },
      transaction_submitMany: { transactions: ['0x00'] },
    }
    const expected: Record<string, number> = { light_handOver: 404, transaction_submit: 400 }
    const asked: string[] = []
    for (const [path, methods] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(methods)) {
        const { operationId, parameters = [], responses } = operation
        const sampleOf = (name: string) => special[operationId]?.[name] ?? samples[name] ?? ''
        const wanted = parameters.filter(
          parameter => parameter.in === 'query' && ['args', 'sender', 'fromHeight'].includes(parameter.name),
        )
        const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => sampleOf(name))
        const search = new URLSearchParams(
          Object.fromEntries(wanted.map(({ name }) => [name, sampleOf(name)])),
        )
        const target = `${url}/api${filled}${search.size > 0 ? `?${search.toString()}` : ''}`
        const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(responses['200']?.content ?? {})
        const where = `${method} ${path}`
        asked.push(operationId)
        let answer: unknown
        if (type === 'text/event-stream') {
          const ends = new AbortController()
          for await (const { data } of readEvents(target, { signal: ends.signal })) {
            answer = JSON.parse(data)
            break
          }
          ends.abort()
        } else {
          const response = await fetch(target, {
            method: method.toUpperCase(),
            headers: { 'content-type': 'application/json' },
            ...(method === 'post' ? { body: JSON.stringify(bodies[operationId] ?? {}) } : {}),
          })
          answer = await response.json()
          expect([where, response.status, answer]).toEqual([where, expected[operationId] ?? 200, answer])
          if (!response.ok) continue
        }
        const rewritten = JSON.parse(
          JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'),
        ) as object
        const check = ajv.compile(rewritten)
        check(answer)
        expect([where, check.errors]).toEqual([where, null])
      }
    expect(asked.length).toBeGreaterThan(30)
    expect(new Set(asked).size).toBe(asked.length)
  })
})

describe('REST', () => {
  it('answers what tRPC answers', async () => {
    const cases = [
      ['/blocks/1', 'block.get', { height: 1 }],
      ['/blocks/genesis', 'block.get', { tag: 'genesis' }],
      [`/accounts/${ownerText}`, 'account.get', { address: ownerText }],
      [`/transactions/${ids.call}`, 'transaction.get', { id: ids.call }],
      [`/transactions/${ids.waiting}`, 'transaction.get', { id: ids.waiting }],
      [
        `/transactions?sender=${ownerText}&limit=1`,
        'transaction.list',
        { by: { sender: ownerText }, limit: 1 },
      ],
      [`/contracts/${contract}/abi`, 'contract.abi', { contract }],
      ['/validators?limit=1', 'staking.validators', { limit: 1 }],
    ] as const
    for (const [path, name, input] of cases) {
      const { status, body } = await get(path)
      const answer = await call(url, name, input)
      expect([path, status, body]).toEqual([path, 200, answer.json?.result?.data])
    }
  })

  it('fails as tRPC fails: the same status, code and words', async () => {
    const nothing = `0x${'00'.repeat(32)}`
    const cases = [
      ['/blocks/999999', 'block.get', { height: 999_999 }],
      ['/accounts/vex1bad', 'account.get', { address: 'vex1bad' }],
      [`/transactions/${nothing}`, 'transaction.get', { id: nothing }],
      [`/transactions/${nothing}/wait?timeoutMs=20`, 'transaction.wait', { id: nothing, timeoutMs: 20 }],
      [
        `/transactions?sender=${ownerText}&limit=201`,
        'transaction.list',
        { by: { sender: ownerText }, limit: 201 },
      ],
      ['/leaders?count=101', 'staking.leaders', { count: 101 }],
      [`/contracts/${contract}/views/nope`, 'contract.view', { contract, method: 'nope' }],
      [`/transactions?limit=3&nothing=1`, 'transaction.list', { by: {}, limit: 3, nothing: 1 }],
    ] as const
    for (const [path, name, input] of cases) {
      const { status, body } = await get(path)
      const answer = await call(url, name, input)
      const { code, detail, ...rest } = answer.json?.error?.data.vex ?? {}
      expect([path, status]).toEqual([path, answer.status])
      expect(body['code']).toBe(code)
      if (path.includes('nothing=')) continue
      expect(body).toEqual({
        code,
        message: answer.json?.error?.message,
        ...(detail === null ? {} : { detail }),
        ...rest,
      })
    }
  })

  it('refuses what it does not know: parameters, paths, methods, bodies', async () => {
    expect(await get('/chain?x=1')).toMatchObject({ status: 200 })
    expect(await get('/leaders?x=1')).toMatchObject({ status: 400, body: { code: 'bad_input' } })
    expect(await get('/leaders?count=1&count=2')).toMatchObject({
      status: 400,
      body: { message: 'count: given more than once' },
    })
    expect(await get('/nothing')).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(await get('/accounts/%zz')).toMatchObject({ status: 400 })
    const post = (path: string, body: string, type = 'application/json') =>
      fetch(`${url}/api${path}`, { method: 'POST', headers: { 'content-type': type }, body })
    expect((await post('/chain', '{}')).status).toBe(405)
    expect((await post('/transactions', '{')).status).toBe(400)
    expect((await post('/transactions', '[]')).status).toBe(400)
    expect((await post('/transactions', 'null')).status).toBe(400)
    expect((await post('/transactions', '{}', 'text/plain')).status).toBe(415)
    const large = await post('/transactions/batch', `"${'1'.repeat(17 * 1024 * 1024)}"`)
    expect(large.status).toBe(413)
    expect(await large.json()).toMatchObject({
      code: 'bad_input',
      message: expect.stringContaining('fewer transactions'),
    })
    expect((await fetch(`${url}/api/chain`)).status).toBe(200)
  })

  it('streams: from a height, after the last id, and refuses an id that is none before it begins', async () => {
    const take = async (path: string, count: number, lastEventId?: string): Promise<string[]> => {
      const found: string[] = []
      const ends = new AbortController()
      for await (const { id } of readEvents(`${url}/api${path}`, { lastEventId, signal: ends.signal })) {
        found.push(id ?? '')
        if (found.length === count) break
      }
      ends.abort()
      return found
    }
    expect(await take('/streams/blocks?fromHeight=0', 2)).toEqual(['0', '1'])
    expect(await take('/streams/blocks', 1, '0')).toEqual(['1'])
    const [first = ''] = await take('/streams/events?fromHeight=0', 1)
    expect(first).toMatch(/^1-0-\d+$/)
    expect(await take('/streams/transactions?fromHeight=0', 2)).toEqual(['1-0', '2-0'])
    expect(await take('/streams/transactions', 1, '1-0')).toEqual(['2-0'])
    for (const path of ['/streams/blocks', '/streams/events', '/streams/transactions'])
      expect(await get(path, { 'last-event-id': '5-x' })).toMatchObject({
        status: 400,
        body: { code: 'bad_input', message: 'lastEventId is not one that this API gave' },
      })
  })
})

describe('the documentation page', () => {
  it('is whole and loads nothing from anywhere else', async () => {
    const page = await fetch(`${url}/docs`)
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toContain('http')
    const html = await page.text()
    expect(html).not.toMatch(/https?:/)
    const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string)
    expect(assets.length).toBe(3)
    for (const path of assets) {
      const response = await fetch(`${url}${path}`)
      expect([path, response.status]).toEqual([path, 200])
      expect(response.headers.get('content-type')).toMatch(/^text\/(css|javascript)/)
      expect((await response.text()).length).toBeGreaterThan(50)
    }
    const swagger = await readFile(join(ROOT, 'node_modules/swagger-ui-dist/swagger-ui-bundle.js'), 'utf8')
    const served = await (await fetch(`${url}/docs/swagger-ui-bundle.js`)).text()
    expect(served).toBe(swagger)
    expect((await fetch(`${url}/docs/..%2fopenapi.ts`)).status).toBe(404)
  })
})
