/**
 * The reference for gas: runs a module one instruction at a time and charges each as it runs, with nothing merged
 * or moved. Slow and obvious. Integers, memory and control only; a module that does more is {@link Unsupported}.
 */
import { OpList, readBody } from '../../../vm/body.ts'
import {
  functionEntryGas,
  HOST_CALL_GAS,
  LOOP_ITERATION_GAS,
  MEMORY_BULK_SHIFT,
  MEMORY_PAGE_GAS,
} from '../../../vm/gas.ts'
import { HOST_FUNCTIONS } from '../../../vm/host-table.ts'
import { typeOfFunction, type WasmModule } from '../../../vm/module.ts'
import { I32, I64, OP, OPCODES } from '../../../vm/opcodes.ts'
import { Reader } from '../../../vm/reader.ts'

export class Unsupported extends Error {}
export class Trap extends Error {}

type Value = number | bigint

/** It copies its memory each time it grows. */
const MOST_PAGES = 64

interface Instruction {
  readonly code: number
  readonly gas: bigint
  readonly operand: number
  readonly start: number
  /** Of block, loop, if, else: the matching `end`; of if also the `else`. */
  end: number
  otherwise: number | undefined
}

interface Body {
  readonly locals: readonly Value[]
  readonly localCount: number
  readonly code: readonly Instruction[]
}

interface Label {
  readonly isLoop: boolean
  readonly at: number
  readonly height: number
  readonly arity: number
}

const i32 = (value: Value): number => Number(value) | 0
const u32 = (value: Value): number => Number(value) >>> 0
const i64 = (value: bigint): bigint => BigInt.asIntN(64, value)
const u64 = (value: Value): bigint => BigInt.asUintN(64, value as bigint)
const bool = (value: boolean): number => (value ? 1 : 0)

function divide(a: bigint, b: bigint, bits: number): bigint {
  if (b === 0n) throw new Trap('division by zero')
  const quotient = a / b
  if (quotient === 1n << BigInt(bits - 1)) throw new Trap('overflow')
  return quotient
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new Trap('division by zero')
  return a % b
}

function leadingZeros(value: bigint, bits: number): bigint {
  return BigInt(bits) - BigInt(value === 0n ? 0 : value.toString(2).length)
}

function trailingZeros(value: bigint, bits: number): bigint {
  let count = 0
  while (count < bits && ((value >> BigInt(count)) & 1n) === 0n) count++
  return BigInt(count)
}

/** Both widths at once: `s` and `u` are the operands as signed and unsigned numbers of `bits` bits. */
const ARITHMETIC: Record<string, (s: bigint[], u: bigint[], bits: number) => bigint> = {
  add: ([a = 0n, b = 0n]) => a + b,
  sub: ([a = 0n, b = 0n]) => a - b,
  mul: ([a = 0n, b = 0n]) => a * b,
  div_s: ([a = 0n, b = 0n], _, bits) => divide(a, b, bits),
  div_u: (_, [a = 0n, b = 0n]) => divide(a, b, 65),
  rem_s: ([a = 0n, b = 0n]) => remainder(a, b),
  rem_u: (_, [a = 0n, b = 0n]) => remainder(a, b),
  and: ([a = 0n, b = 0n]) => a & b,
  or: ([a = 0n, b = 0n]) => a | b,
  xor: ([a = 0n, b = 0n]) => a ^ b,
  shl: ([a = 0n], [, b = 0n], bits) => a << (b % BigInt(bits)),
  shr_s: ([a = 0n], [, b = 0n], bits) => a >> (b % BigInt(bits)),
  shr_u: (_, [a = 0n, b = 0n], bits) => a >> (b % BigInt(bits)),
  rotl: (_, [a = 0n, b = 0n], bits) => (a << (b % BigInt(bits))) | (a >> (BigInt(bits) - (b % BigInt(bits)))),
  rotr: (_, [a = 0n, b = 0n], bits) => (a >> (b % BigInt(bits))) | (a << (BigInt(bits) - (b % BigInt(bits)))),
  clz: (_, [a = 0n], bits) => leadingZeros(a, bits),
  ctz: (_, [a = 0n], bits) => trailingZeros(a, bits),
  popcnt: (_, [a = 0n]) => BigInt(a.toString(2).replaceAll('0', '').length),
  extend8_s: ([a = 0n]) => BigInt.asIntN(8, a),
  extend16_s: ([a = 0n]) => BigInt.asIntN(16, a),
  extend32_s: ([a = 0n]) => BigInt.asIntN(32, a),
}

