import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { decodeAndValidate } from '../../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { instrument } from '../../../vm/instrument.ts'
import { ProfileError } from '../../../vm/profile.ts'
import { body, bytes, HEADER, leb, oneFunction, section, text, vec } from './bytes.ts'
import { wat } from './wat.ts'

function refusal(code: Uint8Array): ProfileError {
  try {
    decodeAndValidate(code, HOST_IMPORT_TYPES)
  } catch (error) {
    if (error instanceof ProfileError) return error
    throw error
  }
  throw new Error('the module was accepted')
}

function accept(code: Uint8Array): void {
  instrument(decodeAndValidate(code, HOST_IMPORT_TYPES))
}

const NOTHING = section(1, vec([[0x60, 0, 0]]))

describe('what is refused, with code, offset and advice', () => {
  const cases: [rule: string, code: Uint8Array, expected: Partial<ProfileError>][] = [
    ['an empty file', new Uint8Array(0), { code: 'malformed', offset: 0 }],
    ['another file', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46]), { code: 'malformed', offset: 0 }],
    ['another version', Uint8Array.from([0, 0x61, 0x73, 0x6d, 2, 0, 0, 0]), { code: 'malformed', offset: 4 }],
    ['a section longer than the file', bytes([1, 5, 0]), { code: 'unexpected_end', offset: 10 }],
    ['a section twice', bytes(NOTHING, NOTHING), { code: 'malformed', offset: 14 }],
    ['sections out of order', bytes(section(3, [0]), section(1, [0])), { code: 'malformed', offset: 11 }],
    ['a tag section', bytes(section(13, [0])), { code: 'forbidden_section', offset: 8 }],
    ['a section with bytes left over', bytes(section(1, [0, 0])), { code: 'malformed', offset: 11 }],
    [
      'a start section',
      bytes(NOTHING, section(3, vec([[0]])), section(8, [0]), section(10, vec([body([0], [])]))),
      {
        code: 'start_section',
        offset: 18,
        advice: expect.stringContaining('--exportStart _start') as string,
      },
    ],
    ['multi-value results', bytes(section(1, vec([[0x60, 0, 2, 0x7f, 0x7f]]))), { code: 'forbidden_type' }],
    [
      'a v128 parameter',
      bytes(section(1, vec([[0x60, 1, 0x7b, 0]]))),
      { code: 'forbidden_type', offset: 13 },
    ],
    ['a gc type', bytes(section(1, vec([[0x5f, 0]]))), { code: 'forbidden_type', offset: 11 }],
    [
      'two memories',
      bytes(
        section(
          5,
          vec([
            [0, 1],
            [0, 1],
          ]),
        ),
      ),
      { code: 'forbidden_memory', offset: 10 },
    ],
    ['a shared memory', bytes(section(5, vec([[3, 1, 1]]))), { code: 'forbidden_memory' }],
    ['a 64-bit memory', bytes(section(5, vec([[4, 1]]))), { code: 'forbidden_memory' }],
    ['a large initial memory', bytes(section(5, vec([[0, 5]]))), { code: 'limit' }],
    ['a table of externref', bytes(section(4, vec([[0x6f, 0, 1]]))), { code: 'forbidden_table' }],
    [
      'two tables',
      bytes(
        section(
          4,
          vec([
            [0x70, 0, 1],
            [0x70, 0, 1],
          ]),
        ),
      ),
      { code: 'limit' },
    ],
    ['a large table', bytes(section(4, vec([[0x70, 0, ...leb(1025)]]))), { code: 'limit' }],
    [
      'a global computed by an expression',
      bytes(section(6, vec([[0x7f, 0, 0x41, 1, 0x41, 1, 0x6a, 0x0b]]))),
      {
        code: 'forbidden_opcode',
      },
    ],
    [
      'a global that reads a global',
      bytes(section(6, vec([[0x7f, 0, 0x23, 0, 0x0b]]))),
      {
        code: 'forbidden_opcode',
      },
    ],
    [
      'a passive data segment',
      bytes(section(5, vec([[0, 1]])), section(11, vec([[1, 1, 0x61]]))),
      {
        code: 'forbidden_segment',
        advice: expect.stringContaining('bulk-memory') as string,
      },
    ],
    [
      'data outside the memory',
      bytes(section(5, vec([[0, 1]])), section(11, vec([[0, 0x41, 0x7f, 0x0b, 1, 0x61]]))),
      {
        code: 'segment_out_of_bounds',
      },
    ],
    [
      'data without a memory',
      bytes(section(11, vec([[0, 0x41, 0, 0x0b, 1, 0x61]]))),
      {
        code: 'segment_out_of_bounds',
      },
    ],
    ['a wrong data count', bytes(section(12, [2]), section(11, [0])), { code: 'malformed' }],
    ['functions without bodies', bytes(NOTHING, section(3, vec([[0]]))), { code: 'malformed' }],
    ['bodies without functions', bytes(section(10, vec([body([0], [])]))), { code: 'malformed' }],
    [
      'a number of 6 bytes',
      bytes([1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0]),
      { code: 'malformed', offset: 14 },
    ],
    ['SIMD', oneFunction([0xfd, 0x0c]), { code: 'forbidden_opcode', functionIndex: 0, offset: 23 }],
    ['atomics', oneFunction([0xfe, 0x00]), { code: 'forbidden_opcode' }],
    ['tail calls', oneFunction([0x12, 0]), { code: 'forbidden_opcode' }],
    ['exceptions', oneFunction([0x06, 0x40, 0x0b]), { code: 'forbidden_opcode' }],
    ['reference types', oneFunction([0xd0, 0x70, 0x1a]), { code: 'forbidden_opcode' }],
    ['typed select', oneFunction([0x1c, 1, 0x7f]), { code: 'forbidden_opcode' }],
    ['table.get', oneFunction([0x25, 0]), { code: 'forbidden_opcode' }],
    ['memory.init', oneFunction([0xfc, 8, 0, 0]), { code: 'forbidden_opcode' }],
    ['table.grow', oneFunction([0xfc, 15, 0]), { code: 'forbidden_opcode' }],
    ['an opcode that does not exist', oneFunction([0xff]), { code: 'forbidden_opcode' }],
    [
      'a wide 0xfc opcode that does not exist',
      oneFunction([0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f]),
      {
        code: 'forbidden_opcode',
      },
    ],
    ['a forbidden opcode in dead code', oneFunction([0x00, 0xfd, 0x0c]), { code: 'forbidden_opcode' }],
    ['a block with parameters', oneFunction([0x02, 0x00, 0x0b]), { code: 'forbidden_type' }],
    ['a memory index', oneFunction([0x41, 0, 0x40, 1, 0x1a]), { code: 'forbidden_opcode' }],
    ['else without if', oneFunction([0x02, 0x40, 0x05, 0x0b]), { code: 'malformed' }],
    ['a second else', oneFunction([0x41, 0, 0x04, 0x40, 0x05, 0x05, 0x0b]), { code: 'malformed' }],
    ['a body that goes on', oneFunction([0x0b, 0x01]), { code: 'malformed' }],
    ['a body without end', oneFunction([0x02, 0x40]), { code: 'unexpected_end' }],
    ['a label that is not open', oneFunction([0x0c, 1]), { code: 'invalid' }],
    ['a type error', oneFunction([0x42, 0, 0x41, 0, 0x6a, 0x1a]), { code: 'invalid' }],
    ['a missing operand', oneFunction([0x1a]), { code: 'invalid', functionIndex: 0, offset: 23 }],
  ]
  test.each(cases)('%s', (_, code, expected) => {
    const error = refusal(code)
    expect(error).toMatchObject(expected)
    if (error.offset !== undefined) expect(error.message).toContain(`at byte ${error.offset}`)
    if (error.advice !== undefined) expect(error.message).toContain(error.advice)
  })

  test('an import that is not a host function, by name and with what to use instead', () => {
    const importing = (module: string, name: string, type = '(func)'): ProfileError =>
      refusal(wat(`(module (import "${module}" "${name}" ${type}))`))
    expect(importing('env', 'seed', '(func (result f64))')).toMatchObject({
      code: 'forbidden_import',
      reason: 'there is no host function "env.seed"',
      advice: expect.stringContaining('Math.random') as string,
    })
    expect(importing('env', 'Date.now', '(func (result f64))').advice).toContain('time_ms')
    expect(importing('Date', 'now', '(func (result f64))').advice).toContain('time_ms')
    expect(importing('env', 'console.log', '(func (param i32))').advice).toContain('trace()')
    expect(importing('wasi_snapshot_preview1', 'fd_write').advice).toContain('WASI')
    expect(importing('env', 'memory', '(memory 1)')).toMatchObject({
      code: 'forbidden_import',
      advice: expect.stringContaining('--importMemory') as string,
    })
    expect(importing('env', 'table', '(table 1 funcref)').advice).toContain('--importTable')
    expect(importing('env', 'g', '(global i32)').code).toBe('forbidden_import')
    expect(importing('other', 'input', '(func (result i32))').code).toBe('forbidden_import')
  })

  test('a host function imported with another type, in both types’ words', () => {
    const error = refusal(wat('(module (import "env" "input" (func (param f32) (result i64))))'))
    expect(error).toMatchObject({
      code: 'import_type',
      reason: '"env.input" is () -> i32, not (f32) -> i64',
      offset: 19,
    })
  })

  test('exports that would let someone reach inside', () => {
    const exporting = (rest: string): ProfileError => refusal(wat(`(module ${rest})`))
    expect(exporting('(func (export "$gas"))')).toMatchObject({ code: 'forbidden_export' })
    expect(exporting('(global (export "g") (mut i32) (i32.const 0))').advice).toContain('constant')
    expect(exporting('(table (export "t") 1 funcref)').advice).toContain('--exportTable')
    expect(
      exporting('(import "env" "input" (func $f (result i32))) (export "f" (func $f))').reason,
    ).toContain('may not be exported again')
    expect(exporting('(func (export "_start") (param i32))').reason).toContain('start function')
  })

  test('the function is named from the name section, from an export, or not at all', () => {
    const bad = body([0], [0xfd, 0x0c])
    const types = [NOTHING, section(3, vec([[0]]))]
    const names = section(0, [...text('name'), ...section(1, vec([[0, ...text('inner')]]))])
    const withNames = bytes(...types, section(10, vec([bad])), names)
    expect(refusal(withNames).message).toContain('in function 0 (inner), at byte')
    const exported = bytes(...types, section(7, vec([[...text('outer'), 0, 0]])), section(10, vec([bad])))
    expect(refusal(exported)).toMatchObject({ functionName: 'outer' })
    const broken = bytes(...types, section(10, vec([bad])), section(0, [...text('name'), 1, 99]))
    expect(refusal(broken)).toMatchObject({ functionIndex: 0, functionName: undefined })
  })
})

