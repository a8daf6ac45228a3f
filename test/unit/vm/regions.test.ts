import { describe, expect, test } from 'vitest'
import type { CallOutcome } from '../../../vm/execution.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { referenceExecute } from '../../reference/execute.ts'
import { body, bytes, section, text, vec } from './bytes.ts'
import { RecordingHost } from './recording-host.ts'
import { importOf, run } from './run-wat.ts'
import { wat } from './wat.ts'

const LIMIT = 1_000_000n

/** Runs `main` in both: how it ends and the gas it used. */
function both(code: Uint8Array<ArrayBuffer>): { vm: CallOutcome; reference: CallOutcome } {
  const { outcome } = referenceExecute(code, {
    method: 'main',
    args: new Uint8Array(0),
    gasLimit: LIMIT,
    stackLimit: LIMITS.stackWords,
    host: new RecordingHost(),
  })
  return { vm: run(code, { gasLimit: LIMIT }), reference: outcome }
}

/** A small deterministic source of programs (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** Mixes the gas left into what the program answers. */
const ASK = `(i64.store (i32.const 24)
  (i64.add (i64.mul (i64.load (i32.const 24)) (i64.const 31)) (call $gas_left)))`

/** What a function of a random program may call, and whether it may ask for the gas left. */
interface Callees {
  readonly calls: readonly string[]
  readonly asks: boolean
}

/**
 * Statements that always end: every loop counts down a local of its own, and a function calls only those before it.
 * $fixed often costs the same on all its paths, $leaf does not; $quiet never reaches the host.
 */
function program(seed: number): string {
  const next = random(seed)
  let loops = 0
  const expression = (depth: number): string => {
    const kinds = depth > 2 ? 3 : 7
    switch (next(kinds)) {
      case 0:
        return `(i32.const ${next(9)})`
      case 1:
        return `(local.get ${next(4)})`
      case 2:
        return '(i32.load (i32.const 16))'
      case 3:
        return `(i32.add ${expression(depth + 1)} ${expression(depth + 1)})`
      case 4:
        return `(i32.mul ${expression(depth + 1)} ${expression(depth + 1)})`
      case 5:
        return `(select ${expression(depth + 1)} ${expression(depth + 1)} ${expression(depth + 1)})`
      default:
        return `(if (result i32) ${condition(depth)} (then ${expression(depth + 1)}) (else ${expression(depth + 1)}))`
    }
  }
  const condition = (depth: number): string => `(i32.and ${expression(depth + 1)} (i32.const 1))`
  const statement = (depth: number, labels: number, callees: Callees): string => {
    const inner = (more = 1): string => block(depth + 1, labels + more, callees)
    switch (next(depth > 4 ? 6 : 13)) {
      case 0:
      case 1:
        return `(local.set ${next(4)} ${expression(0)})`
      case 2:
        return `(i32.store (i32.const 16) ${expression(0)})`
      case 3:
        return labels > 0 ? `(br_if ${next(labels + 1)} ${condition(0)})` : ''
      case 4:
        return next(6) === 0 ? `(br ${next(labels + 1)})` : ''
      case 5:
        return next(12) === 0 ? '(return)' : '(memory.fill (i32.const 64) (i32.const 1) (local.get 0))'
      case 6:
        return `(block ${inner()})`
      case 7:
        return `(if ${condition(0)} (then ${inner()}))`
      case 8:
        return `(if ${condition(0)} (then ${inner()}) (else ${inner()}))`
      case 9: {
        const counter = 4 + loops++
        return `(local.set ${counter} (i32.const ${next(4)})) (block (loop
          (br_if 1 (i32.eqz (local.get ${counter})))
          (local.set ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))
          ${inner(2)} (br 0)))`
      }
      case 10:
        return `(block (block (block (br_table 0 1 2 ${expression(1)}) ) ${inner(2)}) ${inner()})`
      case 11:
        return callees.calls[next(callees.calls.length)] ?? ''
      default:
        return callees.asks ? ASK : '(nop)'
    }
  }
  const block = (depth: number, labels: number, callees: Callees): string =>
    Array.from({ length: next(4) }, () => statement(depth, labels, callees)).join('\n')
  const fn = (name: string, asks: boolean, calls: readonly string[]): string => {
    loops = 0
    const code = Array.from({ length: 3 }, () => block(0, 0, { asks, calls })).join('\n')
    return `(func ${name} ${'(local i32) '.repeat(4 + loops)} ${code})`
  }
  const small = ['(call $fixed)', '(call $leaf (i32.const 1))', '(call $leaf (local.get 0))']
  const quiet = [
    ...small,
    '(call_indirect (type $t) (i32.const 0))',
    '(call_indirect (type $t) (i32.const 1))',
  ]
  return `(module ${importOf('gas_left')} ${importOf('return_data')} (memory 1) (type $t (func))
    (table 2 2 funcref) (elem (i32.const 0) $fixed ${next(2) === 0 ? '$quiet' : '$g'})
    (func $fixed (local i32 i32 i32 i32) ${next(3) === 0 ? '(return)' : ''}
      (if (i32.load (i32.const 16)) (then (local.set 0 ${expression(3)})) (else (local.set 0 (i32.const 2))))
      (if (i32.eq (local.get 0) (i32.const 77)) (then (unreachable))))
    (func $leaf (param i32) (local i32 i32 i32) (if (local.get 0) (then (i32.store (i32.const 16) ${expression(3)}))))
    ${fn('$quiet', false, small)} ${fn('$g', true, ['(call $quiet)', ...small])}
    ${fn('$f', true, ['(call $g)', '(call $quiet)', ...quiet])}
    ${fn('$main', true, ['(call $f)', '(call $quiet)', ...quiet])}
    (func (export "main") (call $main) (call $return_data (i32.const 0) (i32.const 32))))`
}