const COMPARE: Record<string, (s: bigint[], u: bigint[]) => boolean> = {
  eqz: ([a]) => a === 0n,
  eq: ([a, b]) => a === b,
  ne: ([a, b]) => a !== b,
  lt_s: ([a = 0n, b = 0n]) => a < b,
  lt_u: (_, [a = 0n, b = 0n]) => a < b,
  gt_s: ([a = 0n, b = 0n]) => a > b,
  gt_u: (_, [a = 0n, b = 0n]) => a > b,
  le_s: ([a = 0n, b = 0n]) => a <= b,
  le_u: (_, [a = 0n, b = 0n]) => a <= b,
  ge_s: ([a = 0n, b = 0n]) => a >= b,
  ge_u: (_, [a = 0n, b = 0n]) => a >= b,
}

export class Interpreter {
  gas = 0n
  readonly memory: { bytes: Uint8Array }
  private readonly module: WasmModule
  private readonly maximumPages: number
  private readonly globals: Value[]
  private readonly table: (number | undefined)[]
  private readonly bodies: Body[]

  /** `memory` as it is after instantiation. */
  constructor(module: WasmModule, memory: Uint8Array, maximumPages: number) {
    this.module = module
    this.memory = { bytes: memory.slice() }
    this.maximumPages = Math.min(maximumPages, module.memory?.maximumPages ?? maximumPages)
    this.globals = readGlobals(module)
    this.table = Array.from({ length: module.tableEntries ?? 0 }, () => undefined)
    for (const { offset, functions } of module.elements) {
      const from = new Reader(module.bytes, offset.start + 1).s32()
      for (const [i, fn] of functions.entries()) this.table[from + i] = fn
    }
    this.bodies = module.bodies.map((_, i) => readInstructions(module, i))
  }

  /** Runs an exported function; `gas` afterwards is what it used. */
  invoke(name: string, args: readonly Value[]): Value | undefined {
    this.gas = 0n
    const found = this.module.exports.find(e => e.name === name && e.kind === 0)
    if (found === undefined) throw new Unsupported(name)
    return this.call(found.index, args)
  }

  private call(index: number, args: readonly Value[]): Value | undefined {
    const imported = this.module.imports[index]
    if (imported !== undefined) return this.host(imported.name)
    const body = this.bodies[index - this.module.imports.length] as Body
    this.gas += BigInt(functionEntryGas(body.localCount))
    const stack: Value[] = []
    this.runBody(
      body,
      [...args, ...body.locals],
      stack,
      typeOfFunction(this.module, index).result === undefined ? 0 : 1,
    )
    return stack.pop()
  }

  /** gas_left answers what was used so far, negated: the limit is the test's business. */
  private host(name: string): Value {
    if (name !== 'gas_left') throw new Unsupported(name)
    this.gas += HOST_CALL_GAS + (HOST_FUNCTIONS.get(name)?.gas.base ?? 0n)
    return -this.gas
  }

