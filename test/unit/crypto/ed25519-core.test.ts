/**
 * The core's parts against BigInt, which knows no limbs: at the most that limbs may hold, and at the numbers where the
 * smallest form of an element is not the one that stands there.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ed25519 } from '@noble/curves/ed25519.js'
import { main } from 'assemblyscript/asc'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom } from '../../sim/random.ts'

const SOURCES = join(import.meta.dirname, '../../../node/crypto/ed25519-core/assembly')
const ENTRY = `
export { add, subtract, reduce, negateWhere, choose } from './field'
export { multiply, square } from './multiply'
export { invert, powerForRoot } from './power'
export { putBytes, isZero, isOdd, hasBytes } from './bytes'
export { preparePoints, decompress, double, negate, divide, settle, multiples, isWritten } from './point'
export { reduceWide, putDigits } from './scalar'
`

const PRIME = 2n ** 255n - 19n
const { Point } = ed25519
const ORDER = Point.Fn.ORDER

type Function = (...args: number[]) => number
let core: Record<string, Function> & { readonly memory: WebAssembly.Memory }

/** Where operands go: beyond what the core has for itself. */
const AT = 4 * 65_536
const FIELD = 160
const POINT = 4 * FIELD
const LANES = [0, 1, 2, 3] as const
const LIMBS = 10
const bitsOf = (limb: number): number => (limb % 2 === 0 ? 26 : 25)
const offsetOf = (limb: number): bigint => BigInt(Math.ceil(25.5 * limb))

const words = (): Uint32Array => new Uint32Array(core.memory.buffer)
const bytes = (): Uint8Array => new Uint8Array(core.memory.buffer)
const call = (name: string, ...args: number[]): number => (core[name] as Function)(...args)

const putLimbs = (at: number, lane: number, limbs: readonly number[]): void => {
  limbs.forEach((limb, i) => {
    words()[at / 4 + 4 * i + lane] = limb
  })
}
const limbsAt = (at: number, lane: number): number[] =>
  Array.from({ length: LIMBS }, (_, i) => words()[at / 4 + 4 * i + lane] as number)
const valueAt = (at: number, lane: number): bigint =>
  limbsAt(at, lane).reduce((sum, limb, i) => sum + (BigInt(limb) << offsetOf(i)), 0n)
const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by
const putNumber = (at: number, value: bigint, length: number): void => {
  for (let i = 0; i < length; i++) bytes()[at + i] = Number((value >> BigInt(8 * i)) & 0xffn)
}
const numberAt = (at: number, length: number): bigint =>
  bytes()
    .slice(at, at + length)
    .reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)

const random = createRandom(25519)
const below = (bound: number): number => random.below(bound)
/** As much as an excess allows in a third of the limbs, nothing in another, something in between in the others. */
const limbsWith = (excess: number): number[] =>
  Array.from({ length: LIMBS }, (_, i) => {
    const most = Math.ceil(2 ** (bitsOf(i) + excess)) - 1
    return [most, 0, below(most)][below(3)] as number
  })
const full = (excess: number): number[] =>
  Array.from({ length: LIMBS }, (_, i) => Math.ceil(2 ** (bitsOf(i) + excess)) - 1)
const isReduced = (at: number): boolean =>
  LANES.every(lane => limbsAt(at, lane).every((limb, i) => limb < 2 ** (bitsOf(i) + 0.001)))

const [A, B, OUT] = [AT, AT + FIELD, AT + 2 * FIELD]

beforeAll(async () => {
  let wasm: Uint8Array<ArrayBuffer> | undefined
  const { error } = await main(
    [
      'entry.ts',
      '--outFile',
      'parts.wasm',
      '--runtime',
      'stub',
      '-O3',
      '--enable',
      'simd',
      '--noAssert',
      '--use',
      'abort=',
    ],
    {
      readFile: name =>
        name === 'entry.ts' ? ENTRY : readFile(join(SOURCES, name), 'utf8').catch(() => null),
      writeFile: (_, contents) => {
        if (typeof contents !== 'string') wasm = Uint8Array.from(contents)
      },
    },
  )
  if (error !== null || wasm === undefined) throw error ?? new Error('nothing came out')
  core = new WebAssembly.Instance(new WebAssembly.Module(wasm), {}).exports as unknown as typeof core
  ;(core.memory as unknown as { grow(pages: number): void }).grow(8)
  call('preparePoints')
})

