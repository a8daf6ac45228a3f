import { describe, expect, test } from 'vitest'
import type { CallOutcome, CodeFrame } from '../../../vm/execution.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { offsetOf } from './instructions.ts'
import { observe } from './observe.ts'
import { RecordingHost } from './recording-host.ts'
import { contract, importOf, run, type RunOptions } from './run-wat.ts'
import { wat } from './wat.ts'

const codeOf = (outcome: CallOutcome): string => (outcome.kind === 'failed' ? outcome.code : outcome.kind)

function framesOf(code: Uint8Array, options: RunOptions = {}): { end: string; frames: readonly CodeFrame[] } {
  const { outcome, observer } = observe(code, options)
  expect(outcome).toEqual(run(code, { ...options, host: new RecordingHost() }))
  return { end: codeOf(outcome), frames: observer.frames ?? [] }
}

/** Each as [function, instruction, which of them], innermost first. */
function at(code: Uint8Array, ...places: [number, string, number?][]): CodeFrame[] {
  return places.map(([functionIndex, name, nth]) => ({
    functionIndex,
    offset: offsetOf(code, functionIndex, name, nth),
  }))
}

describe('a trap is where its instruction is', () => {
  const traps: [string, string][] = [
    ['unreachable', '(unreachable)'],
    ['i32.div_s', '(drop (i32.div_s (i32.const 1) (local.get $x)))'],
    ['i64.rem_u', '(drop (i64.rem_u (i64.const 1) (i64.extend_i32_u (local.get $x))))'],
    ['i32.trunc_f64_s', '(drop (i32.trunc_f64_s (f64.const 1e30)))'],
    ['i32.load', '(drop (i32.load (i32.const 65536)))'],
    ['i64.store16', '(i64.store16 (i32.const 65535) (i64.const 1))'],
    ['memory.fill', '(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))'],
    ['memory.copy', '(memory.copy (i32.const 65535) (i32.const 0) (i32.const 2))'],
  ]
  const before = `(local.set $x (i32.const 5)) (if (local.get $x) (then (i32.store (i32.const 4) (local.get $x))))
    (local.set $x (i32.const 0))`
  test.each(traps)('%s', (name, body) => {
    const code = contract(`${before} ${body} (i32.store (i32.const 4) (i32.const 1))`)
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, name]) })
  })

  test('two functions deep, with the calls that led there', () => {
    const code = contract(
      '(call $one (i32.const 1)) (call $one (i32.const 0))',
      `(func $two (param i32) (call $height2) (drop (i32.div_s (i32.const 1) (local.get 0))))
       (func $height2 (drop (memory.grow (i32.const 0))))
       (func $one (param i32) (local f64) (call $height2) (call $two (local.get 0)) (call $height2))`,
    )
    expect(framesOf(code)).toEqual({
      end: 'trapped',
      frames: at(code, [0, 'i32.div_s'], [2, 'call', 1], [3, 'call', 1]),
    })
  })

  test('in a loop, in one of its later rounds', () => {
    const code = contract(`(local.set $x (i32.const 3)) (loop $l
      (drop (i32.div_u (i32.const 6) (local.tee $x (i32.sub (local.get $x) (i32.const 1))))) (br $l))`)
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'i32.div_u']) })
  })

  test('behind floats whose NaNs are made canonical', () => {
    const code = contract(
      `(f64.store (i32.const 0) (f64.div (f64.load (i32.const 8)) (f64.load (i32.const 16))))
       (f32.store (i32.const 0) (f32.sqrt (f32.load (i32.const 8)))) (unreachable)`,
    )
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'unreachable']) })
  })

  test('in a leaf that costs the same on every path, for which its callers pay', () => {
    const divide = '(func $divide (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))'
    const code = contract('(drop (call $divide (i32.const 1))) (drop (call $divide (local.get $x)))', divide)
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'i32.div_s'], [1, 'call', 1]) })
  })

  test('in a function called through the table, fixed or not', () => {
    const code = wat(`(module (memory 1) (table 2 2 funcref) (elem (i32.const 0) $fixed $threaded)
      (type $t (func (param i32) (result i32)))
      (func $fixed (param i32) (result i32) (i32.div_s (i32.const 1) (local.get 0)))
      (func $threaded (param i32) (result i32) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))
        (i32.div_u (i32.const 1) (local.get 0)))
      (func (export "fixed") (drop (call_indirect (type $t) (i32.const 0) (i32.const 0))))
      (func (export "threaded") (drop (call_indirect (type $t) (i32.const 0) (i32.const 1)))))`)
    const end = 'trapped'
    expect(framesOf(code, { method: 'fixed' })).toEqual({
      end,
      frames: at(code, [0, 'i32.div_s'], [2, 'call_indirect']),
    })
    expect(framesOf(code, { method: 'threaded' })).toEqual({
      end,
      frames: at(code, [1, 'i32.div_u'], [3, 'call_indirect']),
    })
  })

  test('of an indirect call itself: an empty entry, another type, outside the table', () => {
    const code =
      wat(`(module (table 3 3 funcref) (elem (i32.const 0) $other) (type $t (func)) (func $other (param i32))
      ${[0, 1, 2, 3].map(i => `(func (export "m${i}") (call_indirect (type $t) (i32.const ${i})))`).join(' ')})`)
    for (const i of [0, 1, 2, 3]) {
      expect(framesOf(code, { method: `m${i}` })).toEqual({
        end: 'trapped',
        frames: at(code, [i + 1, 'call_indirect']),
      })
    }
  })

  test('in _start', () => {
    const code = wat('(module (func (export "_start") (unreachable)) (func (export "main")))')
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'unreachable']) })
  })

  test('without a memory or a table of the contract’s own', () => {
    const code = wat('(module (func $f (unreachable)) (func (export "main") (call $f)))')
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'unreachable'], [1, 'call']) })
  })

  test('in an exported method that is a fixed leaf', () => {
    const code = wat('(module (func (export "main") (drop (i32.div_s (i32.const 1) (i32.const 0)))))')
    expect(framesOf(code)).toEqual({ end: 'trapped', frames: at(code, [0, 'i32.div_s']) })
  })
})

