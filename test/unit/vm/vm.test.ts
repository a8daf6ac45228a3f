import { describe, expect, test } from 'vitest'
import type { CallOutcome, CallRequest, Vm } from '../../../vm/execution.ts'
import { MEMORY_PAGE_GAS } from '../../../vm/gas.ts'
import { PRICE } from '../../../vm/host-prices.ts'
import { NodeFault } from '../../../vm/node-fault.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { RecordingHost } from './recording-host.ts'
import { contract, importOf, run } from './run-wat.ts'
import { wat } from './wat.ts'

const answer = (length: number): string => `(call $return_data (i32.const 0) (i32.const ${length}))`
const i32 = (outcome: CallOutcome): number => {
  if (outcome.kind !== 'returned')
    throw new Error(`${outcome.kind}: ${JSON.stringify({ ...outcome, gasUsed: 0 })}`)
  return new DataView(outcome.data.buffer, outcome.data.byteOffset).getInt32(0, true)
}
const ANSWER = (value: string): string => `(i32.store (i32.const 0) ${value}) ${answer(4)}`

describe('inspect', () => {
  test('methods are the exported functions [] -> [], without _start', () => {
    const code = wat(`(module (memory (export "memory") 1) (func $f)
      (export "one" (func $f)) (export "two" (func $f)) (export "_start" (func $f))
      (func (export "helper") (param i32)) (func (export "getter") (result i32) (i32.const 1)))`)
    expect(createVm().inspect(code).methods).toEqual(['one', 'two'])
  })
})

