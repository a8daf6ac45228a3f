/**
 * What the instrumenter has to know of a function before it rewrites its callers.
 *
 * - **observed**: a call may reach the host, which reads the gas and may end the call with exactly what was used.
 *   Code after a call of any other function runs unless the call traps, so it may be charged before it.
 * - **fixed**: a leaf without loops that costs the same on every path that does not trap, and little. Its callers
 *   pay for it; the function itself stays as it is, without gas and stack.
 * - **light**: a leaf without loops that costs little. It pays, but leaves looking at the sign to its caller.
 */
import { OpList, readBody } from './body.ts'
import { functionEntryGas } from './gas.ts'
import type { WasmModule } from './module.ts'
import { GAS_BY_CODE, OP } from './opcodes.ts'
import { LIMITS } from './profile.ts'
import { Reader } from './reader.ts'

/**
 * The most that a fixed or light function may cost. It runs on credit, so this bounds what a path without loops
 * can run up: no more for each call instruction than for some ten others.
 */
export const SMALL_GAS = 100

/** By function index, imports first. */
export interface Effects {
  /** 1 if a call may reach the host. */
  readonly observed: Uint8Array
  /** Gas of a fixed function, NOT_FIXED for all others. */
  readonly fixedGas: Int32Array
  readonly light: Uint8Array
  /** 1 if a call through the table may reach the host. */
  readonly tableObserved: boolean
}

export const NOT_FIXED = -1

const ops = new OpList()

export function findEffects(module: WasmModule): Effects {
  const count = module.functionTypes.length
  const imports = module.imports.length
  /** Stands for every function of the table: call_indirect may call any of them. */
  const table = count
  const callers: number[][] = Array.from({ length: count + 1 }, () => [])
  for (const fn of new Set(module.elements.flatMap(({ functions }) => functions))) callers[fn]?.push(table)

  const fixedGas = new Int32Array(count).fill(NOT_FIXED)
  const light = new Uint8Array(count)
  for (const [i, span] of module.bodies.entries()) {
    const fn = imports + i
    readBody(module, span, fn, ops)
    if (ops.hasCalls) addCalls(callers, fn, table)
    else if (isStraight()) {
      fixedGas[fn] = commonGas(module.bytes)
      light[fn] = totalGas() <= SMALL_GAS ? 1 : 0
    }
  }

  const observed = reachable(callers, [...module.imports.keys()])
  return { observed, fixedGas, light, tableObserved: observed[table] === 1 }
}

function addCalls(callers: number[][], fn: number, table: number): void {
  for (let i = 0; i < ops.count; i++) {
    const callee =
      ops.code[i] === OP.call
        ? (ops.operand[i] as number)
        : ops.code[i] === OP.callIndirect
          ? table
          : undefined
    if (callee === undefined) continue
    const found = callers[callee] as number[]
    if (found.at(-1) !== fn) found.push(fn)
  }
}

/** Everything that leads to one of `start`, itself included. */
function reachable(callers: readonly (readonly number[])[], start: readonly number[]): Uint8Array {
  const found = new Uint8Array(callers.length)
  const open = [...start]
  for (const fn of start) found[fn] = 1
  for (let fn = open.pop(); fn !== undefined; fn = open.pop()) {
    for (const caller of callers[fn] ?? []) {
      if (found[caller] === 1) continue
      found[caller] = 1
      open.push(caller)
    }
  }
  return found
}

/** No loops and no instruction whose price depends on an operand. */
function isStraight(): boolean {
  for (let i = 0; i < ops.count; i++) {
    const code = ops.code[i]
    if (code === OP.loop || code === OP.memoryGrow || code === OP.memoryCopy || code === OP.memoryFill)
      return false
  }
  return true
}

function totalGas(): number {
  let gas = functionEntryGas(ops.localCount)
  for (let i = 0; i < ops.count; i++) gas += GAS_BY_CODE[ops.code[i] as number] as number
  return gas
}

/** Gas so far where a path cannot get, or where none has got yet. */
const NOWHERE = -1
/** Open blocks: what every path to the block's end has cost so far, and what reached the `if`. */
const atEnd = new Int32Array(LIMITS.nesting + 2)
const atIf = new Int32Array(LIMITS.nesting + 2)

/** What every path through the straight body costs; NOT_FIXED if they differ or it is more than SMALL_GAS. */
function commonGas(bytes: Uint8Array): number {
  let gas = functionEntryGas(ops.localCount)
  let depth = 0
  let differ = false
  const enter = (ifGas: number): void => {
    atEnd[depth] = NOWHERE
    atIf[depth++] = ifGas
  }
  const arrive = (block: number, reached: number): void => {
    if (reached === NOWHERE) return
    if (atEnd[block] === NOWHERE) atEnd[block] = reached
    else if (atEnd[block] !== reached) differ = true
  }
  enter(NOWHERE)
  for (let i = 0; i < ops.count; i++) {
    const code = ops.code[i] as number
    const operand = ops.operand[i] as number
    if (gas !== NOWHERE) gas += GAS_BY_CODE[code] as number
    if (gas > SMALL_GAS) return NOT_FIXED
    switch (code) {
      case OP.block:
        enter(NOWHERE)
        break
      case OP.if:
        enter(gas)
        break
      case OP.else:
        arrive(depth - 1, gas)
        gas = atIf[depth - 1] as number
        atIf[depth - 1] = NOWHERE
        break
      case OP.end:
        depth--
        arrive(depth, gas)
        arrive(depth, atIf[depth] as number)
        gas = atEnd[depth] as number
        break
      case OP.brIf:
        arrive(depth - 1 - operand, gas)
        break
      case OP.br:
        arrive(depth - 1 - operand, gas)
        gas = NOWHERE
        break
      case OP.brTable: {
        const reader = new Reader(bytes, (ops.start[i] as number) + 1, ops.end[i])
        for (let labels = reader.u32() + 1; labels > 0; labels--) arrive(depth - 1 - reader.u32(), gas)
        gas = NOWHERE
        break
      }
      case OP.return:
        arrive(0, gas)
        gas = NOWHERE
        break
      case OP.unreachable:
        gas = NOWHERE
        break
      default:
    }
  }
  return differ || gas === NOWHERE ? NOT_FIXED : gas
}
