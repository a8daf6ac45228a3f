/**
 * The reference for results, gas and contract stack: runs a module one instruction at a time and charges each as it
 * runs, with nothing merged or moved. Slow and obvious.
 */
import { LOOP_ITERATION_GAS, MEMORY_BULK_SHIFT, MEMORY_PAGE_GAS, functionEntryGas } from '../../vm/gas.ts'
import { EXPORT_KIND, typeOfFunction, type WasmModule } from '../../vm/module.ts'
import { OP } from '../../vm/opcodes.ts'
import { Reader } from '../../vm/reader.ts'
import { type Access, type Body, type Instruction, readBodies, readConstant } from './code.ts'
import { FLOAT_BITS, NUMERIC, Trap, type Value } from './numbers.ts'

export interface InterpreterOptions {
  /** What memory.grow may reach. */
  readonly maximumPages: number
  /** Runs the host function and charges for it. */
  readonly host?: (name: string, args: readonly Value[], machine: Interpreter) => Value | undefined
}

interface Label {
  readonly isLoop: boolean
  /** Where a branch goes on. */
  readonly at: number
  readonly height: number
  readonly arity: number
}

const EMPTY_BLOCK = 0x40
const PAGE = 65_536

export class Interpreter {
  /** Used so far. */
  gas = 0n
  /** Words of contract stack left. */
  stackWords = 0
  /** Whether arithmetic made a NaN: an engine may have given it other bits. */
  sawNan = false
  memory: Uint8Array<ArrayBuffer>
  private readonly module: WasmModule
  private readonly maximumPages: number
  private readonly host: NonNullable<InterpreterOptions['host']>
  private readonly globals: Value[]
  private readonly table: (number | undefined)[]
  private readonly bodies: readonly Body[]

  constructor(module: WasmModule, { maximumPages, host }: InterpreterOptions) {
    this.module = module
    this.memory = initialMemory(module)
    this.maximumPages = Math.min(maximumPages, module.memory?.maximumPages ?? maximumPages)
    this.host =
      host ??
      (name => {
        throw new Error(`there is no host function ${name} here`)
      })
    this.globals = readGlobals(module)
    this.table = readTable(module)
    this.bodies = readBodies(module)
  }

  /** Runs an exported function. Throws a {@link Trap}. */
  invoke(name: string, args: readonly Value[], stackWords: number): Value | undefined {
    const found = this.module.exports.find(e => e.name === name && e.kind === EXPORT_KIND.function)
    if (found === undefined) throw new Error(`there is no export ${name}`)
    this.stackWords = stackWords
    return this.call(found.index, args)
  }

  /** An exported global. */
  global(name: string): Value | undefined {
    const found = this.module.exports.find(e => e.name === name && e.kind === EXPORT_KIND.global)
    return found === undefined ? undefined : this.globals[found.index]
  }

  private call(index: number, args: readonly Value[]): Value | undefined {
    const imported = this.module.imports[index]
    if (imported !== undefined) return this.host(imported.name, args, this)
    const body = this.bodies[index - this.module.imports.length] as Body
    this.gas += BigInt(functionEntryGas(body.localCount))
    this.stackWords -= body.frameWords
    if (this.stackWords < 0) throw new Trap('the contract stack is used up', 'stack_overflow')
    const stack: Value[] = []
    const arity = typeOfFunction(this.module, index).result === undefined ? 0 : 1
    this.runBody(body, [...args, ...body.locals], stack, arity)
    this.stackWords += body.frameWords
    return stack.pop()
  }

