/**
 * Random contracts as WebAssembly text: every instruction of the profile, every kind of branch, host functions, and
 * now and then a trap. They end: loops burn fuel, functions call those before them only.
 */
import { OPCODES } from '../../vm/opcodes.ts'
import type { Random } from '../sim/random.ts'
import { importOf } from '../unit/vm/run-wat.ts'

type Type = 'i32' | 'i64' | 'f32' | 'f64'
const TYPES: readonly Type[] = ['i32', 'i64', 'f32', 'f64']
const LETTER: Readonly<Record<string, Type>> = { i: 'i32', I: 'i64', f: 'f32', F: 'f64' }

const HOST_FUNCTIONS = ['storage_write', 'storage_read', 'register_read', 'return_data', 'height']
const LOCALS_OF_A_TYPE = 3
const FUEL = 200

/** Instructions that take operands and give a result of the type: [name, operand types]. */
const OPERATIONS: Readonly<Record<Type, readonly (readonly [string, readonly Type[]])[]>> = operations()

function operations(): Record<Type, (readonly [string, readonly Type[]])[]> {
  const table: Record<Type, (readonly [string, readonly Type[]])[]> = { i32: [], i64: [], f32: [], f64: [] }
  for (const { name, immediate, pops, pushes } of OPCODES.values()) {
    const result = LETTER[pushes]
    if (immediate !== 'none' || result === undefined || pops.includes('?') || pops === '') continue
    table[result].push([name, Array.from(pops, letter => LETTER[letter] as Type)])
  }
  return table
}

const CONSTANTS: Readonly<Record<Type, readonly string[]>> = {
  i32: ['0', '1', '-1', '7', '31', '255', '65535', '2147483647', '-2147483648'],
  i64: ['0', '1', '-1', '63', '4294967296', '9223372036854775807', '-9223372036854775808'],
  f32: [
    '0',
    '-0',
    '1',
    '-1.5',
    '0.5',
    '1e30',
    '-1e-40',
    '16777217',
    '2147483648',
    'inf',
    '-inf',
    'nan',
    '-nan',
    'nan:0x200001',
  ],
  f64: [
    '0',
    '-0',
    '1',
    '-2.5',
    '0.5',
    '1e300',
    '-1e-310',
    '9007199254740993',
    '9223372036854775808',
    'inf',
    '-inf',
    'nan',
    '-nan',
    'nan:0x4000000000001',
  ],
}

interface Signature {
  readonly name: string
  readonly params: readonly Type[]
  readonly result: Type | undefined
}

export function randomProgram(random: Random): string {
  return new ProgramWriter(random).write()
}

class ProgramWriter {
  private readonly random: Random
  private readonly usesGas: boolean
  private readonly callable: Signature[] = []
  private loops = 0
  /** Result types of the labels in reach, innermost last; loops take nothing. */
  private readonly labels: (Type | undefined)[] = []

  constructor(random: Random) {
    this.random = random
    this.usesGas = random.chance(0.1)
  }

  write(): string {
    const functions = Array.from({ length: 1 + this.random.below(4) }, (_, i) => this.function(i))
    const table = this.callable.map(({ name }) => name).join(' ')
    const methods = ['a', 'b', 'c'].map(name => this.method(name))
    const imports = [...HOST_FUNCTIONS, ...(this.usesGas ? ['gas_left'] : [])].map(importOf).join('\n')
    return `(module ${imports}
      (memory (export "memory") 1 ${1 + this.random.below(4)})
      (data (i32.const 0) "\\00\\01\\02\\7f\\ff\\f0\\7f\\a1\\00\\00\\f4\\7f")
      (table ${this.callable.length + 2} ${this.callable.length + 2} funcref) (elem (i32.const 0) ${table})
      (global $fuel (mut i32) (i32.const ${FUEL}))
      ${TYPES.map(type => `(global $g${type} (mut ${type}) (${type}.const ${this.pick(CONSTANTS[type])}))`).join('\n')}
      ${this.random.chance(0.3) ? this.start() : ''}
      ${functions.join('\n')} ${methods.join('\n')})`
  }

  private start(): string {
    return '(func (export "_start") (global.set $gi32 (i32.const 77)) (i64.store (i32.const 4000) (i64.const -5)))'
  }

  private function(index: number): string {
    const params = Array.from({ length: this.random.below(4) }, () => this.pick(TYPES))
    const result = this.random.chance(0.8) ? this.pick(TYPES) : undefined
    const body = this.body(result)
    const name = `$f${index}`
    this.callable.push({ name, params, result })
    const head = `${params.map(type => `(param ${type})`).join(' ')} ${result === undefined ? '' : `(result ${result})`}`
    return `(func ${name} ${head} ${body})`
  }

  /** Shows all that was worked out: memory and globals. */
  private method(name: string): string {
    const shown = TYPES.map((type, i) => `(${type}.store (i32.const ${2048 + 8 * i}) (global.get $g${type}))`)
    return `(func (export "${name}") ${this.body(undefined)} ${shown.join(' ')}
      (call $return_data (i32.const 0) (i32.const 2100)))`
  }