  private runBody({ code }: Body, locals: Value[], stack: Value[], arity: number): void {
    const labels: Label[] = [{ isLoop: false, at: code.length, height: 0, arity }]
    const pop = (): Value => stack.pop() as Value
    const branch = (depth: number): number => {
      const label = labels[labels.length - 1 - depth] as Label
      const kept = label.isLoop || label.arity === 0 ? [] : [pop()]
      stack.length = label.height
      stack.push(...kept)
      labels.length -= label.isLoop ? depth : depth + 1
      if (label.isLoop) this.gas += BigInt(LOOP_ITERATION_GAS)
      return label.at
    }
    let pc = 0
    while (pc < code.length) {
      const instruction = code[pc++] as Instruction
      const { operand, gas } = instruction
      this.gas += gas
      switch (instruction.code) {
        case OP.unreachable:
          throw new Trap('unreachable')
        case OP.nop:
          break
        case OP.block:
          labels.push({
            isLoop: false,
            at: instruction.end + 1,
            height: stack.length,
            arity: operand === 0x40 ? 0 : 1,
          })
          break
        case OP.loop:
          this.gas += BigInt(LOOP_ITERATION_GAS)
          labels.push({ isLoop: true, at: pc, height: stack.length, arity: operand === 0x40 ? 0 : 1 })
          break
        case OP.if: {
          const isTrue = i32(pop()) !== 0
          if (!isTrue && instruction.otherwise === undefined) {
            pc = instruction.end + 1
            break
          }
          labels.push({
            isLoop: false,
            at: instruction.end + 1,
            height: stack.length,
            arity: operand === 0x40 ? 0 : 1,
          })
          if (!isTrue) pc = (instruction.otherwise as number) + 1
          break
        }
        case OP.else:
          pc = instruction.end + 1
          labels.pop()
          break
        case OP.end:
          labels.pop()
          break
        case OP.br:
          pc = branch(operand)
          break
        case OP.brIf:
          if (i32(pop()) !== 0) pc = branch(operand)
          break
        case OP.brTable: {
          const reader = new Reader(this.module.bytes, instruction.start + 1)
          const targets = Array.from({ length: reader.u32() + 1 }, () => reader.u32())
          pc = branch(targets[Math.min(u32(pop()), targets.length - 1)] as number)
          break
        }
        case OP.return:
          pc = branch(labels.length - 1)
          break
        case OP.call:
          this.callWith(operand, stack)
          break
        case OP.callIndirect: {
          const fn = this.table[u32(pop())]
          const wanted = JSON.stringify(this.module.types[operand])
          if (fn === undefined || JSON.stringify(typeOfFunction(this.module, fn)) !== wanted) {
            throw new Trap('indirect call')
          }
          this.callWith(fn, stack)
          break
        }
        case OP.drop:
          pop()
          break
        case OP.select: {
          const [first, second, condition] = stack.splice(-3)
          stack.push((i32(condition as Value) === 0 ? second : first) as Value)
          break
        }
        case OP.localGet:
          stack.push(locals[operand] as Value)
          break
        case OP.localSet:
          locals[operand] = pop()
          break
        case OP.localTee:
          locals[operand] = stack[stack.length - 1] as Value
          break
        case OP.globalGet:
          stack.push(this.globals[operand] as Value)
          break
        case OP.globalSet:
          this.globals[operand] = pop()
          break
        default:
          this.plain(instruction, stack)
      }
    }
  }

  private callWith(fn: number, stack: Value[]): void {
    const { params, result } = typeOfFunction(this.module, fn)
    const args = params.length === 0 ? [] : stack.splice(-params.length)
    const value = this.call(fn, args)
    if (result !== undefined) stack.push(value as Value)
  }

  private plain({ code, start }: Instruction, stack: Value[]): void {
    const opcode = OPCODES.get(code)
    if (opcode === undefined || /[fF]/.test(opcode.pops + opcode.pushes)) throw new Unsupported(opcode?.name)
    const { name, pops } = opcode
    const reader = new Reader(this.module.bytes, start + 1)
    const args = pops.length === 0 ? [] : stack.splice(-pops.length)
    const [type = name, verb = ''] = name.split('.')
    const bits = pops.startsWith('I') ? 64 : 32
    const signed = args.map(value => BigInt.asIntN(bits, BigInt(value)))
    const unsigned = args.map(value => BigInt.asUintN(bits, BigInt(value)))
    const push = (value: bigint): void => {
      stack.push(type === 'i64' ? i64(value) : Number(BigInt.asIntN(32, value)))
    }
    if (name === 'i32.const') stack.push(reader.s32())
    else if (name === 'i64.const') stack.push(readS64(reader))
    else if (name === 'i32.wrap_i64') push(signed[0] as bigint)
    else if (name === 'i64.extend_i32_s') push(signed[0] as bigint)
    else if (name === 'i64.extend_i32_u') push(unsigned[0] as bigint)
    else if (name === 'memory.size') stack.push(this.memory.bytes.length / 65_536)
    else if (name === 'memory.grow') stack.push(this.grow(u32(args[0] as Value)))
    else if (name === 'memory.fill' || name === 'memory.copy') this.bulk(name, args.map(u32))
    else if (verb.startsWith('load')) push(this.load(reader, u32(args[0] as Value), type, verb))
    else if (verb.startsWith('store')) this.store(reader, u32(args[0] as Value), type, verb, args[1] as Value)
    else if (COMPARE[verb] !== undefined) stack.push(bool(COMPARE[verb](signed, unsigned)))
    else if (ARITHMETIC[verb] !== undefined) push(ARITHMETIC[verb](signed, unsigned, bits))
    else throw new Unsupported(name)
  }