describe('gas equals the sum over the instructions that ran', () => {
  const cases: [string, string][] = [
    ['nothing', ''],
    [
      'a block that is left early',
      '(block (br_if 0 (i32.const 1)) (drop (i32.const 5))) (drop (i32.const 6))',
    ],
    ['an arm without else', '(if (i32.const 0) (then (drop (i32.const 1)))) (drop (i32.const 2))'],
    [
      'continue of an outer loop skips what follows the inner one',
      `(local $i i32) (loop $o (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (block (br_if $o (i32.lt_u (local.get $i) (i32.const 5)))) (drop (i32.div_u (i32.const 1) (i32.const 1))))`,
    ],
    [
      'two ways on from an `if`, one of them out of the loop',
      `(local $i i32) (loop $o (if (i32.lt_u (local.get $i) (i32.const 5))
        (then (local.set $i (i32.add (local.get $i) (i32.const 1))) (br $o))) (drop (i32.const 1)))`,
    ],
    [
      'arms that come together and go on',
      `(local $i i32) (drop (i32.const 1)) (if (local.get $i) (then (drop (i32.div_u (i32.const 1) (i32.const 1))))
        (else (local.set $i (i32.const 2)))) (drop (i32.const 3)) (if (local.get $i) (then (return)) (else (drop (i32.const 3))))`,
    ],
    ['code after a return', '(return) (drop (i32.const 1)) (block (drop (i32.const 2)))'],
    ['code after a loop that never falls through', '(block $b (loop $l (br $b)) (drop (i32.const 1)))'],
  ]
  test.each(cases)('%s', (_, body) => {
    const { vm, reference } = both(wat(`(module (func (export "main") ${body}))`))
    expect(vm).toEqual(reference)
  })

  test('an arm that is left for its own end on one way and for good on the other', () => {
    // (if (i32.const 1) (then (br_if 0 (i32.const 1)) (return))) (drop (i32.const 3)): no assembler names an if's label.
    const code = [0x41, 1, 0x04, 0x40, 0x41, 1, 0x0d, 0, 0x0f, 0x0b, 0x41, 3, 0x1a]
    const { vm, reference } = both(
      bytes(
        section(1, vec([[0x60, 0, 0]])),
        section(3, vec([[0]])),
        section(7, vec([[...text('main'), 0, 0]])),
        // The second `if` keeps the function from costing the same on all its paths.
        section(10, vec([body([0], [...code, 0x41, 0, 0x04, 0x40, 0x41, 0, 0x1a, 0x0b])])),
      ),
    )
    expect(vm).toEqual(reference)
  })

  test('in random programs with every kind of branch', () => {
    let interesting = 0
    for (let seed = 1; seed <= 100; seed++) {
      const source = program(seed)
      const { vm, reference } = both(wat(source))
      expect(vm, `seed ${seed}\n${source}`).toEqual(reference)
      if (vm.gasUsed > 200n) interesting++
    }
    expect(interesting).toBeGreaterThan(30)
  })

  test('and so does the gas the host sees in the middle', () => {
    const seen = (body: string): bigint => {
      const code =
        wat(`(module ${importOf('gas_left')} ${importOf('return_data')} (memory 1) (func $f (drop (i64.div_u (i64.const 9) (i64.const 2))))
        (func (export "main") (local $i i32) ${body} (drop (i64.div_u (i64.const 9) (i64.const 2)))
          (call $return_data (i32.const 0) (i32.const 8))))`)
      const outcome = run(code, { gasLimit: LIMIT })
      if (outcome.kind !== 'returned') throw new Error(outcome.kind)
      return LIMIT - new DataView(outcome.data.buffer).getBigInt64(0, true)
    }
    const ask = '(i64.store (i32.const 0) (call $gas_left))'
    const own = 1n + 14n + 15n + 80n
    expect(seen(ask)).toBe(own)
    expect(seen(`(call $f) ${ask}`)).toBe(own + 14n + 16n)
    expect(seen(`(block ${ask})`)).toBe(own)
    expect(seen(`(if (i32.const 1) (then ${ask}))`)).toBe(own + 2n)
    expect(seen(`(loop ${ask})`)).toBe(own + 1n)
  })

  test('a function that costs the same on all its paths is paid for by whoever calls it', () => {
    const small =
      '(func $s (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.const 5)) (else (i32.const 6))))'
    const used = (rest: string, body: string): bigint => {
      const { vm, reference } = both(
        wat(`(module (memory 1) ${small} ${rest} (func (export "main") ${body}))`),
      )
      expect(vm).toEqual(reference)
      return vm.gasUsed
    }
    const price = 1n + 1n + 1n
    expect(used('', '(drop (call $s (i32.const 1)))')).toBe(1n + 14n + price)
    expect(used('(func $m (drop (call $s (i32.const 1))))', '(call $m)')).toBe(14n + 1n + 14n + price)
    const table = '(type $t (func (param i32) (result i32))) (table 1 1 funcref) (elem (i32.const 0) $s)'
    expect(used(table, '(drop (call_indirect (type $t) (i32.const 0) (i32.const 0)))')).toBe(2n + 14n + price)
    const exported = wat('(module (func (export "main") (local i32) (local.set 0 (i32.const 4))))')
    expect(run(exported, { gasLimit: 2n })).toMatchObject({ kind: 'returned', gasUsed: 2n })
    expect(run(exported, { gasLimit: 1n })).toMatchObject({ code: 'out_of_gas', gasUsed: 1n })
  })

  test('a loop that calls only such functions still ends when the gas does', () => {
    const code = wat('(module (func $s) (func (export "main") (loop $l (call $s) (br $l))))')
    expect(run(code, { gasLimit: LIMIT })).toMatchObject({ code: 'out_of_gas', gasUsed: LIMIT })
    const deep = wat(
      '(module (func $s (if (i32.const 1) (then (call $s)) (else (call $s)))) (func (export "main") (call $s)))',
    )
    expect(run(deep, { gasLimit: 500n })).toMatchObject({ code: 'out_of_gas' })
    expect(run(deep, { gasLimit: LIMIT })).toMatchObject({ code: 'stack_overflow' })
  })
})
