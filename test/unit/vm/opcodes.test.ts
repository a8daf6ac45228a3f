import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import * as gas from '../../../vm/gas.ts'
import { INSTRUMENTER_VERSION } from '../../../vm/instrument.ts'
import { F32, F64, I32, I64, OPCODES } from '../../../vm/opcodes.ts'
import { LIMITS, PROFILE_VERSION } from '../../../vm/profile.ts'
import { body, bytes, section, vec } from './bytes.ts'

const TYPE: Record<string, number> = { i: I32, I: I64, f: F32, F: F64 }
const IMMEDIATE: Record<string, number[]> = {
  none: [],
  memarg: [0, 0],
  i32: [0],
  i64: [0],
  f32: [0, 0, 0, 0],
  f64: [0, 0, 0, 0, 0, 0, 0, 0],
  memory: [0],
  memories: [0, 0],
}

function digest(value: unknown): string {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

describe('the opcode table', () => {
  const typed = [...OPCODES.values()].filter(
    op => !(op.pops + op.pushes).includes('?') && IMMEDIATE[op.immediate] !== undefined,
  )
  test.each(typed)('$name takes and gives what the engine says', ({ code, pops, pushes, immediate }) => {
    const params = Array.from(pops, type => TYPE[type] as number)
    const results = Array.from(pushes, type => TYPE[type] as number)
    const opcode = code > 0xff ? [0xfc, code - 0x100] : [code]
    const instructions = [
      ...params.flatMap((_, i) => [0x20, i]),
      ...opcode,
      ...(IMMEDIATE[immediate] as number[]),
    ]
    const module = bytes(
      section(1, vec([[0x60, params.length, ...params, results.length, ...results]])),
      section(3, vec([[0]])),
      section(5, vec([[0, 1]])),
      section(10, vec([body([0], instructions)])),
    )
    expect(WebAssembly.validate(module)).toBe(true)
  })

  test('covers all but the instructions whose types the context gives', () => {
    expect(OPCODES.size - typed.length).toBe(18)
  })
})

test('gas, limits and opcodes change only together with their versions', () => {
  expect({
    versions: [gas.GAS_SCHEDULE_VERSION, PROFILE_VERSION, INSTRUMENTER_VERSION],
    gas: digest(gas),
    limits: digest(LIMITS),
    opcodes: digest([...OPCODES.values()]),
  }).toMatchInlineSnapshot(`
    {
      "gas": "eea2209447df6594",
      "limits": "e98e7c472ee1bcf5",
      "opcodes": "05a05600120c9506",
      "versions": [
        2,
        2,
        2,
      ],
    }
  `)
})