describe('how a call ends', () => {
  test('a method that is not there costs nothing', () => {
    const code = wat('(module (func (export "_start")) (func (export "helper") (param i32)))')
    for (const method of ['main', '_start', 'helper', '$reset', '$gas', 'constructor']) {
      expect(run(code, { method })).toMatchObject({ kind: 'failed', code: 'unknown_method', gasUsed: 0n })
    }
  })

  const traps: [string, string, string][] = [
    ['unreachable', '(unreachable)', 'unreachable code was reached'],
    ['a division by zero', '(drop (i32.div_s (i32.const 1) (local.get $x)))', 'division by zero'],
    [
      'a 64-bit division by zero',
      '(drop (i64.div_u (i64.const 1) (i64.extend_i32_u (local.get $x))))',
      'division by zero',
    ],
    ['a remainder by zero', '(drop (i32.rem_s (i32.const 1) (local.get $x)))', 'division by zero'],
    [
      'a quotient that does not fit',
      '(drop (i32.div_s (i32.const 0x80000000) (i32.sub (local.get $x) (i32.const 1))))',
      'integer overflow in a division',
    ],
    [
      'a float that does not fit an integer',
      '(drop (i32.trunc_f64_s (f64.const 1e30)))',
      'a float does not fit the integer it is converted to',
    ],
    ['a load outside the memory', '(drop (i32.load (i32.const 65536)))', 'memory access out of bounds'],
    [
      'a fill outside the memory',
      '(memory.fill (i32.const 65535) (i32.const 0) (i32.const 2))',
      'memory access out of bounds',
    ],
  ]
  test.each(traps)('%s burns all gas, in words of our own', (_, body, message) => {
    expect(run(contract(body), { gasLimit: 5_000n })).toEqual({
      kind: 'failed',
      code: 'trapped',
      message,
      gasUsed: 5_000n,
    })
  })

  test('indirect calls into nothing, outside the table or of another type', () => {
    const code = (index: number): Uint8Array =>
      wat(`(module (table 3 3 funcref) (elem (i32.const 0) $f $g) (type $t (func)) (func $f (param i32)) (func $g)
        (func (export "main") (call_indirect (type $t) (i32.const ${index}))))`)
    expect(run(code(1)).kind).toBe('returned')
    for (const index of [0, 2]) {
      expect(run(code(index))).toMatchObject({
        code: 'trapped',
        message: 'indirect call to a missing function or one of another type',
      })
    }
    expect(run(code(3))).toMatchObject({ code: 'trapped', message: 'indirect call outside the table' })
  })

  test('a host function works through a table', () => {
    const code = wat(`(module ${importOf('height')} ${importOf('return_data')} (memory 1)
      (table 1 1 funcref) (elem (i32.const 0) $height) (type $t (func (result i64)))
      (func (export "main") (i64.store (i32.const 0) (call_indirect (type $t) (i32.const 0))) ${answer(4)}))`)
    expect(i32(run(code))).toBe(55)
  })

  test('a loop without end runs out of gas', () => {
    const outcome = run(contract('(loop $l (br $l))'), { gasLimit: 1_000_000n })
    expect(outcome).toMatchObject({ kind: 'failed', code: 'out_of_gas', gasUsed: 1_000_000n })
  })

  test('the exact gas is enough and one unit less is not', () => {
    const code = contract(
      `(local.set $x (i32.const 100)) (loop $l (local.set $x (i32.sub (local.get $x) (i32.const 1)))
       (call $f (local.get $x)) (br_if $l (local.get $x)))`,
      '(func $f (param i32) (if (local.get 0) (then (memory.fill (i32.const 0) (i32.const 1) (i32.const 64)))))',
    )
    const { gasUsed } = run(code)
    expect(run(code, { gasLimit: gasUsed })).toMatchObject({ kind: 'returned', gasUsed })
    expect(run(code, { gasLimit: gasUsed - 1n })).toMatchObject({ code: 'out_of_gas', gasUsed: gasUsed - 1n })
  })

  test('no host function runs on credit', () => {
    const spend = '(drop (i64.div_s (i64.const 1) (i64.const 1)))'.repeat(20)
    const code = contract(
      `${spend} (call $storage_write (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))`,
    )
    for (const gasLimit of [10n, 300n, 340n, 40_000n]) {
      const host = new RecordingHost()
      expect(run(code, { host, gasLimit })).toMatchObject({ code: 'out_of_gas', gasUsed: gasLimit })
      expect(host.storage.size).toBe(0)
    }
  })

  test('revert leaves what the host was told; undoing it is the caller’s part', () => {
    const code = contract(`(call $storage_write (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 1))
      (call $revert (i32.const 0) (i32.const 2))`)
    const host = new RecordingHost()
    const outcome = run(code, { host })
    expect(outcome).toMatchObject({ kind: 'reverted', data: new Uint8Array(2) })
    expect(outcome.gasUsed).toBeLessThan(PRICE.storageWrite + PRICE.revert + 1_000n)
    expect(host.storage.size).toBe(1)
  })

  test('a limit the counters cannot hold is the caller’s mistake', () => {
    expect(() => run(contract(''), { gasLimit: 1n << 62n })).toThrow(NodeFault)
    expect(() => run(contract(''), { gasLimit: -1n })).toThrow(NodeFault)
    expect(() => run(contract(''), { stackLimit: -1 })).toThrow(NodeFault)
    expect(() => run(contract(''), { stackLimit: 2 ** 31 })).toThrow(NodeFault)
  })

  test('code that inspect never saw and that does not pass is the node’s fault', () => {
    expect(() => run(Uint8Array.from([1, 2, 3]))).toThrow(NodeFault)
  })
})

describe('contract stack', () => {
  const RECURSION = (locals: number): Uint8Array => {
    const names = Array.from({ length: locals }, (_, i) => `$l${i}`)
    const declare = names.map(name => `(local ${name} i64)`).join(' ')
    const set = names.map(name => `(local.set ${name} (i64.load (i32.const 8)))`).join(' ')
    const use = names.map(name => `(i64.store (i32.const 8) (local.get ${name}))`).join(' ')
    return contract('(call $r)', `(func $r ${declare} ${set} (call $r) ${use})`)
  }

  test.each([0, 3, 30, 200])('recursion with %i locals overflows it, not the engine’s', locals => {
    expect(run(RECURSION(locals), { gasLimit: 1n << 40n })).toMatchObject({
      kind: 'failed',
      code: 'stack_overflow',
      gasUsed: 1n << 40n,
    })
  })

  test('frames are as deep as the words allow, no deeper', () => {
    const code = contract(
      '(call $r (i32.const 100))',
      '(func $r (param i32) (if (local.get 0) (then (call $r (i32.sub (local.get 0) (i32.const 1))))))',
    )
    // main: 1 local, 1 operand, 16; $r: 2 x 1 parameter, 1 local, 2 operands, 16
    const words = 18 + 101 * 21
    expect(run(code, { stackLimit: words }).kind).toBe('returned')
    expect(run(code, { stackLimit: words - 1 })).toMatchObject({ code: 'stack_overflow' })
  })

  test('a call to another contract hands on what is left', () => {
    const code = contract(
      `(drop (call $call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 0) (i64.const 0) (i64.const 0)))`,
    )
    const host = new RecordingHost()
    run(code, { host, stackLimit: 2_000 })
    const [request] = host.calls
    expect(request?.stackLimit).toBe(2_000 - (1 + 7 + 16) - 512)
    expect(run(code, { stackLimit: 500 })).toMatchObject({ kind: 'failed', code: 'stack_overflow' })
  })
})