describe('published malformed modules', () => {
  const { cases } = JSON.parse(
    readFileSync(new URL('../../vectors/wasm/malformed.json', import.meta.url), 'utf8'),
  ) as { cases: { name: string; hex: string; v8_valid: boolean }[] }
  test.each(cases)('$name', ({ hex, v8_valid }) => {
    const code = Uint8Array.from(Buffer.from(hex, 'hex'))
    let error: unknown
    try {
      accept(code)
    } catch (e) {
      error = e
    }
    if (!v8_valid || error !== undefined) expect(error).toBeInstanceOf(ProfileError)
  })
})

describe('what is accepted', () => {
  test('an empty module', () => accept(Uint8Array.from(HEADER)))
  test('custom sections are handed out, without names and debug information', () => {
    const custom = (name: string): number[] => section(0, [...text(name), 1, 2])
    const code = bytes(custom('vex.abi'), custom('name'), custom('.debug_info'), custom('sourceMappingURL'))
    const { customSections } = decodeAndValidate(code, HOST_IMPORT_TYPES)
    expect([...customSections]).toEqual([['vex.abi', Uint8Array.from([1, 2])]])
  })
  test('methods that may be called again are read from their section', () => {
    const names = section(0, [...text('vex.reentrant'), 2, ...text('at'), ...text('tick')])
    expect([...decodeAndValidate(bytes(names), HOST_IMPORT_TYPES).reentrant]).toEqual(['at', 'tick'])
    expect([...decodeAndValidate(bytes(), HOST_IMPORT_TYPES).reentrant]).toEqual([])
  })
  test.each<[string, number[][], string]>([
    [
      'with names out of order',
      [[2, ...text('tick'), ...text('at')]],
      'the names in vex.reentrant do not ascend',
    ],
    ['with a name twice', [[2, ...text('at'), ...text('at')]], 'the names in vex.reentrant do not ascend'],
    ['with too few names', [[2, ...text('at')]], 'the bytes end too early'],
    ['with bytes left over', [[1, ...text('at'), 0]], 'section 0 has bytes left over'],
    ['with more names than exports', [[65]], '65 reentrant methods, the limit is 64'],
    [
      'twice',
      [
        [1, ...text('a')],
        [1, ...text('b')],
      ],
      'a second section vex.reentrant',
    ],
  ])('not so a section of them %s', (_, contents, message) => {
    const code = bytes(...contents.map(content => section(0, [...text('vex.reentrant'), ...content])))
    expect(() => decodeAndValidate(code, HOST_IMPORT_TYPES)).toThrow(message)
  })
  test('any truncation or change of one byte of a real module is an answer, not a crash', () => {
    const code =
      wat(`(module (memory 1) (table 2 funcref) (elem (i32.const 0) $f $f) (global (mut i64) (i64.const 5))
      (data (i32.const 8) "abc") (type $t (func (param i32) (result i32)))
      (func $f (type $t) (block (loop (br_if 1 (local.get 0)) (br 0))) (call_indirect (type $t) (i32.const 1) (i32.const 0)))
      (func (export "main") (drop (call $f (i32.const 3)))))`)
    accept(code)
    const attempt = (mutant: Uint8Array): void => {
      try {
        const metered = instrument(decodeAndValidate(mutant, HOST_IMPORT_TYPES))
        expect(WebAssembly.validate(metered)).toBe(true)
      } catch (error) {
        if (!(error instanceof ProfileError)) throw error
      }
    }
    for (let i = 0; i < code.length; i++) {
      attempt(code.slice(0, i))
      for (const change of [0x01, 0x40, 0x80, 0xff]) {
        const mutant = code.slice()
        mutant[i] = (mutant[i] as number) ^ change
        attempt(mutant)
      }
    }
  })
})