describe('elements of the field', () => {
  it.each([
    ['multiply', 2.5, 1.75, (x: bigint, y: bigint) => x * y],
    ['square', 1.75, 0, (x: bigint) => x * x],
  ] as const)('%s with as much in their limbs as they may have', (name, excessA, excessB, expected) => {
    for (let round = 0; round < 2_000; round++) {
      for (const lane of LANES) {
        putLimbs(A, lane, round === 0 ? full(excessA) : limbsWith(excessA))
        putLimbs(B, lane, round === 0 ? full(excessB) : limbsWith(excessB))
      }
      const expectedLanes = LANES.map(lane => modulo(expected(valueAt(A, lane), valueAt(B, lane)), PRIME))
      call(name, OUT, A, B)
      expect(LANES.map(lane => modulo(valueAt(OUT, lane), PRIME))).toEqual(expectedLanes)
      expect(isReduced(OUT)).toBe(true)
    }
  })

  it('add, subtract and reduce', () => {
    for (let round = 0; round < 500; round++) {
      for (const lane of LANES) {
        putLimbs(A, lane, limbsWith(1))
        putLimbs(B, lane, limbsWith(0.001))
      }
      for (const [name, expected] of [
        ['add', (x: bigint, y: bigint) => x + y],
        ['subtract', (x: bigint, y: bigint) => x - y],
      ] as const) {
        call(name, OUT, A, B)
        const expectedLanes = LANES.map(lane => modulo(expected(valueAt(A, lane), valueAt(B, lane)), PRIME))
        expect(LANES.map(lane => modulo(valueAt(OUT, lane), PRIME))).toEqual(expectedLanes)
        call('reduce', OUT, OUT)
        expect(LANES.map(lane => modulo(valueAt(OUT, lane), PRIME))).toEqual(expectedLanes)
        expect(isReduced(OUT)).toBe(true)
      }
      for (const lane of LANES) putLimbs(A, lane, limbsWith(5))
      const before = LANES.map(lane => modulo(valueAt(A, lane), PRIME))
      call('reduce', A, A)
      expect(LANES.map(lane => modulo(valueAt(A, lane), PRIME))).toEqual(before)
      expect(isReduced(A)).toBe(true)
    }
  })

  it('are negated and chosen lane by lane', () => {
    const MASK = OUT + FIELD
    for (const lane of LANES) {
      putLimbs(A, lane, limbsWith(0.001))
      putLimbs(B, lane, limbsWith(0.001))
      words()[MASK / 4 + lane] = lane % 2 === 0 ? 0 : 0xffffffff
    }
    call('negateWhere', OUT, A, MASK)
    for (const lane of LANES)
      expect(modulo(valueAt(OUT, lane), PRIME)).toBe(
        modulo(lane % 2 === 0 ? valueAt(A, lane) : -valueAt(A, lane), PRIME),
      )
    call('choose', OUT, A, B, MASK)
    for (const lane of LANES) expect(limbsAt(OUT, lane)).toEqual(limbsAt(lane % 2 === 0 ? A : B, lane))
  })

  it('invert and take the power for roots', () => {
    for (const lane of LANES) putLimbs(A, lane, limbsWith(0.001))
    call('invert', OUT, A)
    for (const lane of LANES) expect(modulo(valueAt(OUT, lane) * valueAt(A, lane), PRIME)).toBe(1n)
    call('powerForRoot', OUT, A)
    for (const lane of LANES)
      expect(modulo(valueAt(OUT, lane), PRIME)).toBe(
        Point.Fp.pow(modulo(valueAt(A, lane), PRIME), (PRIME - 5n) / 8n),
      )
  })

  const NUMBERS = [0n, 1n, 2n, 18n, 19n, 20n, PRIME - 1n, PRIME, PRIME + 1n, 2n ** 255n - 1n, 2n ** 254n]
  it.each(NUMBERS)('know the smallest form of %d, however it stands in the limbs', number => {
    const smallest = modulo(number, PRIME)
    const TEXT = OUT + FIELD
    putNumber(TEXT, smallest, 32)
    putNumber(TEXT + 32, smallest ^ 1n, 32)
    // As it is; with another prime in it, two, and as many as the limbs take.
    for (const [lane, primes] of ([0n, 1n, 2n, 40n] as const).entries()) {
      let rest = number + primes * PRIME
      putLimbs(
        A,
        lane,
        Array.from({ length: LIMBS }, (_, i) => {
          const limb = i === LIMBS - 1 ? rest : rest & (2n ** BigInt(bitsOf(i)) - 1n)
          rest >>= BigInt(bitsOf(i))
          return Number(limb)
        }),
      )
      expect(modulo(valueAt(A, lane), PRIME)).toBe(smallest)
      expect(call('isZero', A, lane) !== 0).toBe(smallest === 0n)
      expect(call('isOdd', A, lane) !== 0).toBe(smallest % 2n === 1n)
      expect(call('hasBytes', A, lane, TEXT) !== 0).toBe(true)
      expect(call('hasBytes', A, lane, TEXT + 32) !== 0).toBe(false)
    }
  })

  it('are read from bytes without the top bit', () => {
    for (const number of [...NUMBERS, 2n ** 256n - 1n, 0x123456789abcdefn << 190n]) {
      putNumber(B, number, 32)
      call('putBytes', A, 2, B)
      expect(valueAt(A, 2)).toBe(number & (2n ** 255n - 1n))
    }
  })
})