describe('memory', () => {
  test('grows to the cap at a price for each page, and no further', () => {
    const code = contract(`(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
      ${ANSWER('(memory.size)')}`)
    const outcome = run(code)
    expect(i32(outcome)).toBe(LIMITS.memoryPages)
    const pages = BigInt((LIMITS.memoryPages - 1) * MEMORY_PAGE_GAS)
    expect(outcome.gasUsed).toBeGreaterThan(pages)
    expect(outcome.gasUsed).toBeLessThan(pages + 10_000n)
  })

  test('a request beyond the cap is refused without a price for its pages', () => {
    const outcome = run(contract(ANSWER('(memory.grow (i32.const -1))')))
    expect(i32(outcome)).toBe(-1)
    expect(outcome.gasUsed).toBeLessThan(1_000n)
  })

  test('its own maximum binds a contract', () => {
    const code = wat(`(module ${importOf('return_data')} (memory 1 2)
      (func (export "main") (drop (memory.grow (i32.const 1))) ${ANSWER('(memory.grow (i32.const 1))')}))`)
    expect(i32(run(code))).toBe(-1)
  })

  test('pages are paid for before they are there', () => {
    const code = contract('(drop (memory.grow (i32.const 15)))')
    expect(run(code, { gasLimit: BigInt(15 * MEMORY_PAGE_GAS) })).toMatchObject({ code: 'out_of_gas' })
  })

  test('copy and fill cost by length, before they work', () => {
    const fill = (length: number): CallOutcome =>
      run(contract(`(memory.fill (i32.const 0) (i32.const 1) (i32.const ${length}))`), { gasLimit: 100_000n })
    expect(fill(16_000).gasUsed - fill(0).gasUsed).toBe(1_000n)
    expect(fill(-1)).toMatchObject({ code: 'out_of_gas' })
    const copy = run(contract('(memory.copy (i32.const 0) (i32.const 9) (i32.const 160))'))
    expect(copy.gasUsed).toBe(3n + 15n + 10n)
  })
})

