/**
 * Where gas is charged. A region is a set of instructions that run exactly as often as its head; its whole price
 * is charged at the head. Regions are as large as that allows, with these ends:
 *
 * - a conditional or unconditional branch, a loop head, the arms of an `if`;
 * - a call that may reach the host (effects.ts): the callee may abort, and the gas the host reads or reports must
 *   not contain what was not yet run.
 *
 * Code after a block's `end` belongs to the region the block was entered in if nothing inside leaves the block
 * other than through its own label. A branch to an enclosing loop's head does leave it: the code after the block is
 * skipped in that iteration. So the gas used at every host call, return and abort equals the sum over the
 * instructions that ran; only a trap may find more charged, and a trap costs the whole limit anyway.
 *
 * A region that ends in an `if` is not charged by itself if both ways on from there start a region of their own:
 * each of them charges for both, so that one subtraction is left on every path.
 */
import type { OpList } from './body.ts'
import { type Effects, NOT_FIXED } from './effects.ts'
import { functionEntryGas, LOOP_ITERATION_GAS } from './gas.ts'
import { GAS_BY_CODE, OP } from './opcodes.ts'
import { LIMITS } from './profile.ts'
import { Reader } from './reader.ts'

/** Regions of one body in the order of their heads; reused from function to function. */
export class RegionList {
  count = 0
  /** Index in the OpList of the instruction the charge stands before; strictly rising. */
  readonly head = new Uint32Array(LIMITS.bodyBytes + 2)
  /** Gas to charge there. */
  readonly cost = new Uint32Array(LIMITS.bodyBytes + 2)
  /** The call has run out of gas if there is less than this; 0 means that nobody looks. */
  readonly atLeast = new Uint32Array(LIMITS.bodyBytes + 2)
  /** By instruction: the region it belongs to, or a negative number. */
  readonly of = new Int32Array(LIMITS.bodyBytes + 1)
  /** Used while the list is made: the two regions that follow it, see `passOn`. */
  readonly next = new Uint32Array(LIMITS.bodyBytes + 2)
  readonly otherNext = new Uint32Array(LIMITS.bodyBytes + 2)
}

/** In RegionList.next: the region charges for itself. Region 0 is nobody's successor. */
const CHARGES_ITSELF = 0

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
/** Of an `if`: the region of its first arm. */
const firstArm = new Uint32Array(LIMITS.nesting + 2)

export interface RegionSource {
  readonly bytes: Uint8Array
  readonly ops: OpList
  readonly effects: Effects
  /** Whether the function looks at the sign when it is entered. */
  readonly checksEntry: boolean
}

export function findRegions(source: RegionSource, regions: RegionList): void {
  const { bytes, ops, effects } = source
  const { cost, head, next, otherNext, of } = regions
  regions.count = 0
  const open = (at: number, initialCost: number): number => {
    const region = regions.count++
    head[region] = at
    cost[region] = initialCost
    next[region] = CHARGES_ITSELF
    return region
  }
  const fork = (from: number, one: number, other: number): void => {
    if (next[from] !== CHARGES_ITSELF) return
    next[from] = one
    otherNext[from] = other
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
    of[i] = current
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
        firstArm[depth - 1] = current
        break
      case OP.else:
        opener[depth - 1] = OP.else
        current = open(i + 1, 0)
        fork(entered[depth - 1] as number, firstArm[depth - 1] as number, current)
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
        const isIf = opener[depth] === OP.if || opener[depth] === OP.else
        const joins = isIf || (opener[depth] === OP.block && isTarget[depth] === 1)
        const arm = current
        if (joins || current === NONE) current = open(i + 1, 0)
        const isOtherWay = opener[depth] === OP.if && arm === NONE && isTarget[depth] === 0
        if (isOtherWay) fork(entered[depth] as number, firstArm[depth] as number, current)
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
      case OP.call: {
        const callee = ops.operand[i] as number
        const fixed = effects.fixedGas[callee] as number
        if (fixed !== NOT_FIXED) cost[current] = (cost[current] as number) + fixed
        if (effects.observed[callee] === 1) {
          leaves[depth - 1] = LEAVES_EVERYTHING
          current = open(i + 1, 0)
        }
        break
      }
      case OP.callIndirect:
        if (effects.tableObserved) {
          leaves[depth - 1] = LEAVES_EVERYTHING
          current = open(i + 1, 0)
        }
        break
      default:
    }
  }
  passOn(source, regions)
}

/** Moves what a region costs to the two that follow it, and says where the sign is looked at. */
function passOn({ ops, checksEntry }: RegionSource, regions: RegionList): void {
  const { atLeast, cost, head, next, otherNext } = regions
  for (let region = 0; region < regions.count; region++) {
    const units = cost[region] as number
    const checks = region === 0 ? checksEntry : ops.code[(head[region] as number) - 1] === OP.loop
    atLeast[region] = checks ? units : 0
    const one = next[region] as number
    const other = otherNext[region] as number
    if (one === CHARGES_ITSELF || (cost[one] === 0 && cost[other] === 0)) continue
    cost[one] = (cost[one] as number) + units
    cost[other] = (cost[other] as number) + units
    cost[region] = 0
  }
}