  private body(result: Type | undefined): string {
    this.loops = 0
    const code = this.statements(0, 3)
    const value = result === undefined ? '' : this.expression(result, 0)
    const locals = TYPES.flatMap(type =>
      Array.from({ length: LOCALS_OF_A_TYPE }, (_, i) => `(local $${type}${i} ${type})`),
    )
    const own = ['(local $zf32 f32)', '(local $zf64 f64)']
    const counters = Array.from({ length: this.loops }, (_, i) => `(local $n${i} i32)`)
    return `${[...locals, ...own, ...counters].join(' ')} ${code} ${value}`
  }

  private statements(depth: number, most = 2): string {
    return Array.from({ length: this.random.below(most + 1) + (depth === 0 ? 2 : 0) }, () =>
      this.statement(depth),
    ).join('\n')
  }

  private statement(depth: number): string {
    const { random } = this
    const type = this.pick(TYPES)
    const kinds = depth > 3 ? 10 : 16
    switch (random.below(kinds)) {
      case 0:
      case 1:
        return `(local.set ${this.local(type)} ${this.expression(type, depth)})`
      case 2:
        return `(global.set $g${type} ${this.expression(type, depth)})`
      case 3:
      case 4:
        return this.store(type, depth)
      case 5:
        return this.branch(depth)
      case 6:
        return this.bulk(depth)
      case 7:
        return this.host()
      case 8:
        return random.chance(0.02) ? '(unreachable)' : `(drop ${this.expression(type, depth)})`
      case 9:
        return this.seeNan()
      case 10:
        return `(block ${this.within(undefined, () => this.statements(depth + 1))})`
      case 11:
        return `(if ${this.condition(depth)} (then ${this.within(undefined, () => this.statements(depth + 1))}))`
      case 12:
        return `(if ${this.condition(depth)}
          (then ${this.within(undefined, () => this.statements(depth + 1))})
          (else ${this.within(undefined, () => this.statements(depth + 1))}))`
      case 13:
        return this.loop(depth)
      case 14:
        return this.table(depth)
      default:
        return this.callStatement(depth)
    }
  }

  /**
   * Arithmetic that makes NaNs, and its bits where they are shown, by way of what keeps them. The locals $z hold
   * nothing but results of arithmetic: the instrumenter may leave those as they are until somebody looks.
   */
  private seeNan(): string {
    const type = this.random.chance(0.5) ? 'f32' : 'f64'
    const own = `$z${type}`
    const operand = (): string =>
      this.random.chance(0.3)
        ? `(local.get ${own})`
        : `(${type}.const ${this.pick(['inf', '-inf', '0', '-0', '-1', 'nan', '-nan', 'nan:0x200001'])})`
    const [first, second] = [operand(), operand()]
    // Through a local, so that no constant is folded.
    const kept = `(local.tee $${type}0 ${first})`
    const one = `(${type}.${this.pick(['sqrt', 'ceil', 'floor', 'trunc', 'nearest'])} ${kept})`
    const two = `(${type}.${this.pick(['add', 'sub', 'mul', 'div', 'min', 'max'])} ${kept} ${second})`
    const made = this.random.chance(0.3) ? one : two
    if (this.random.chance(0.4)) return `(local.set ${own} ${made})`
    const looked = this.pick([
      made,
      `(local.get ${own})`,
      `(local.tee ${own} ${made})`,
      `(${type}.neg ${made})`,
      `(${type}.neg (local.get ${own}))`,
      `(${type}.abs ${made})`,
      `(${type}.copysign ${made} ${second})`,
      `(select ${made} ${second} (i32.const ${this.random.below(2)}))`,
      `(block (result ${type}) ${made})`,
      `(${type}.mul ${made} ${second})`,
    ])
    return `(${type}.store (i32.const ${1024 + 8 * this.random.below(100)}) ${looked})`
  }

  private within(type: Type | undefined, write: () => string): string {
    this.labels.push(type)
    const text = write()
    this.labels.pop()
    return text
  }

  private loop(depth: number): string {
    const counter = `$n${this.loops++}`
    const inner = this.within(undefined, () => this.within(undefined, () => this.statements(depth + 1)))
    return `(local.set ${counter} (i32.const ${this.random.below(6)}))
      (block (loop
        (br_if 1 (i32.or (i32.eqz (local.get ${counter})) (i32.eqz (global.get $fuel))))
        (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
        (local.set ${counter} (i32.sub (local.get ${counter}) (i32.const 1)))
        ${inner} (br 0)))`
  }

  /** To a label that takes nothing, or carrying what it takes. A `continue` counts its loop down again. */
  private branch(depth: number): string {
    if (this.labels.length === 0) return ''
    const label = this.random.below(this.labels.length)
    const type = this.labels[this.labels.length - 1 - label]
    const value = type === undefined ? '' : this.expression(type, depth + 2)
    if (this.random.chance(0.1)) return `(br ${label} ${value})`
    const branch = `(br_if ${label} ${value} ${this.condition(depth)})`
    return type === undefined ? branch : `(drop ${branch})`
  }