describe('instances serve again without a trace of the last call', () => {
  const DIRTY = wat(`(module ${importOf('return_data')} ${importOf('input')} (memory 1)
    (global $i (mut i32) (i32.const 5)) (global $l (mut i64) (i64.const 6))
    (global $f (mut f32) (f32.const 1)) (global $d (mut f64) (f64.const 2))
    (data (i32.const 1000) "\\07")
    (func (export "_start") (global.set $i (i32.add (global.get $i) (i32.const 10))) (i32.store (i32.const 2000) (i32.const 9)))
    (func $dirty
      (global.set $i (i32.add (global.get $i) (i32.const 1)))
      (global.set $l (i64.add (global.get $l) (i64.const 1)))
      (global.set $f (f32.add (global.get $f) (f32.const 1)))
      (global.set $d (f64.add (global.get $d) (f64.const 1)))
      (i32.store (i32.const 2000) (i32.add (i32.load (i32.const 2000)) (i32.const 1)))
      (i32.store (i32.const 60000) (i32.add (i32.load (i32.const 60000)) (i32.const 1)))
      (i32.store8 (i32.const 1000) (i32.add (i32.load8_u (i32.const 1000)) (i32.const 1))))
    (func (export "dirty") (call $dirty))
    (func (export "trap") (call $dirty) (unreachable))
    (func (export "loop") (call $dirty) (loop $l (br $l)))
    (func (export "grow") (call $dirty) (drop (memory.grow (i32.const 1))))
    (func (export "deep") (call $dirty) (call $deep))
    (func $deep (call $deep))
    (func (export "look") (i32.store (i32.const 0) (global.get $i)) (i64.store (i32.const 8) (global.get $l))
      (f32.store (i32.const 16) (global.get $f)) (f64.store (i32.const 24) (global.get $d))
      (i32.store (i32.const 32) (i32.load (i32.const 2000))) (i32.store (i32.const 36) (i32.load (i32.const 60000)))
      (i32.store (i32.const 40) (i32.load8_u (i32.const 1000))) (i32.store (i32.const 44) (memory.size))
      (drop (call $input))
      (call $return_data (i32.const 0) (i32.const 48))))`)

  test.each(['dirty', 'trap', 'loop', 'grow', 'deep', 'look'])('after %s', method => {
    const vm = createVm()
    const clean = run(DIRTY, { method: 'look' })
    for (let i = 0; i < 3; i++) {
      const first = run(DIRTY, { vm, method })
      expect(first).toEqual(run(DIRTY, { vm: createVm({ idleInstances: 0 }), method }))
      expect(run(DIRTY, { vm, method: 'look' })).toEqual(clean)
    }
  })

  test('the price of _start is part of every call, and too little gas for it is out of gas', () => {
    const vm = createVm()
    const fresh = run(DIRTY, { vm, method: 'dirty' })
    const pooled = run(DIRTY, { vm, method: 'dirty' })
    expect(pooled.gasUsed).toBe(fresh.gasUsed)
    for (const gasLimit of [0n, 5n, fresh.gasUsed - 1n]) {
      const outcome = run(DIRTY, { vm, method: 'dirty', gasLimit })
      expect(outcome).toEqual(run(DIRTY, { method: 'dirty', gasLimit }))
      expect(outcome).toMatchObject({ code: 'out_of_gas', gasUsed: gasLimit })
    }
  })

  test('a _start that asks the host runs again for every call', () => {
    const code = wat(`(module ${importOf('height')} ${importOf('return_data')} (memory 1)
      (func (export "_start") (i64.store (i32.const 0) (call $height)))
      (func (export "main") ${answer(8)}))`)
    const vm = createVm()
    for (const height of [1n, 2n, 3n]) {
      expect(i32(run(code, { vm, host: new RecordingHost({ height }) }))).toBe(Number(height))
    }
  })

  test('_start has a contract stack of its own size, so that a reused instance cannot differ', () => {
    const code =
      wat(`(module (func $r (param i32) (if (local.get 0) (then (call $r (i32.sub (local.get 0) (i32.const 1))))))
      (func (export "_start") (call $r (i32.const 50))) (func (export "main")))`)
    const vm = createVm()
    expect(run(code, { vm }).kind).toBe('returned')
    expect(run(code, { vm, stackLimit: 100 })).toMatchObject({ code: 'stack_overflow' })
    expect(run(code, { vm }).kind).toBe('returned')
  })

  test('results do not depend on how many modules and instances are kept', () => {
    const codes = [1, 2, 3, 4].map(n => contract(ANSWER(`(i32.const ${n})`)))
    for (const options of [
      { moduleCacheSize: 1 },
      { moduleCacheSize: 2, idleInstances: 1 },
      { idleInstances: 0 },
    ]) {
      const vm = createVm(options)
      for (let round = 0; round < 3; round++) {
        expect(codes.map(code => i32(run(code, { vm })))).toEqual([1, 2, 3, 4])
      }
    }
  })

  test('a cached module is not asked for its code again', () => {
    const vm = createVm()
    const code = contract('')
    let asked = 0
    const request = {
      codeHash: 'aa',
      code: () => {
        asked++
        return code
      },
      method: 'main',
      args: new Uint8Array(0),
      gasLimit: 1_000n,
      stackLimit: 1_000,
      host: new RecordingHost(),
    }
    vm.execute(request)
    vm.execute(request)
    expect(asked).toBe(1)
  })
})