describe('an end by the host is where its function was called', () => {
  test.each([
    ['revert', 'reverted', '(call $revert (i32.const 0) (i32.const 0))'],
    ['abort', 'aborted', '(call $abort (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))'],
    [
      'storage_write',
      'limit_exceeded',
      '(call $storage_write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))',
    ],
    ['return_data', 'trapped', '(call $return_data (i32.const 65536) (i32.const 1))'],
  ])('%s: %s', (_, end, call) => {
    const code = contract(
      '(if (i64.ne (call $height) (i64.const 0)) (then (call $f)))',
      `(func $f (drop (call $height)) ${call} (drop (call $height)))`,
    )
    expect(framesOf(code)).toEqual({ end, frames: at(code, [2, 'call', 1], [3, 'call', 1]) })
  })

  test('through the table', () => {
    const code =
      wat(`(module ${importOf('revert')} (memory 1) (table 1 1 funcref) (elem (i32.const 0) $revert)
      (type $t (func (param i32 i32))) (func (export "main") (call_indirect (type $t) (i32.const 0) (i32.const 0) (i32.const 0))))`)
    expect(framesOf(code)).toEqual({ end: 'reverted', frames: at(code, [1, 'call_indirect']) })
  })

  test('without gas for it', () => {
    const code = contract('(drop (call $storage_read (i32.const 0) (i32.const 1)))')
    expect(framesOf(code, { gasLimit: 100n })).toEqual({ end: 'out_of_gas', frames: at(code, [1, 'call']) })
  })

  test('each contract tells of its own frames', () => {
    const inner = contract('(call $f)', '(func $f (unreachable))')
    const outer = contract(
      `(drop (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i64.const 0) (i64.const 0)))
       (call $f)`,
      '(func $f (unreachable))',
    )
    const vm = createVm()
    const host = new RecordingHost()
    const told: (readonly CodeFrame[] | undefined)[] = []
    host.answer = ({ gasLimit, stackLimit }) => {
      const { outcome, observer } = observe(inner, { vm, gasLimit, stackLimit })
      told.push(observer.frames)
      return outcome
    }
    const { observer } = observe(outer, { vm, host })
    expect(told).toEqual([at(inner, [0, 'unreachable'], [1, 'call'])])
    expect(observer.frames).toEqual(at(outer, [1, 'unreachable'], [2, 'call', 1]))
  })
})

