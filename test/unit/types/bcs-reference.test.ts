/** Our BCS against the library of the Move world (`@mysten/bcs`): the same bytes, the same values, the same refusals. */
import { bcs, type BcsType as LibraryType } from '@mysten/bcs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type BcsType,
  bool,
  byteString,
  byteView,
  CodecError,
  createCodec,
  fixedBytes,
  list,
  option,
  string,
  struct,
  u128,
  u16,
  u256,
  u32,
  u64,
  u8,
  union,
} from '../../../node/types/codec.ts'
import { toHex } from '../../../node/types/primitives.ts'

/** One type, twice, and its values. `toLibrary` of a value is the same value as the library has it. */
interface Twin {
  readonly ours: BcsType<unknown>
  readonly library: LibraryType<unknown, unknown>
  readonly values: fc.Arbitrary<unknown>
  readonly toLibrary: (value: unknown) => unknown
}

const same = (value: unknown): unknown => value
const MAX = 40

const leaf = (
  ours: BcsType<unknown>,
  library: unknown,
  values: fc.Arbitrary<unknown>,
  toLibrary: Twin['toLibrary'] = same,
): Twin => ({
  ours,
  library: library as LibraryType<unknown, unknown>,
  values,
  toLibrary,
})
/** The edges of each 32 bits, too. */
const wide = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt(0n, (1n << BigInt(bits)) - 1n),
    fc
      .tuple(fc.integer({ min: 0, max: bits }), fc.integer({ min: -1, max: 1 }))
      .map(([bit, beside]) => BigInt.asUintN(bits, (1n << BigInt(bit)) + BigInt(beside))),
  )

const LEAVES: readonly Twin[] = [
  leaf(bool, bcs.bool(), fc.boolean()),
  leaf(u8, bcs.u8(), fc.nat(0xff)),
  leaf(u16, bcs.u16(), fc.nat(0xffff)),
  leaf(u32, bcs.u32(), fc.nat(0xffff_ffff)),
  leaf(u64, bcs.u64(), wide(64), String),
  leaf(u128, bcs.u128(), wide(128), String),
  leaf(u256, bcs.u256(), wide(256), String),
  leaf(string, bcs.string(), fc.string({ unit: 'binary', maxLength: 80 })),
  leaf(fixedBytes(5), bcs.bytes(5), fc.uint8Array({ minLength: 5, maxLength: 5 })),
  leaf(byteString(300), bcs.byteVector(), fc.uint8Array({ maxLength: 300 })),
  leaf(byteView(300), bcs.byteVector(), fc.uint8Array({ maxLength: 300 })),
]

const structOf = (fields: readonly Twin[]): Twin => ({
  ours: struct('S', Object.fromEntries(fields.map(({ ours }, i) => [`f${i}`, ours]))),
  library: bcs.struct(
    'S',
    Object.fromEntries(fields.map(({ library }, i) => [`f${i}`, library])),
  ) as LibraryType<unknown, unknown>,
  values: fc.record(Object.fromEntries(fields.map(({ values }, i) => [`f${i}`, values]))),
  toLibrary: value =>
    Object.fromEntries(fields.map(({ toLibrary }, i) => [`f${i}`, toLibrary((value as never)[`f${i}`])])),
})
const listOf = ({ ours, library, values, toLibrary }: Twin): Twin => ({
  ours: list(ours, MAX),
  library: bcs.vector(library) as unknown as LibraryType<unknown, unknown>,
  values: fc.array(values, { maxLength: 6 }),
  toLibrary: value => (value as unknown[]).map(toLibrary),
})
const optionOf = ({ ours, library, values, toLibrary }: Twin): Twin => ({
  ours: option(ours),
  library: bcs.option(library),
  values: fc.option(values, { nil: undefined }),
  toLibrary: value => (value === undefined ? null : toLibrary(value)),
})
/** The library has `{$kind, [kind]: fields}` where we have `{kind, ...fields}`. */
const unionOf = (structs: readonly Twin[]): Twin => ({
  ours: union<{ kind: string }>(
    'U',
    Object.fromEntries(structs.map(({ ours }, i) => [`k${i}`, ours])) as never,
  ),
  library: bcs.enum(
    'U',
    Object.fromEntries(structs.map(({ library }, i) => [`k${i}`, library])),
  ) as unknown as LibraryType<unknown, unknown>,
  values: fc.oneof(
    ...structs.map(({ values }, i) => values.map(fields => ({ kind: `k${i}`, ...(fields as object) }))),
  ),
  toLibrary: value => {
    const { kind, ...fields } = value as { kind: string }
    return { $kind: kind, [kind]: structs[Number(kind.slice(1))]?.toLibrary(fields) }
  },
})

const structs = (field: fc.Arbitrary<Twin>): fc.Arbitrary<Twin> =>
  fc.array(field, { maxLength: 4 }).map(structOf)
const { type: twins } = fc.letrec<{ type: Twin; field: Twin }>(tie => ({
  field: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(...LEAVES),
    tie('field').map(listOf),
    tie('field').map(optionOf),
    structs(tie('field')),
  ),
  type: fc.oneof(
    tie('field'),
    structs(tie('field')),
    fc.array(structs(tie('field')), { minLength: 1, maxLength: 4 }).map(unionOf),
  ),
}))

const codecOf = ({ ours }: Twin) => createCodec(ours, 1 << 20)

describe('our BCS and the library’s', () => {
  it('write the same bytes and read the same value, of any type', () => {
    const cases = twins.chain(twin => twin.values.map(value => ({ twin, value })))
    fc.assert(
      fc.property(cases, ({ twin, value }) => {
        const codec = codecOf(twin)
        const bytes = codec.encode(value)
        expect(toHex(bytes)).toBe(toHex(twin.library.serialize(twin.toLibrary(value)).toBytes()))
        expect(codec.decode(bytes)).toEqual(value)
        expect(twin.library.parse(bytes)).toEqual(twin.toLibrary(value))
      }),
      { numRuns: 1_000 },
    )
  })

  it('what ours reads of any bytes, the library reads too, and it is their only encoding', () => {
    const cases = twins.chain(twin =>
      fc
        .tuple(twin.values, fc.array(fc.tuple(fc.nat(400), fc.nat(0xff)), { maxLength: 3 }), fc.nat(3))
        .map(([value, edits, cut]) => ({ twin, value, edits, cut })),
    )
    let read = 0
    let refused = 0
    fc.assert(
      fc.property(cases, ({ twin, value, edits, cut }) => {
        const codec = codecOf(twin)
        const bytes = codec.encode(value)
        for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte
        const given = bytes.subarray(0, bytes.length - cut)
        let found: unknown
        try {
          found = codec.decode(given)
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError)
          refused++
          return
        }
        read++
        expect(toHex(codec.encode(found))).toBe(toHex(given))
        expect(twin.library.parse(Uint8Array.from(given))).toEqual(twin.toLibrary(found))
      }),
      { numRuns: 2_000 },
    )
    expect(Math.min(read, refused)).toBeGreaterThan(100)
  })
})