describe('points', () => {
  const P = AT
  const MANY = AT + POINT
  const TEXT = AT + 40 * POINT
  const put = (at: number, points: readonly InstanceType<typeof Point>[]): number => {
    points.forEach((point, lane) => bytes().set(point.toBytes(), TEXT + 32 * lane))
    return call('decompress', at, TEXT, TEXT + 32, TEXT + 64, TEXT + 96)
  }
  const isAt = (at: number, lane: number, point: InstanceType<typeof Point>): boolean => {
    bytes().set(point.toBytes(), TEXT + 128)
    return call('isWritten', at, lane, TEXT + 128) !== 0
  }
  const T8 = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')
  const some = [
    Point.BASE,
    Point.BASE.multiply(ORDER - 5n),
    Point.BASE.multiply(12_345n).add(T8),
    Point.BASE.multiply(2n ** 200n).add(T8.double()),
  ]

  it('are read, doubled, negated and multiplied, those with a part of small order too', () => {
    expect(put(P, some)).toBe(0b1111)
    some.forEach((point, lane) => expect(isAt(P, lane, point)).toBe(true))
    some.forEach((point, lane) => expect(isAt(P, lane, point.negate())).toBe(false))
    call('negate', P)
    some.forEach((point, lane) => expect(isAt(P, lane, point.negate())).toBe(true))
    call('negate', P)
    call('multiples', MANY, 16, P)
    call('divide', MANY, 16)
    for (let times = 1; times <= 16; times++)
      some.forEach((point, lane) =>
        expect(isAt(MANY + (times - 1) * POINT, lane, point.multiplyUnsafe(BigInt(times)))).toBe(true),
      )
    for (let i = 0; i < 20; i++) call('double', P)
    call('divide', P, 1)
    some.forEach((point, lane) => expect(isAt(P, lane, point.multiplyUnsafe(2n ** 20n))).toBe(true))
    call('settle', P)
    call('double', P)
    call('divide', P, 1)
    some.forEach((point, lane) => expect(isAt(P, lane, point.multiplyUnsafe(2n ** 21n))).toBe(true))
  })

  it('are told from what is none, in each lane alone', () => {
    const isPoint = (y: bigint): boolean => {
      try {
        Point.fromBytes(Uint8Array.from({ length: 32 }, (_, i) => Number((y >> BigInt(8 * i)) & 0xffn)))
        return true
      } catch {
        return false
      }
    }
    let found = 0
    for (let y = 2n; y < 102n; y += 4n) {
      const ys = LANES.map(lane => y + BigInt(lane))
      ys.forEach((value, lane) => putNumber(TEXT + 32 * lane, value, 32))
      const valid = call('decompress', P, TEXT, TEXT + 32, TEXT + 64, TEXT + 96)
      expect(LANES.map(lane => ((valid >> lane) & 1) === 1)).toEqual(ys.map(isPoint))
      found += ys.filter(isPoint).length
    }
    expect(found).toBeGreaterThan(30)
    expect(found).toBeLessThan(70)
  })
})

describe('scalars', () => {
  it('of 512 bits are reduced', () => {
    const cases = [
      0n,
      1n,
      ORDER - 1n,
      ORDER,
      ORDER + 1n,
      2n ** 256n - 1n,
      2n ** 512n - 1n,
      (ORDER << 256n) - 1n,
    ]
    for (let i = 0; i < 300; i++)
      cases.push(
        Array.from({ length: 16 }, () => BigInt(below(2 ** 32))).reduce((a, b) => (a << 32n) | b, 0n),
      )
    for (const value of cases) {
      putNumber(AT, value, 64)
      call('reduceWide', AT + 64, AT)
      expect(numberAt(AT + 64, 32)).toBe(value % ORDER)
    }
  })

  it.each([4, 8])('are written in digits of %d bits with signs', bits => {
    const half = 2 ** (bits - 1)
    for (const value of [0n, 1n, ORDER - 1n, 2n ** 252n - 1n, ((2n ** 252n - 1n) / 15n) * 8n, 2n ** 251n]) {
      putNumber(AT, value, 32)
      call('putDigits', AT + 32, AT, bits)
      const digits = Array.from(new Int8Array(core.memory.buffer, AT + 32, 256 / bits))
      expect(digits.every(digit => -half <= digit && digit < half)).toBe(true)
      expect(digits.reduceRight((sum, digit) => sum * 2n ** BigInt(bits) + BigInt(digit), 0n)).toBe(value)
    }
  })
})
