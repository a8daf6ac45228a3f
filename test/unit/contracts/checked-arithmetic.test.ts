/** Arithmetic in an author's file ends the call where its result does not fit, against BigInt on the real VM. */
import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { inForm } from '../../support/form.ts'
import { compileText, contract, messagesOf } from './compile-text.ts'
import { account, type CompiledSource, Sandbox } from './sandbox.ts'

const AT = account(9)
const RIGHT = account(8)
const LEFT = account(7)
const TYPES = ['u8', 'u16', 'u32', 'u64', 'i8', 'i16', 'i32', 'i64'] as const
type TypeName = (typeof TYPES)[number]

const rangeOf = (type: TypeName): { min: bigint; max: bigint } => {
  const bits = BigInt(type.slice(1))
  return type.startsWith('u')
    ? { min: 0n, max: (1n << bits) - 1n }
    : { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
}

/** Any, small ones, those around powers of two and the borders, and constants of the contract below. */
const numberOf = (type: TypeName): fc.Arbitrary<bigint> => {
  const { min, max } = rangeOf(type)
  const bits = Number(type.slice(1))
  const inRange = (n: bigint): bigint => (n < min ? min : n > max ? max : n)
  return fc.oneof(
    fc.bigInt(min, max),
    fc.bigInt(-20n, 20n).map(inRange),
    fc
      .tuple(fc.nat(bits), fc.constantFrom(-1n, 1n), fc.bigInt(-2n, 2n))
      .map(([n, sign, by]) => inRange(sign * (1n << BigInt(n)) + by)),
    fc.constantFrom(min, max, inRange(min + 1n), max - 1n),
  )
}

const exact = {
  plus: (a: bigint, b: bigint) => a + b,
  minus: (a: bigint, b: bigint) => a - b,
  times: (a: bigint, b: bigint) => a * b,
}
const OPERATORS = { plus: '+', minus: '-', times: '*' } as const
type Operation = keyof typeof OPERATORS

const messageOf = (operation: Operation, type: TypeName): string =>
  operation === 'plus'
    ? 'addition overflows'
    : operation === 'times'
      ? 'multiplication overflows'
      : type.startsWith('u')
        ? 'subtraction goes below zero'
        : 'subtraction overflows'

const expected = (result: bigint, operation: Operation, type: TypeName): bigint | string => {
  const { min, max } = rangeOf(type)
  return result < min || result > max ? `reverted: ${messageOf(operation, type)}` : result
}

/** Constants to operate with, for each type: small, large, negative. */
const constantsOf = (type: TypeName): bigint[] => {
  const { min, max } = rangeOf(type)
  return [
    ...new Set([0n, 1n, 3n, max / 2n, max - 1n, max, ...(min < 0n ? [-1n, -2n, -7n, min + 1n, min] : [])]),
  ]
}

/** For -128 of an i8 and the like, which is no literal of its type. */
const written = (n: bigint, type: TypeName): string =>
  n === rangeOf(type).min && n < 0n ? `${type}.MIN_VALUE` : `<${type}>${n}`

const methodsOf = (type: TypeName): string =>
  [
    ...Object.entries(OPERATORS).flatMap(([name, sign]) => [
      `@view ${name}(a: ${type}, b: ${type}): ${type} { return a ${sign} b }`,
      `@view ${name}Into(a: ${type}, b: ${type}): ${type} { a ${sign}= b; return a }`,
      `@view ${name}Field(a: ${type}, b: ${type}): ${type} { const box = new Box<${type}>(a); box.value ${sign}= b; return box.value }`,
      `@view ${name}Cut(a: u64, b: u64): ${type} { return <${type}>(a ^ 0) ${sign} <${type}>(b ^ 0) }`,
      `@view ${name}Wrapping(a: ${type}, b: ${type}): ${type} { return wrapping${name}(a, b) }`,
    ]),
    `@view up(a: ${type}): ${type} { return ++a }`,
    `@view down(a: ${type}): ${type} { return --a }`,
    `@view upAfter(a: ${type}): ${type}[] { const before = a++; return [before, a] }`,
    `@view downAfter(a: ${type}): ${type}[] { const before = a--; return [before, a] }`,
    `@view upAlone(a: ${type}): ${type} { a++; return a }`,
    `@view upInArray(a: ${type}): ${type}[] { const list: ${type}[] = [0, a]; const before = list[1]++; return [before, list[1]] }`,
    `@view upInField(a: ${type}): ${type}[] { const box = new Box<${type}>(a); const before = box.value++; return [before, box.value] }`,
    `@view negated(a: ${type}): ${type} { return -a }`,
    `@view power(a: ${type}, b: ${type}): ${type} { return a ** b }`,
    `@view powerInto(a: ${type}, b: ${type}): ${type} { a **= b; return a }`,
    `@view upWrapping(a: ${type}): ${type} { return wrappingUp(a) }`,
    `@view negatedWrapping(a: ${type}): ${type} { return this.negative(a) }`,
    `@unchecked private negative(a: ${type}): ${type} { return -a }`,
  ].join('\n')
const uncheckedOf = (type: TypeName): string =>
  [
    ...Object.entries(OPERATORS).map(
      ([name, sign]) =>
        `@unchecked function wrapping${name}(a: ${type}, b: ${type}): ${type} { return a ${sign} b }`,
    ),
    `@unchecked function wrappingUp(a: ${type}): ${type} { a++; return a }`,
  ].join('\n')
/** Contracts of their own for the constants: one has at most 64 methods. */
const constantMethodsOf = (type: TypeName, side: 'Right' | 'Left'): string =>
  Object.entries(OPERATORS)
    .flatMap(([name, sign]) =>
      constantsOf(type).map((c, i) => {
        const sides = side === 'Right' ? ['a', written(c, type)] : [written(c, type), 'a']
        return `@view ${name}${side}${i}(a: ${type}): ${type} { return ${sides.join(` ${sign} `)} }`
      }),
    )
    .join('\n')
const BOX = 'class Box<T> { constructor(public value: T) {} }'

describe.each(TYPES)('arithmetic on %s', type => {
  const chain = new Sandbox()
  const { min, max } = rangeOf(type)
  const bits = Number(type.slice(1))
  const wrapped = (n: bigint): bigint => (min < 0n ? BigInt.asIntN(bits, n) : BigInt.asUintN(bits, n))
  const plain = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(plain) : typeof value === 'number' ? BigInt(value) : value
  const outcome = (method: string, ...args: bigint[]): unknown => {
    try {
      return plain(
        chain.call(method.includes('Right') ? RIGHT : method.includes('Left') ? LEFT : AT, method, args),
      )
    } catch (error) {
      return (error as Error).message
    }
  }
  const number = numberOf(type)
  beforeAll(async () => {
    chain.deploy(
      AT,
      await compileText({ 'main.ts': contract(methodsOf(type), `${BOX}\n${uncheckedOf(type)}`) }),
    )
    chain.deploy(RIGHT, await compileText({ 'main.ts': contract(constantMethodsOf(type, 'Right')) }))
    chain.deploy(LEFT, await compileText({ 'main.ts': contract(constantMethodsOf(type, 'Left')) }))
  })

  it.each(['plus', 'minus', 'times'] as const)('%s is exact or ends the call', operation => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const result = exact[operation](a, b)
        for (const form of ['', 'Into', 'Field'])
          expect(outcome(`${operation}${form}`, a, b)).toBe(expected(result, operation, type))
        expect(outcome(`${operation}Wrapping`, a, b)).toBe(wrapped(result))
      }),
      { numRuns: inForm(80, 250) },
    )
  })

  it('is exact or ends the call beside a constant, on either side', () => {
    fc.assert(
      fc.property(number, a => {
        for (const [i, c] of constantsOf(type).entries())
          for (const operation of ['plus', 'minus', 'times'] as const) {
            const [right, left] = [exact[operation](a, c), exact[operation](c, a)]
            expect(outcome(`${operation}Right${i}`, a)).toBe(expected(right, operation, type))
            expect(outcome(`${operation}Left${i}`, a)).toBe(expected(left, operation, type))
          }
      }),
      { numRuns: inForm(20, 60) },
    )
  })

  it('reads operands that a cast has cut as what they are', () => {
    const wide = fc.bigInt(0n, (1n << 64n) - 1n)
    fc.assert(
      fc.property(wide, wide, fc.constantFrom('plus', 'minus', 'times'), (a, b, operation) => {
        const result = exact[operation](wrapped(a), wrapped(b))
        expect(outcome(`${operation}Cut`, a, b)).toBe(expected(result, operation, type))
      }),
      { numRuns: inForm(40, 100) },
    )
  })

  it('steps by one or ends the call, and says what was before', () => {
    fc.assert(
      fc.property(number, a => {
        const [up, down] = [expected(a + 1n, 'plus', type), expected(a - 1n, 'minus', type)]
        const after = (result: bigint | string): unknown =>
          typeof result === 'string' ? result : [a, result]
        expect([outcome('up', a), outcome('upAlone', a), outcome('down', a)]).toEqual([up, up, down])
        for (const method of ['upAfter', 'upInArray', 'upInField'])
          expect(outcome(method, a)).toEqual(after(up))
        expect(outcome('downAfter', a)).toEqual(after(down))
        expect(outcome('negated', a)).toBe(expected(-a, 'minus', type))
        expect([outcome('upWrapping', a), outcome('negatedWrapping', a)]).toEqual([
          wrapped(a + 1n),
          wrapped(-a),
        ])
      }),
      { numRuns: inForm(40, 100) },
    )
  })

  it('raises to powers or ends the call', () => {
    const exponent = fc.oneof(fc.bigInt(0n, 7n), fc.bigInt(0n, 80n), number).map(n => (n > max ? max : n))
    const power = (a: bigint, b: bigint): bigint | string => {
      if (b < 0n) return 'reverted: the exponent is below zero'
      if (a === 0n || a === 1n) return b === 0n ? 1n : a
      if (a === -1n) return b % 2n === 0n ? 1n : -1n
      return expected(b > 64n ? max + 1n : a ** b, 'times', type)
    }
    fc.assert(
      fc.property(number, exponent, (a, b) => {
        expect([outcome('power', a, b), outcome('powerInto', a, b)]).toEqual([power(a, b), power(a, b)])
      }),
      { numRuns: inForm(60, 150) },
    )
  })
})