  private grow(pages: number): number {
    const before = this.memory.bytes.length / 65_536
    if (before + pages > this.maximumPages) return -1
    if (before + pages > MOST_PAGES) throw new Unsupported('so much memory')
    this.gas += BigInt(pages) * BigInt(MEMORY_PAGE_GAS)
    const bytes = new Uint8Array((before + pages) * 65_536)
    bytes.set(this.memory.bytes)
    this.memory.bytes = bytes
    return before
  }

  private bulk(name: string, [to = 0, from = 0, length = 0]: number[]): void {
    this.gas += BigInt(length >>> MEMORY_BULK_SHIFT)
    const { bytes } = this.memory
    const last = Math.max(to, name === 'memory.copy' ? from : 0) + length
    if (last > bytes.length) throw new Trap('out of bounds')
    if (name === 'memory.copy') bytes.copyWithin(to, from, from + length)
    else bytes.fill(from & 0xff, to, to + length)
  }

  private address(reader: Reader, base: number, width: number): number {
    reader.u32()
    const at = base + reader.u32()
    if (at + width > this.memory.bytes.length) throw new Trap('out of bounds')
    return at
  }

  private load(reader: Reader, base: number, type: string, verb: string): bigint {
    const width = widthOf(type, verb)
    const at = this.address(reader, base, width)
    let value = 0n
    for (let i = width - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.memory.bytes[at + i] as number)
    return verb.endsWith('_s') ? BigInt.asIntN(8 * width, value) : value
  }

  private store(reader: Reader, base: number, type: string, verb: string, value: Value): void {
    const width = widthOf(type, verb)
    const at = this.address(reader, base, width)
    const bits = typeof value === 'bigint' ? u64(value) : BigInt(u32(value))
    for (let i = 0; i < width; i++) this.memory.bytes[at + i] = Number((bits >> BigInt(8 * i)) & 0xffn)
  }
}

function widthOf(type: string, verb: string): number {
  const bits = /\d+/.exec(verb)?.[0]
  return bits === undefined ? (type === 'i64' ? 8 : 4) : Number(bits) / 8
}

function readS64(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; ; shift += 7n) {
    const byte = reader.u8()
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asIntN(Math.min(64, Number(shift) + 7), value)
  }
}

function zero(type: number): Value {
  if (type === I32) return 0
  if (type === I64) return 0n
  throw new Unsupported('floats')
}

function readGlobals(module: WasmModule): Value[] {
  const reader = new Reader(module.bytes, module.globalSpan?.start ?? 0)
  return module.globals.map(({ type }) => {
    zero(type)
    reader.skip(3)
    const value = type === I32 ? reader.s32() : readS64(reader)
    reader.skip(1)
    return value
  })
}

function readInstructions(module: WasmModule, i: number): Body {
  const ops = new OpList()
  readBody(module, module.bodies[i] as { start: number; end: number }, module.imports.length + i, ops)
  const code = Array.from({ length: ops.count }, (_, k): Instruction => {
    const opcode = ops.code[k] as number
    return {
      code: opcode,
      gas: BigInt(OPCODES.get(opcode)?.gas ?? 0),
      operand: ops.operand[k] as number,
      start: (ops.start[k] as number) + (opcode > 0xff ? 1 : 0),
      end: 0,
      otherwise: undefined,
    }
  })
  const open: number[] = []
  for (const [k, instruction] of code.entries()) {
    if (instruction.code === OP.block || instruction.code === OP.loop || instruction.code === OP.if)
      open.push(k)
    else if (instruction.code === OP.else)
      (code[open[open.length - 1] as number] as Instruction).otherwise = k
    else if (instruction.code === OP.end && open.length > 0) {
      const opener = code[open.pop() as number] as Instruction
      opener.end = k
      if (opener.otherwise !== undefined) (code[opener.otherwise] as Instruction).end = k
    }
  }
  const locals: Value[] = []
  const reader = new Reader(module.bytes, ops.declarations.start, ops.declarations.end)
  for (let k = 0; k < ops.declarationCount; k++) {
    const count = reader.u32()
    const value = zero(reader.u8())
    for (let n = 0; n < count; n++) locals.push(value)
  }
  return { locals, localCount: ops.localCount, code }
}