describe('contracts that call contracts', () => {
  /** Writes its depth (the first argument byte) into its own memory, calls itself, and answers what it still finds. */
  const NESTED =
    wat(`(module ${['input', 'register_read', 'call', 'return_data'].map(importOf).join(' ')} (memory 1)
    (global $depth (mut i32) (i32.const 0)) (data (i32.const 64) "main")
    (func (export "main") (drop (call $input)) (call $register_read (i32.const 0))
      (global.set $depth (i32.load8_u (i32.const 0)))
      (if (global.get $depth) (then
        (i32.store8 (i32.const 0) (i32.sub (global.get $depth) (i32.const 1)))
        (drop (call $call (i32.const 128) (i32.const 64) (i32.const 4) (i32.const 0) (i32.const 1) (i64.const 0) (i64.const 0)))
        (call $register_read (i32.const 8))))
      (i32.store8 (i32.const 7) (global.get $depth))
      (call $return_data (i32.const 7) (i32.add (global.get $depth) (i32.const 1)))))`)

  function nestingHost(vm: Vm, code: Uint8Array): RecordingHost {
    const host = new RecordingHost()
    host.answer = ({ method, args, gasLimit, stackLimit }: CallRequest) =>
      run(code, { vm, host, method, args, gasLimit, stackLimit })
    return host
  }

  test('eight deep in one module, each level keeps its own memory, and gas is the same fresh and pooled', () => {
    const vm = createVm()
    const deep = (): CallOutcome => run(NESTED, { vm, host: nestingHost(vm, NESTED), args: Uint8Array.of(7) })
    const first = deep()
    expect(first).toMatchObject({ kind: 'returned', data: Uint8Array.of(7, 6, 5, 4, 3, 2, 1, 0) })
    expect(deep()).toEqual(first)
    const fresh = createVm({ idleInstances: 0, moduleCacheSize: 1 })
    expect(run(NESTED, { vm: fresh, host: nestingHost(fresh, NESTED), args: Uint8Array.of(7) })).toEqual(
      first,
    )
  })

  test('a callee that fails costs its gas, and the caller goes on', () => {
    const vm = createVm()
    const host = nestingHost(vm, contract('unreachable'))
    const outcome = run(NESTED, { vm, host, args: Uint8Array.of(1), gasLimit: 100_000n })
    expect(outcome.kind).toBe('returned')
    expect(outcome.gasUsed).toBeGreaterThan(78_000n)
  })

  test('an exception of the Host passes through every level, and the pool stays sane', () => {
    const vm = createVm()
    const host = nestingHost(vm, NESTED)
    const broken = new RangeError('disk on fire')
    const answerNormally = host.answer
    host.answer = request => {
      if (request.args[0] === 2) throw broken
      return answerNormally(request)
    }
    let thrown: unknown
    try {
      run(NESTED, { vm, host, args: Uint8Array.of(6) })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe(broken)
    expect(run(NESTED, { vm, host: nestingHost(vm, NESTED), args: Uint8Array.of(7) })).toMatchObject({
      data: Uint8Array.of(7, 6, 5, 4, 3, 2, 1, 0),
    })
  })
})

describe('NaN', () => {
  test('bits that arithmetic makes are canonical wherever they can be seen', () => {
    const see = (expression: string): number =>
      i32(run(contract(ANSWER(`(i32.reinterpret_f32 ${expression})`))))
    const odd = '(f32.reinterpret_i32 (i32.const 0x7fa12345))'
    for (const op of ['add', 'sub', 'mul', 'div', 'min', 'max']) {
      expect(see(`(f32.${op} ${odd} (f32.const 1))`), op).toBe(0x7fc00000)
    }
    for (const op of ['ceil', 'floor', 'trunc', 'nearest', 'sqrt']) {
      expect(see(`(f32.${op} ${odd})`), op).toBe(0x7fc00000)
    }
    expect(see(`(f32.demote_f64 (f64.promote_f32 ${odd}))`)).toBe(0x7fc00000)
    expect(see(`(f32.div (f32.const 0) (f32.const 0))`)).toBe(0x7fc00000)
    expect(see(`(f32.mul (f32.add ${odd} (f32.const 1)) (f32.const 2))`)).toBe(0x7fc00000)
  })

  test('through a block, a local, a select, a branch and a call', () => {
    const nan = '(f32.sqrt (f32.const -1))'
    const see = (body: string, rest = ''): number => i32(run(contract(body, rest)))
    expect(see(ANSWER(`(i32.reinterpret_f32 (block (result f32) ${nan}))`))).toBe(0x7fc00000)
    expect(
      see(
        ANSWER(
          `(i32.reinterpret_f32 (block $b (result f32) (drop (br_if $b ${nan} (i32.const 1))) (f32.const 0)))`,
        ),
      ),
    ).toBe(0x7fc00000)
    expect(see(ANSWER(`(i32.reinterpret_f32 (select ${nan} (f32.const 0) (i32.const 1)))`))).toBe(0x7fc00000)
    expect(see(ANSWER('(i32.reinterpret_f32 (call $f))'), `(func $f (result f32) ${nan})`)).toBe(0x7fc00000)
    expect(see(ANSWER('(i32.reinterpret_f32 (call $g))'), `(func $g (result f32) (return ${nan}))`)).toBe(
      0x7fc00000,
    )
    expect(see(`(f32.store (i32.const 0) ${nan}) ${answer(4)}`)).toBe(0x7fc00000)
  })

  describe('through locals', () => {
    const nan = '(f64.div (f64.const 0) (f64.const 0))'
    const CANONICAL = 0x7ff80000
    /** The upper half of the bits of the local $r, after `body`. */
    const high = (body: string, rest = ''): number =>
      i32(
        run(
          contract(
            `(call $go) ${ANSWER('(i32.load (i32.const 68))')}`,
            `(data (i32.const 128) "\\45\\23\\01\\00\\00\\00\\f4\\ff") ${rest}
             (func $go (local $r f64) (local $s f64) (local $i i32) ${body} (f64.store (i32.const 64) (local.get $r)))`,
          ),
        ),
      )
    const own = '(f64.load (i32.const 128))'

    test('that hold what arithmetic made', () => {
      expect(high(`(local.set $r ${nan})`)).toBe(CANONICAL)
      expect(high(`(local.set $s ${nan}) (local.set $r (local.get $s))`)).toBe(CANONICAL)
      expect(high(`(local.set $r (local.tee $s (f64.neg ${nan})))`)).toBe(CANONICAL | 0x80000000)
      expect(
        high(`(loop $l (local.set $r (f64.add (local.get $r) ${nan})) (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $l (i32.lt_u (local.get $i) (i32.const 3))))`),
      ).toBe(CANONICAL)
      expect(
        high(`(local.set $r (call $same ${nan}))`, '(func $same (param f64) (result f64) (local.get 0))'),
      ).toBe(CANONICAL)
    })

    test('a NaN of the contract’s own keeps its bits', () => {
      expect(high(`(local.set $r ${own})`)).toBe(0xfff40000 | 0)
      expect(high(`(local.set $r (f64.const nan:0x4000000000000))`)).toBe(0x7ff40000)
      expect(high(`(local.set $r ${nan}) (local.set $r ${own})`)).toBe(0xfff40000 | 0)
      expect(high(`(local.set $s ${own}) (local.set $r (f64.const 1)) (local.set $r (local.get $s))`)).toBe(
        0xfff40000 | 0,
      )
    })

    test('a local with both takes only canonical ones from arithmetic', () => {
      expect(high(`(local.set $r ${own}) (local.set $r ${nan})`)).toBe(CANONICAL)
      expect(high(`(local.set $s ${nan}) (local.set $r ${own}) (local.set $r (local.get $s))`)).toBe(
        CANONICAL,
      )
      expect(
        high(
          `(local.set $r ${nan}) (local.set $s ${own}) (local.set $s (local.get $r)) (local.set $r (local.get $s))`,
        ),
      ).toBe(CANONICAL)
    })

    test('in a chain longer than the analysis follows', () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
      const declare = names.map(name => `(local $${name} f64)`).join(' ')
      const pass = names
        .map((name, i) => `(local.set $${name} (local.get $${names[i + 1] ?? 's'}))`)
        .join(' ')
      const move = (from: string, isPassed: boolean): number =>
        high(
          `(local.set $r (call $chain ${from} (i32.const ${isPassed ? 1 : 0})))`,
          `(func $chain (param $s f64) (param i32) (result f64) ${declare} (local.set $a ${nan})
          (if (local.get 1) (then (loop $again ${pass} (br_if $again (i32.le_s (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 9)))))) (local.get $a))`,
        )
      expect(move(own, true)).toBe(0xfff40000 | 0)
      expect(move(nan, true)).toBe(CANONICAL)
      expect(move(own, false)).toBe(CANONICAL)
    })
  })
})