  private runBody({ code }: Body, locals: Value[], stack: Value[], arity: number): void {
    const labels: Label[] = [{ isLoop: false, at: code.length, height: 0, arity }]
    const pop = (): Value => stack.pop() as Value
    const enter = (isLoop: boolean, at: number, blockType: number): void => {
      labels.push({ isLoop, at, height: stack.length, arity: blockType === EMPTY_BLOCK ? 0 : 1 })
    }
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
      const { operand, end, otherwise } = instruction
      this.gas += BigInt(instruction.gas)
      switch (instruction.code) {
        case OP.unreachable:
          throw new Trap('unreachable code was reached')
        case OP.nop:
          break
        case OP.block:
          enter(false, end + 1, operand)
          break
        case OP.loop:
          this.gas += BigInt(LOOP_ITERATION_GAS)
          enter(true, pc, operand)
          break
        case OP.if:
          if (pop() !== 0) enter(false, end + 1, operand)
          else if (otherwise === undefined) pc = end + 1
          else {
            enter(false, end + 1, operand)
            pc = otherwise + 1
          }
          break
        case OP.else:
          pc = end + 1
          labels.pop()
          break
        case OP.end:
          labels.pop()
          break
        case OP.br:
          pc = branch(operand)
          break
        case OP.brIf:
          if (pop() !== 0) pc = branch(operand)
          break
        case OP.brTable: {
          const { targets } = instruction
          pc = branch(targets[Math.min((pop() as number) >>> 0, targets.length - 1)] as number)
          break
        }
        case OP.return:
          pc = branch(labels.length - 1)
          break
        case OP.call:
          this.callWith(operand, stack)
          break
        case OP.callIndirect:
          this.callWith(this.resolve((pop() as number) >>> 0, operand), stack)
          break
        case OP.localGet:
          stack.push(locals[operand] as Value)
          break
        case OP.localSet:
          locals[operand] = pop()
          break
        case OP.localTee:
          locals[operand] = stack[stack.length - 1] as Value
          break
        default:
          this.runPlain(instruction, stack)
      }
    }
  }

  private callWith(fn: number, stack: Value[]): void {
    const { params, result } = typeOfFunction(this.module, fn)
    const value = this.call(fn, stack.splice(stack.length - params.length))
    if (result !== undefined) stack.push(value as Value)
  }

  private resolve(index: number, typeIndex: number): number {
    if (index >= this.table.length) throw new Trap('indirect call outside the table')
    const fn = this.table[index]
    const wanted = JSON.stringify(this.module.types[typeIndex])
    if (fn === undefined || JSON.stringify(typeOfFunction(this.module, fn)) !== wanted) {
      throw new Trap('indirect call to a missing function or one of another type')
    }
    return fn
  }

  /** What does not change where the function goes on. */
  private runPlain({ code, pops, operand, value, access, makesNan }: Instruction, stack: Value[]): void {
    const args = stack.splice(stack.length - pops)
    const numeric = NUMERIC.get(code)
    if (numeric !== undefined) {
      const result = numeric(...args)
      this.sawNan ||= makesNan && isNan(result)
      stack.push(result)
      return
    }
    if (access !== undefined) {
      if (access.isStore) this.store(access, args[0] as number, args[1] as Value)
      else stack.push(this.load(access, args[0] as number))
      return
    }
    const numbers = args.map(arg => Number(arg) >>> 0)
    switch (code) {
      case OP.i32Const:
      case OP.i64Const:
      case OP.f32Const:
      case OP.f64Const:
        stack.push(value)
        break
      case OP.drop:
        break
      case OP.select:
        stack.push((args[2] === 0 ? args[1] : args[0]) as Value)
        break
      case OP.globalGet:
        stack.push(this.globals[operand] as Value)
        break
      case OP.globalSet:
        this.globals[operand] = args[0] as Value
        break
      case OP.memorySize:
        stack.push(this.memory.length / PAGE)
        break
      case OP.memoryGrow:
        stack.push(this.grow(numbers[0] as number))
        break
      case OP.memoryCopy:
      case OP.memoryFill:
        this.bulk(code === OP.memoryCopy, numbers)
        break
      default:
        throw new Error(`opcode ${code} has no meaning here`)
    }
  }

  private grow(pages: number): number {
    const before = this.memory.length / PAGE
    if (before + pages > this.maximumPages) return -1
    this.gas += BigInt(pages) * BigInt(MEMORY_PAGE_GAS)
    const grown = new Uint8Array((before + pages) * PAGE)
    grown.set(this.memory)
    this.memory = grown
    return before
  }

  private bulk(isCopy: boolean, [to = 0, from = 0, length = 0]: number[]): void {
    this.gas += BigInt(length >>> MEMORY_BULK_SHIFT)
    this.bounds(Math.max(to, isCopy ? from : 0), length)
    if (isCopy) this.memory.copyWithin(to, from, from + length)
    else this.memory.fill(from & 0xff, to, to + length)
  }

  private bounds(start: number, length: number): void {
    if (start + length > this.memory.length) throw new Trap('memory access out of bounds')
  }

  private load({ offset, bytes, isSigned, is64 }: Access, base: number): Value {
    const start = (base >>> 0) + offset
    this.bounds(start, bytes)
    let value = 0n
    for (let i = 0; i < bytes; i++) value |= BigInt(this.memory[start + i] as number) << BigInt(8 * i)
    if (isSigned) value = BigInt.asIntN(8 * bytes, value)
    return is64 ? value : Number(value)
  }

  private store({ offset, bytes }: Access, base: number, value: Value): void {
    const start = (base >>> 0) + offset
    this.bounds(start, bytes)
    const bits = BigInt(value)
    for (let i = 0; i < bytes; i++) this.memory[start + i] = Number((bits >> BigInt(8 * i)) & 0xffn)
  }
}

function isNan(bits: Value): boolean {
  return Number.isNaN(typeof bits === 'bigint' ? FLOAT_BITS.f64(bits) : FLOAT_BITS.f32(bits))
}

function initialMemory(module: WasmModule): Uint8Array<ArrayBuffer> {
  const memory = new Uint8Array((module.memory?.initialPages ?? 0) * PAGE)
  if (module.dataSpan === undefined) return memory
  const reader = new Reader(module.bytes, module.dataSpan.start, module.dataSpan.end)
  for (let segments = reader.u32(); segments > 0; segments--) {
    reader.u32()
    reader.skip(1)
    const offset = reader.s32() >>> 0
    reader.skip(1)
    memory.set(reader.take(reader.u32()), offset)
  }
  return memory
}

function readGlobals(module: WasmModule): Value[] {
  const reader = new Reader(module.bytes, module.globalSpan?.start ?? 0)
  return module.globals.map(() => {
    reader.skip(2)
    const value = readConstant(reader, reader.u8())
    reader.skip(1)
    return value
  })
}

function readTable(module: WasmModule): (number | undefined)[] {
  const table = Array.from({ length: module.tableEntries ?? 0 }, (): number | undefined => undefined)
  for (const { offset, functions } of module.elements) {
    const from = new Reader(module.bytes, offset.start + 1).s32()
    for (const [i, fn] of functions.entries()) table[from + i] = fn
  }
  return table
}