  private table(depth: number): string {
    const inner = this.within(undefined, () => this.within(undefined, () => this.statements(depth + 1)))
    return `(block (block (block (br_table 0 1 2 1 ${this.expression('i32', depth)})) ${inner})
      ${this.within(undefined, () => this.statements(depth + 1))})`
  }

  private callStatement(depth: number): string {
    const callee = this.callable[this.random.below(this.callable.length)]
    if (callee === undefined) return '(nop)'
    const call = this.call(callee, depth)
    return callee.result === undefined ? call : `(drop ${call})`
  }

  private call({ name, params, result }: Signature, depth: number): string {
    const args = params.map(type => this.expression(type, depth + 1)).join(' ')
    if (!this.random.chance(0.3)) return `(call ${name} ${args})`
    const type = `${params.map(p => `(param ${p})`).join(' ')} ${result === undefined ? '' : `(result ${result})`}`
    // Mostly itself; another type, an empty entry or none at all trap.
    const index = this.random.chance(0.9)
      ? this.callable.findIndex(callee => callee.name === name)
      : this.random.below(this.callable.length + 4)
    return `(call_indirect ${type} ${args} (i32.const ${index}))`
  }

  private host(): string {
    const { random } = this
    const at = (): string => `(i32.const ${8 * random.below(500)})`
    const length = (most: number): string => `(i32.const ${1 + random.below(most)})`
    switch (random.below(this.usesGas ? 5 : 4)) {
      case 0:
        return `(call $storage_write ${at()} ${length(3)} ${at()} ${length(60)})`
      case 1:
        return `(if (i32.ge_s (call $storage_read ${at()} ${length(3)}) (i32.const 0)) (then (call $register_read ${at()})))`
      case 2:
        return `(i64.store ${at()} (call $height))`
      case 3:
        return `(call $return_data ${at()} ${length(200)})`
      default:
        return `(i64.store ${at()} (call $gas_left))`
    }
  }

  private bulk(depth: number): string {
    const bounded = (mask: number): string =>
      `(i32.and ${this.expression('i32', depth + 2)} (i32.const ${mask}))`
    const mask = this.random.chance(0.03) ? -1 : 0x7ff
    return this.random.chance(0.5)
      ? `(memory.fill ${bounded(mask)} ${this.expression('i32', depth + 2)} ${bounded(0xff)})`
      : `(memory.copy ${bounded(mask)} ${bounded(0x7ff)} ${bounded(0x1ff)})`
  }

  private address(depth: number): string {
    const mask = this.random.chance(0.02) ? -1 : 0x7ff
    return `(i32.and ${this.expression('i32', depth + 2)} (i32.const ${mask}))`
  }

  private store(type: Type, depth: number): string {
    const narrow = { i32: ['', '8', '16'], i64: ['', '8', '16', '32'], f32: [''], f64: [''] }[type]
    return `(${type}.store${this.pick(narrow)} ${this.address(depth)} ${this.expression(type, depth + 1)})`
  }

  private load(type: Type, depth: number): string {
    const narrow = {
      i32: ['', '8_s', '8_u', '16_s', '16_u'],
      i64: ['', '8_s', '8_u', '16_s', '16_u', '32_s', '32_u'],
      f32: [''],
      f64: [''],
    }[type]
    return `(${type}.load${this.pick(narrow)} ${this.address(depth)})`
  }

  private condition(depth: number): string {
    return this.expression('i32', depth + 1)
  }

  private expression(type: Type, depth: number): string {
    const { random } = this
    const inner = (t: Type = type): string => this.expression(t, depth + 1)
    switch (random.below(depth > 4 ? 4 : 14)) {
      case 0:
        return `(${type}.const ${this.pick(CONSTANTS[type])})`
      case 1:
      case 2:
        return `(local.get ${this.local(type)})`
      case 3:
        return `(global.get $g${type})`
      case 4:
        return this.load(type, depth)
      case 5:
        return `(local.tee ${this.local(type)} ${inner()})`
      case 6:
        return `(select ${inner()} ${inner()} ${inner('i32')})`
      case 7:
        return `(if (result ${type}) ${this.condition(depth)}
          (then ${this.within(type, () => inner())}) (else ${this.within(type, () => inner())}))`
      case 8:
        return `(block (result ${type}) ${this.within(type, () => `${this.branch(depth + 1)} ${inner()}`)})`
      case 9: {
        const callee = this.callable.find(({ result }) => result === type)
        return callee === undefined ? inner() : this.call(callee, depth)
      }
      case 10:
        if (type === 'i32' && random.chance(0.15)) {
          return random.chance(0.5) ? '(memory.size)' : `(memory.grow (i32.const ${random.below(3)}))`
        }
        return this.operation(type, depth)
      default:
        return this.operation(type, depth)
    }
  }

  private operation(type: Type, depth: number): string {
    const [name, operands] = this.pick(OPERATIONS[type])
    return `(${name} ${operands.map(operand => this.expression(operand, depth + 1)).join(' ')})`
  }

  private local(type: Type): string {
    return `$${type}${this.random.below(LOCALS_OF_A_TYPE)}`
  }

  private pick<T>(items: readonly T[]): T {
    return items[this.random.below(items.length)] as T
  }
}
