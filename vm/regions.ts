/**
 * Where gas is charged. A region is a set of instructions that run exactly as often as its head; its whole price
 * is charged at the head. Regions are as large as that allows, with these ends:
 *
 * - a conditional or unconditional branch, a loop head, the arms of an `if`;
 * - a call: the callee may abort, and the gas the host reads or reports must not contain what was not yet run.
 *
 * Code after a block's `end` belongs to the region the block was entered in if nothing inside leaves the block
 * other than through its own label. A branch to an enclosing loop's head does leave it: the code after the block is
 * skipped in that iteration. So the gas used at every host call, return and abort equals the sum over the
 * instructions that ran; only a trap may find more charged, and a trap costs the whole limit anyway.
 */
import type { OpList } from './body.ts'
import { functionEntryGas, LOOP_ITERATION_GAS } from './gas.ts'
import { GAS_BY_CODE, OP } from './opcodes.ts'
import { LIMITS } from './profile.ts'
import { Reader } from './reader.ts'

/** Regions of one body in the order of their heads; reused from function to function. */
export class RegionList {
  count = 0
  /** Index in the OpList of the instruction the charge stands before; strictly rising. */
  readonly head = new Uint32Array(LIMITS.bodyBytes + 2)
  readonly cost = new Uint32Array(LIMITS.bodyBytes + 2)
}

/** No region: the instruction that would follow cannot be reached by falling through. */
const NONE = -1
/** A call may end in an abort, which leaves every block. */
const LEAVES_EVERYTHING = -1

/** Open blocks, the function itself at 0. */
const opener = new Uint8Array(LIMITS.nesting + 2)
/** The region the block was entered in. */
const entered = new Int32Array(LIMITS.nesting + 2)
/** The outermost block that is left from inside; the block's own depth or more means none. */
const leaves = new Int32Array(LIMITS.nesting + 2)
const isTarget = new Uint8Array(LIMITS.nesting + 2)

export function findRegions(bytes: Uint8Array, ops: OpList, regions: RegionList): void {
  const { cost, head } = regions
  regions.count = 0
  const open = (at: number, initialCost: number): number => {
    head[regions.count] = at
    cost[regions.count] = initialCost
    return regions.count++
  }

  let depth = 0
  let current = open(0, functionEntryGas(ops.localCount))
  const enter = (code: number): void => {
    opener[depth] = code
    entered[depth] = current
    leaves[depth] = depth
    isTarget[depth] = 0
    depth++
  }
  const branch = (label: number): void => {
    const target = depth - 1 - label
    isTarget[target] = 1
    leaves[depth - 1] = Math.min(leaves[depth - 1] as number, target)
  }

  enter(OP.block)
  for (let i = 0; i < ops.count; i++) {
    const code = ops.code[i] as number
    if (current !== NONE) cost[current] = (cost[current] as number) + (GAS_BY_CODE[code] as number)
    switch (code) {
      case OP.block:
        enter(code)
        break
      case OP.loop:
        enter(code)
        current = open(i + 1, LOOP_ITERATION_GAS)
        break
      case OP.if:
        enter(code)
        current = open(i + 1, 0)
        break
      case OP.else:
        current = open(i + 1, 0)
        break
      case OP.end: {
        depth--
        const left = leaves[depth] as number
        if (depth === 0) break
        if (left >= depth) {
          current = entered[depth] as number
          break
        }
        leaves[depth - 1] = Math.min(leaves[depth - 1] as number, left)
        const joins = opener[depth] === OP.if || (opener[depth] === OP.block && isTarget[depth] === 1)
        if (joins || current === NONE) current = open(i + 1, 0)
        break
      }
      case OP.br:
        branch(ops.operand[i] as number)
        current = NONE
        break
      case OP.brIf:
        branch(ops.operand[i] as number)
        current = open(i + 1, 0)
        break
      case OP.brTable: {
        const reader = new Reader(bytes, (ops.start[i] as number) + 1, ops.end[i])
        for (let labels = reader.u32() + 1; labels > 0; labels--) branch(reader.u32())
        current = NONE
        break
      }
      case OP.return:
        branch(depth - 1)
        current = NONE
        break
      case OP.unreachable:
        current = NONE
        break
      case OP.call:
      case OP.callIndirect:
        leaves[depth - 1] = LEAVES_EVERYTHING
        current = open(i + 1, 0)
        break
      default:
    }
  }
}