describe('checked arithmetic', () => {
  const deployed = async (files: string | Record<string, string>): Promise<Sandbox> => {
    const chain = new Sandbox()
    const code: CompiledSource = await compileText(typeof files === 'string' ? { 'main.ts': files } : files)
    chain.deploy(AT, code)
    return chain
  }
  const MAX = (1n << 64n) - 1n

  it('of constants is done by the compiler, which refuses what does not fit', async () => {
    const chain = await deployed(
      contract(
        '@view n(): u64 { return SIZE * SIZE + 1 }\n@view m(): u8 { return A - 1 }',
        'const SIZE: u64 = 1 << 20\nconst A: u8 = 255',
      ),
    )
    expect([chain.call(AT, 'n'), chain.call(AT, 'm')]).toEqual([(1n << 40n) + 1n, 254])
    expect(await messagesOf(contract('@view n(): u8 { return A + 1 }', 'const A: u8 = 255'))).toEqual([
      'main.ts:3:24: addition overflows: the result, 256, is not from 0 to 255',
    ])
  })

  it('holds in files beside the contract, in functions, closures, inlined functions and generics of the author', async () => {
    const chain = await deployed({
      'main.ts': `import { inFile, inlined, generic, Box } from './other'
@contract export class Main {
  @view file(a: u64): u64 { return inFile(a) }
  @view inline(a: u64): u64 { return inlined(a) }
  @view generic(a: u64): u64 { return generic<u64>(a, 1) }
  @view getter(a: u64): u64 { return new Box(a).next }
  @view mapped(a: u64): u64[] { return [a].map<u64>(n => n + 1) }
}`,
      'other.ts': `export function inFile(a: u64): u64 { return a + 1 }
// @ts-ignore: decorator
@inline export function inlined(a: u64): u64 { return a + 1 }
export function generic<T>(a: T, b: T): T { return a + b }
export class Box { constructor(public n: u64) {} get next(): u64 { return this.n + 1 } }`,
    })
    for (const method of ['file', 'inline', 'generic', 'getter', 'mapped']) {
      expect([chain.call(AT, method, [5])].flat()).toEqual([6n])
      expect(() => chain.call(AT, method, [MAX])).toThrow('reverted: addition overflows')
    }
  })

  it('leaves out what is @unchecked, and nothing that it calls', async () => {
    const chain = await deployed(
      contract(
        `@view wraps(a: u64): u64 { return this.next(a) }
         @view closure(a: u64): u64[] { return next(a) }
         @view calls(a: u64): u64 { return inPlace(a) }
         @view function(a: u64): u64 { return hash(a) }
         @unchecked private next(a: u64): u64 { return a + 1 }`,
        '@unchecked function next(a: u64): u64[] { return [a].map<u64>(n => n + 1) }\n@unchecked function inPlace(a: u64): u64 { return add(a) }\nfunction add(a: u64): u64 { return a + 1 }\n@unchecked function hash(a: u64): u64 { return a * 31 + 1 }',
      ),
    )
    expect([chain.call(AT, 'wraps', [MAX]), chain.call(AT, 'closure', [MAX])]).toEqual([0n, [0n]])
    expect(chain.call(AT, 'function', [MAX])).toBe(BigInt.asUintN(64, MAX * 31n + 1n))
    expect(() => chain.call(AT, 'calls', [MAX])).toThrow('reverted: addition overflows')
  })

  it('leaves floats, the built-in functions, shifts and casts as they are', async () => {
    const chain = await deployed(
      contract(
        `@view float(a: u32): i64 { let x = <f64>a + 0.5; x++; x = -x; return <i64>(x * 2.0) }
         @view builtIn(a: u64): u64 { return 0 + add<u64>(a ^ 0, 1) }
         @view shift(a: u8): u8 { return a << 1 }
         @view cast(a: u64): u8 { return <u8>(a ^ 0) }
         @view text(a: string): string { return a + a }`,
      ),
    )
    expect(chain.call(AT, 'float', [3])).toBe(-9n)
    expect(chain.call(AT, 'builtIn', [MAX])).toBe(0n)
    expect([chain.call(AT, 'shift', [255]), chain.call(AT, 'cast', [511])]).toEqual([254, 255])
    expect(chain.call(AT, 'text', ['ab'])).toBe('abab')
  })

  describe('of a loop counter', () => {
    const loop = async (head: string, body: string, before = ''): Promise<() => unknown> => {
      const chain = await deployed(
        contract(`@view run(end: u8, wide: u32): u32 { let turns: u32 = 0; ${before}
          for (${head}) { turns++; if (turns > 1000) break; ${body} } return turns }`),
      )
      return () => chain.call(AT, 'run', [255, 256])
    }
    it.each([
      ['below an end of its type', 'let i: u8 = 0; i < end; i++', '', 255],
      ['above one', 'let i: u8 = end; 0 < i; --i', '', 255],
      ['below an end among other conditions', 'let i: u8 = 0; turns < 999 && i < end; ++i', '', 255],
    ])('%s is exact', async (_, head, body, turns) => {
      expect((await loop(head, body))()).toBe(turns)
    })
    it.each([
      ['up to its end', 'let i: u8 = 0; i <= end; i++', '', 'addition overflows'],
      ['below a wider end', 'let i: u8 = 0; i < wide; i++', '', 'addition overflows'],
      ['down to zero', 'let i: u8 = end; i >= 0; i--', '', 'subtraction goes below zero'],
      ['that the body assigns', 'let i: u8 = 0; i < end; i++', 'if (i == 9) i = 255', 'addition overflows'],
      ['that the body steps', 'let i: u8 = 0; i < end; i++', 'if (i == 254) i++', 'addition overflows'],
      [
        'that the condition assigns',
        'let i: u8 = 0; i < end && (i = 255) > 0; i++',
        '',
        'addition overflows',
      ],
      [
        'that is another than the compared',
        'let i: u8 = 250, j: u8 = 0; j < end; i++',
        '',
        'addition overflows',
      ],
      ['without a condition', 'let i: u8 = 0; ; i++', '', 'addition overflows'],
    ])('%s ends the call', async (_, head, body, message) => {
      expect(await loop(head, body)).toThrow(`reverted: ${message}`)
    })
    it('costs nothing to check where it cannot overflow', async () => {
      const source = (marks: string): string =>
        contract(
          `@view run(n: i32): i32 { return this.last(n) }
           ${marks} private last(n: i32): i32 { let last = 0; for (let i = 0; i < n; i++) last = i; return last }`,
        )
      const [checked, unchecked] = [
        await compileText({ 'main.ts': source('') }),
        await compileText({ 'main.ts': source('@unchecked') }),
      ]
      expect(checked.wasm).toEqual(unchecked.wasm)
    })
  })

  it('says the same, for the same gas, each time', async () => {
    const chain = await deployed(contract('@view run(a: u64, b: u64): u64 { return a + b }'))
    const args = new Uint8Array(16).fill(255)
    const [one, two] = [chain.callRaw(AT, 'run', args), chain.callRaw(AT, 'run', args)]
    expect(one.kind).toBe('reverted')
    expect(two).toEqual(one)
  })
})
