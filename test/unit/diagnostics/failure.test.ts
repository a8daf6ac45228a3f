import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CompiledContract, compileContract } from '../../../contracts/sdk/compile.ts'
import { parseAbi } from '../../../node/abi/types.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { TAGS, taggedHash } from '../../../node/crypto/hash.ts'
import { describeFailure, type Failure, withSymbols } from '../../../node/diagnostics/failure.ts'
import { formatFailure } from '../../../node/diagnostics/format-failure.ts'
import {
  keepSymbols,
  NO_SYMBOLS,
  openSymbolStore,
  type SymbolStore,
} from '../../../node/diagnostics/symbol-store.ts'
import { traceTransaction } from '../../../node/transition/simulate.ts'
import { type Address, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { SimpleAction } from '../../../node/types/transaction.ts'
import { FIXTURES as FOLDER, fixturePath, placeIn } from '../../support/place-in.ts'
import { TestChain } from '../../support/test-chain.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'

const alice = testAccount('alice')
const NOTHING = new Uint8Array(0)
const GAS = 100_000_000n
let caller: CompiledContract
let folder: string
let store: SymbolStore
const problems: string[] = []
beforeAll(async () => {
  caller = await compileContract({ entry: fixturePath('caller') })
  folder = mkdtempSync(join(tmpdir(), 'vex-symbols-'))
  keepSymbols(folder, caller.wasm, caller.debug, FOLDER)
  store = openSymbolStore({ folder, onProblem: message => problems.push(message) })
})
afterAll(() => rmSync(folder, { recursive: true }))

let chain: TestChain
let nonce: bigint
beforeEach(() => {
  chain = new TestChain([[alice.address, 1_000_000_000_000_000n]])
  nonce = 0n
  problems.length = 0
})

const deploy = (): Address => {
  const action: SimpleAction = {
    kind: 'deploy',
    code: caller.wasm,
    args: NOTHING,
    value: 0n,
    owner: undefined,
  }
  const { created } = chain.run(signedTransaction(alice, nonce++, action, { gasLimit: GAS }))
  if (created[0] === undefined) throw new Error('no contract')
  return created[0]
}

const fail = (method: string, args: readonly unknown[], symbols = store, contract = deploy()): Failure => {
  const encoded = encodeArguments(parseAbi(caller.abi), method, args)
  const { trace } = traceTransaction({
    vm: chain.vm,
    state: chain.reader,
    block: { chainId: TEST_CHAIN_ID, height: 9n, timeMs: 9_000n, randomness: ZERO_HASH },
    context: { chainId: TEST_CHAIN_ID, height: 9n, baseFee: 2n, blockGasLimit: chain.gasLimit },
    parsed: signedTransaction(
      alice,
      nonce,
      { kind: 'call', contract, method, args: encoded, value: 0n },
      { gasLimit: GAS },
    ),
  })
  const failure = describeFailure(trace, symbols)
  if (failure === undefined) throw new Error(`${method} did not fail`)
  return failure
}

const places = (failure: Failure): string[] =>
  failure.flatMap(({ frames }) =>
    frames.map(
      ({ position, function: name }) => `${position?.file}:${position?.line}:${position?.column} ${name}`,
    ),
  )

describe('where a call failed', () => {
  it('is the line of the author that reverted, not the line of the SDK that does it', () => {
    const failure = fail('writeThenRevert', [])
    expect(failure).toHaveLength(1)
    expect(failure[0]).toMatchObject({
      contractName: 'Caller',
      method: 'writeThenRevert',
      code: 'reverted',
      message: 'as asked',
    })
    const place = placeIn('caller', "revert('as asked')", 'writeThenRevert(): void')
    expect(places(failure)).toEqual([`${FOLDER}/caller.ts:${place} Caller.writeThenRevert`])
  })

  it('is the line that trapped', () => {
    const failure = fail('divide', [0])
    expect(failure[0]?.code).toBe('trapped')
    expect(places(failure)[0]).toContain(`caller.ts:${placeIn('caller', '100 / by', 'divide(')}`)
  })

  it('is told of each call that the failure took along, innermost first', () => {
    const inner = deploy()
    const outer = deploy()
    const failure = fail('incrementOther', [formatAddress(inner), '1'], store, outer)
    expect(failure.map(({ method, code }) => `${method} ${code}`)).toEqual([
      'increment unknown_method',
      'incrementOther reverted',
    ])
    const [callee, own] = failure
    expect(callee).toMatchObject({ contract: formatAddress(inner), frames: [] })
    expect(own?.frames[0]?.position?.file).toBe(`${FOLDER}/caller.ts`)
    expect(own?.frames[0]?.position?.line).toBe(
      Number(placeIn('caller', 'new Call', 'incrementOther(').split(':')[0]),
    )
  })

  it('is told with the gas that was left there', () => {
    const [call] = fail('writeThenRevert', [])
    expect(BigInt(call?.gasLeft ?? 0)).toBeGreaterThan(GAS / 2n)
  })

  it('is a function and an offset without symbols; who has them adds the lines later', () => {
    const at = deploy()
    const bare = fail('writeThenRevert', [], NO_SYMBOLS, at)
    expect(bare[0]?.hasSymbols).toBe(false)
    expect(bare[0]?.frames.every(({ position }) => position === null)).toBe(true)
    expect(withSymbols(bare, store)).toEqual(fail('writeThenRevert', [], store, at))
  })

  it('is JSON', () => {
    const failure = fail('divide', [0])
    expect(JSON.parse(JSON.stringify(failure))).toEqual(failure)
  })
})

describe('a failure in words', () => {
  it('has the stack and the lines around its top, with a caret under the place', () => {
    const at = deploy()
    const [line, column] = placeIn('caller', "revert('as asked')", 'writeThenRevert(): void')
      .split(':')
      .map(Number)
    const lines = formatFailure(fail('writeThenRevert', [], store, at))
    expect(lines[0]).toMatch(`in Caller.writeThenRevert in ${formatAddress(at)}, `)
    expect(lines[0]).toMatch(/\d{2},\d{3},\d{3} gas left$/)
    expect(lines[1]).toBe(`  ${FOLDER}/caller.ts:${line}:${column}  Caller.writeThenRevert`)
    expect(lines).toContain(`    ${line} │     revert('as asked')`)
    const caret = lines.find(text => text.trimEnd().endsWith('^'))
    expect(caret?.indexOf('^')).toBe(`    ${line} │ `.length + (column ?? 0) - 1)
  })

  it('shows numbers and what to do where no lines are known', () => {
    const text = formatFailure(fail('writeThenRevert', [], NO_SYMBOLS)).join('\n')
    expect(text).toMatch(/function \d+, byte \d+/)
    expect(text).toContain('"vex build"')
  })
})

describe('symbols on disk', () => {
  it('are found by the hash of the code, and only there', () => {
    const hash = toHex(taggedHash(TAGS.code, caller.wasm))
    expect(store.get(hash)?.name).toBe('Caller')
    expect(store.get('00'.repeat(32))).toBeUndefined()
    expect(store.get('../caller')).toBeUndefined()
    expect(problems).toEqual([])
  })

  it.each([
    ['no JSON', '{'],
    ['another shape', '{"version":1}'],
    ['a map that is none', '{"version":1,"name":"x","functions":[],"bodies":[],"sourceMap":{"version":2}}'],
  ])('that are damaged are left out with one notice, until they are written again: %s', (_, text) => {
    const hash = 'ab'.repeat(32)
    const path = join(folder, `${hash}.json`)
    writeFileSync(path, text)
    const reader = openSymbolStore({ folder, onProblem: message => problems.push(message) })
    expect(reader.get(hash)).toBeUndefined()
    expect(reader.get(hash)).toBeUndefined()
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(path)
    writeFileSync(
      path,
      readFileSync(join(folder, readdirSync(folder).find(name => name !== `${hash}.json`) ?? '')),
    )
    expect(reader.get(hash)?.name).toBe('Caller')
    rmSync(path)
  })

  it('of something that is no debug twin are not kept', () => {
    expect(() => keepSymbols(folder, caller.wasm, { version: 2 })).toThrow('not a debug twin: version')
  })
})