describe('a call that runs out is where nobody went on', () => {
  test('of gas, in a loop: at the first instruction of the loop', () => {
    const code = contract(
      '(call $f)',
      '(func $f (loop $l (nop) (i32.store (i32.const 0) (i32.const 1)) (br $l)))',
    )
    expect(framesOf(code, { gasLimit: 5_000n })).toEqual({
      end: 'out_of_gas',
      frames: at(code, [0, 'nop'], [1, 'call']),
    })
  })

  test('of gas, on the way out of the method: at the first instruction of its last part', () => {
    const code = contract('(drop (call $height)) (i32.store (i32.const 8) (i32.const 1))')
    const { gasUsed } = run(code)
    expect(framesOf(code, { gasLimit: gasUsed - 1n })).toEqual({
      end: 'out_of_gas',
      frames: at(code, [1, 'drop']),
    })
  })

  test.each([
    ['memory.grow', '(drop (memory.grow (i32.const 3)))'],
    ['memory.fill', '(memory.fill (i32.const 0) (i32.const 0) (i32.const 60000))'],
    ['memory.copy', '(memory.copy (i32.const 0) (i32.const 0) (i32.const 60000))'],
  ])('of gas for the length of a %s', (name, body) => {
    const code = contract(`(call $f)`, `(func $f (i32.store (i32.const 0) (i32.const 1)) ${body})`)
    expect(framesOf(code, { gasLimit: 1_000n })).toEqual({
      end: 'out_of_gas',
      frames: at(code, [0, name], [1, 'call']),
    })
  })

  test('of contract stack: at the first instruction of the function that had no room, below all that had', () => {
    const code = contract('(call $r (i32.const 1))', '(func $r (param i32) (call $r (local.get 0)))')
    const { end, frames } = framesOf(code, { stackLimit: 1_000 })
    expect(end).toBe('stack_overflow')
    // main: 1 local, 1 operand, 16 words; $r: 2 x 1 parameter, 1 local, 1 operand, 16.
    const rooms = Math.floor((1_000 - 18) / 20)
    const inside = at(code, [0, 'call'])
    expect(frames).toEqual([
      ...at(code, [0, 'local.get']),
      ...Array.from({ length: rooms }, () => inside).flat(),
      ...at(code, [1, 'call']),
    ])
  })
})

describe('gas left', () => {
  const left = (code: Uint8Array, options: RunOptions = {}): bigint | undefined =>
    observe(code, options).observer.gasLeft

  test('is what the outcome leaves after revert, abort and refusals', () => {
    for (const call of [
      '(call $revert (i32.const 0) (i32.const 0))',
      '(call $storage_write (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))',
    ]) {
      const code = contract(call)
      const { gasUsed } = run(code)
      expect(left(code, { gasLimit: 1_000_000n })).toBe(1_000_000n - gasUsed)
    }
  })

  test('after a trap counts what ran, not what was paid for in advance', () => {
    const trap = '(drop (i32.div_s (i32.const 1) (local.get $x)))'
    const after = '(i32.store (i32.const 0) (i32.const 1))'.repeat(20)
    // Two constants, or a constant and a local, and the division.
    expect(left(contract(`${trap} ${after}`), { gasLimit: 1_000n })).toBe(1_000n - (1n + 1n + 10n))
    expect(
      left(contract(`(call $f) ${after}`, `(func $f (local $x i32) ${trap} ${after})`), { gasLimit: 1_000n }),
    ).toBe(1_000n - (14n + 1n + 1n + 10n))
  })

  test('is none after running out of it', () => {
    expect(left(contract('(loop $l (br $l))'))).toBe(0n)
  })
})

describe('an observer', () => {
  test('is not told of a call that returned, nor of one that never began', () => {
    const code = contract('')
    expect(observe(code).observer.frames).toBeUndefined()
    expect(observe(code, { method: 'nothing' }).observer.frames).toBeUndefined()
  })

  test('leaves the engine’s stack traces as they were', () => {
    const before = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    try {
      const code = contract('(unreachable)')
      expect(framesOf(code).frames).toEqual(at(code, [0, 'unreachable']))
      expect(Error.stackTraceLimit).toBe(0)
    } finally {
      Error.stackTraceLimit = before
    }
  })

  test('may throw: that is no end of the call, and the next one is not touched by it', () => {
    const vm = createVm()
    const code = contract('(drop (call $height)) (call $revert (i32.const 0) (i32.const 0))')
    const profile = {
      enter: () => undefined,
      leave: () => undefined,
      spend: () => undefined,
      host: () => undefined,
    }
    const broken = (): never => {
      throw new Error('broken observer')
    }
    for (const observer of [
      { failed: broken },
      ...(['enter', 'leave', 'spend', 'host'] as const).map(name => ({
        profile: { ...profile, [name]: broken },
      })),
    ]) {
      expect(() => run(code, { vm, observer })).toThrow('broken observer')
      expect(run(code, { vm }).kind).toBe('reverted')
    }
  })

  test('of many contracts keeps few modules, and asks for the code again', () => {
    const vm = createVm()
    const codes = Array.from({ length: 20 }, (_, i) =>
      contract(`(i32.store (i32.const 0) (i32.const ${i})) (unreachable)`),
    )
    for (const code of [...codes, ...codes]) {
      expect(observe(code, { vm, stackLimit: LIMITS.stackWords }).observer.frames).toEqual(
        at(code, [0, 'unreachable']),
      )
    }
  })
})
