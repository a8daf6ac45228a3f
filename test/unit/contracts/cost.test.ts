/** Every function of the SDK says in an editor what it costs, and each number there is what the VM charges. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeArguments } from '../../../node/abi/values.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { HOST_FUNCTIONS } from '../../../vm/host-table.ts'
import { compileText } from './compile-text.ts'
import { CALLED, measuringContract, SNIPPETS } from './cost-snippets.ts'
import { account, Sandbox } from './sandbox.ts'

const TYPES = fileURLToPath(new URL('../../../contracts/sdk/types/', import.meta.url))
const textOf = (name: string): string => readFileSync(`${TYPES}${name}.d.ts`, 'utf8')

/** What a contract may import. */
const EXPORTED = [...textOf('vex').matchAll(/^export \{ ([^}]+?),? \}/gm)].flatMap(([, names = '']) =>
  names.split(', '),
)

interface Documented {
  readonly name: string
  readonly comment: string
}

const DOCUMENTED = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?export declare (function|class) (\w+)/g
const MEMBER = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?\n? {4}(?:static |get )?(\w+)[(<][^\n]*;/g
const plain = (comment = ''): string => comment.replaceAll(/\s*\n\s*\*\s?/g, ' ').trim()

const membersOf = (text: string, name: string): Documented[] => {
  const start = text.indexOf(`export declare class ${name}`)
  const body = text.slice(start, text.indexOf('\n}', start))
  return [...body.matchAll(MEMBER)]
    .filter(([line]) => !/^\s*private /m.test(line.replace(/\/\*\*[^]*?\*\//, '')))
    .map(([, comment, member]) => ({
      name: member === 'constructor' ? name : `${name}.${member}`,
      comment: plain(comment),
    }))
}

/** The functions and methods that a contract can reach. Storage fields are made by the transform. */
const functions: Documented[] = readdirSync(TYPES).flatMap(file => {
  const text = textOf(file.replace('.d.ts', ''))
  return [...text.matchAll(DOCUMENTED)]
    .filter(([, , , name = '']) => EXPORTED.includes(name))
    .flatMap(([, comment, kind, name = '']) =>
      kind === 'function' ? [{ name, comment: plain(comment) }] : membersOf(text, name),
    )
})
const FIELDS = [
  'Value',
  'Mapping',
  'PairMapping',
  'OrderedMap',
  'OrderedSet',
  'Vector',
  'Ownership',
  'Roles',
  'Pause',
]
const MADE_BY_THE_SDK = [...FIELDS, 'Entry', 'Outcome', 'Reader']
const costs = new Map(
  functions
    .filter(({ name }) => !MADE_BY_THE_SDK.includes(name))
    .map(({ name, comment }) => [name, /\bCost: (.*)$/.exec(comment)?.[1]]),
)

interface Told {
  readonly gas: number
  readonly isMost: boolean
}

/** The numbers of gas in it; not those of bits. */
const numbersIn = (cost: string): Told[] =>
  [...cost.matchAll(/(up to )?(\d[\d,.]*\d|\d)( million)?(?![\d,.]*\d| bits)/g)].map(
    ([, most, digits = '', million]) => ({
      gas: Number(digits.replaceAll(',', '')) * (million === undefined ? 1 : 1_000_000),
      isMost: most !== undefined,
    }),
  )

const AT = account(9)
const CALLEE = account(8)
const IN_ONE = 50
const gas = new Map<string, number>()
const measured = (name: string): number => {
  const found = gas.get(name)
  if (found === undefined) throw new Error(`there is no snippet ${name}`)
  return found
}

beforeAll(async () => {
  const called = await compileText({ 'main.ts': CALLED })
  for (let from = 0; from < SNIPPETS.length; from += IN_ONE) {
    const snippets = [['nothing at all', '', ''] as const, ...SNIPPETS.slice(from, from + IN_ONE)]
    const code = await compileText({ 'main.ts': measuringContract(snippets, EXPORTED) })
    let none = 0n
    for (const [i, [name]] of snippets.entries()) {
      const chain = new Sandbox()
      chain.deploy(AT, code)
      chain.deploy(CALLEE, called)
      chain.balances.set(toHex(AT), 1_000n)
      chain.call(AT, 'keep', [`0x${chain.contracts.get(toHex(CALLEE))?.codeHash}`])
      const [used = 0n] = chain.call(AT, `m${i}`, [7n, 1_000_003n]) as bigint[]
      if (i === 0) none = used
      gas.set(name, Number(used - none))
    }
    const chain = new Sandbox()
    chain.deploy(AT, code)
    chain.deploy(CALLEE, called)
    const gasOf = (at: Uint8Array, method: string): number =>
      Number(chain.callRaw(at, method, encodeArguments(chain.abiOf(at), method, [])).gasUsed)
    for (const method of ['nothing', 'paid', 'seen', 'init'])
      gas.set(`callee ${method}`, gasOf(CALLEE, method))
    for (const method of ['silent', 'loud', 'quiet']) gas.set(method, gasOf(AT, method))
  }
}, 120_000)

type Measure = () => number
const each =
  (many: string, few: string, times: number): Measure =>
  () =>
    (measured(many) - measured(few)) / times
const one =
  (name: string, times = 1): Measure =>
  () =>
    measured(name) / times
const besides =
  (name: string, callee: string): Measure =>
  () =>
    measured(name) - measured(callee)

/** Each entry of a page of eight, and its end; `left` are above or below where it starts. */
const page = (start: string, left: number): readonly Measure[] => {
  const entry = each(`${start}5)`, `${start}1)`, 4)
  return [entry, () => measured(`${start}9)`) - measured(`${start}5)`) - (left - 5) * entry()]
}

/** Of a cost with more numbers than one, each; and of one that takes more than one measurement. */
const MEASURES: Readonly<Record<string, readonly Measure[]>> = {
  'OrderedSet.add': [one('OrderedSet.add'), one('OrderedSet.add again')],
  'Vector.page': [
    () => measured('Vector.page 1') - each('Vector.page 5', 'Vector.page 1', 4)(),
    each('Vector.page 5', 'Vector.page 1', 4),
  ],
  verifyBls12381: [
    () => measured('verifyBls12381 1') - each('verifyBls12381 5', 'verifyBls12381 1', 4)(),
    each('verifyBls12381 5', 'verifyBls12381 1', 4),
    each('verifyBls12381 1000', 'verifyBls12381 1', 1000),
  ],
  emit: [one('emit'), each('emit numbers', 'emit', 2), each('emit text', 'emit', 100)],
  revert: [besides('silent', 'quiet'), each('loud', 'silent', 100)],
  encode: [one('encode'), one('encode text', 100), one('encode bytes')],
  decode: [one('decode'), one('decode text', 100), one('decode bytes')],
  'Call.send': [besides('Call.send', 'callee nothing'), each('Call.send value', 'Call.send', 1)],
  'Call.view': [besides('Call.view', 'callee seen')],
  'Call.attempt': [besides('Call.attempt', 'callee nothing'), each('Call.attempt value', 'Call.attempt', 1)],
  'Writer.reserve': [one('Writer.reserve'), each('Writer.reserve grow', 'Writer.reserve', 1)],
  'Writer.count': [one('Writer.count', 2)],
  'Writer.string': [one('Writer.string', 100)],
  'Writer.text': [one('Writer.text', 100)],
  'Reader.string': [one('Reader.string', 100)],
}
const HELD = ['Value', 'Mapping', 'PairMapping', 'OrderedMap'].flatMap(type => [`${type}.get`, `${type}.set`])
const BY_THE_BYTE = ['sha256', 'sha512', 'keccak256', 'blake3', 'verifyEd25519', 'verifyEcvrf']
const UP_TO = /^(?:mulDiv|mulDiv128|u128\.(?:dividedBy|modulo)|u256\.(?:times|dividedBy|modulo))$/
const measuresOf = (name: string): readonly Measure[] => {
  const [, type = '', listing = ''] = /^(Ordered\w+)\.(first|after|last|before|range)$/.exec(name) ?? []
  if (listing === 'first' || listing === 'last') return page(`${type}.${listing}(`, 8)
  if (listing === 'before') return page(`${type}.before(m, `, 8)
  if (listing === 'range') return page(`${type}.range(n, m, `, 8)
  // The lowest has the key that it starts above.
  if (listing === 'after') return page(`${type}.after(n, `, 7)
  if (HELD.includes(name)) return [one(name), each(`${name} text`, name, 100)]
  if (BY_THE_BYTE.includes(name)) return [one(name), each(`${name} 1000`, name, 1000)]
  if (name.startsWith('pairing')) return [one(name), each(`${name} 1`, name, 1)]
  if (name === 'Deploy.send' || name === 'Deploy.attempt')
    return [besides(name, 'callee init'), each(`${name} value`, name, 1)]
  if (UP_TO.test(name)) return [one(name), one(`${name} large`)]
  return MEASURES[name] ?? [one(name)]
}

it('every function of the SDK says what it costs', () => {
  expect(costs.size).toBeGreaterThan(150)
  expect([...costs].filter(([, cost]) => cost === undefined).map(([name]) => name)).toEqual([])
})

const inNumbers = [...costs].flatMap(([name, cost = '']) =>
  numbersIn(cost).length === 0 ? [] : [[name, cost] as const],
)

describe('the cost that an editor shows is what is charged', () => {
  it.each(inNumbers)('%s: %s', (name, cost) => {
    const told = numbersIn(cost)
    const is = measuresOf(name).map(measure => measure())
    expect(told).toHaveLength(is.length)
    for (const [i, { gas: number, isMost }] of told.entries()) {
      const gasUsed = is[i] ?? 0
      const message = `${name} takes ${gasUsed} where it says ${number}`
      if (isMost) expect(gasUsed, message).toBeLessThanOrEqual(number)
      // Rounded; and a few instructions come or go with what is around.
      const near = Math.max(number * (isMost ? 0.3 : 0.1), i === 0 ? 15 : 0.5)
      expect(Math.abs(gasUsed - number), message).toBeLessThanOrEqual(near)
    }
  })

  it.each(['ordered-map', 'ordered-set'])('for a key on the way that was deleted: %s', name => {
    const { gas: price } = HOST_FUNCTIONS.get('storage_next') ?? {}
    expect(plain(textOf(name))).toContain(
      `deleted in the same block costs a page ${price?.perItem?.toLocaleString('en')} gas`,
    )
  })
})
