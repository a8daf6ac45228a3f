/**
 * The gas schedule. One unit is about 0.5 ns of the slowest tier the engine may run code in (its baseline
 * compiler), measured with the metering in place. Host functions are priced by the same yardstick in
 * host-prices.ts. Any change needs a new {@link GAS_SCHEDULE_VERSION}: gas is part of every receipt.
 */
export const GAS_SCHEDULE_VERSION = 2

/** Static price of an instruction, by what it does; opcodes.ts assigns each opcode one of these. */
export const OP_GAS = {
  /** Leaves no machine code behind: block, end, else, nop, drop. */
  free: 0,
  simple: 1,
  branch: 1,
  branchTable: 16,
  global: 2,
  select: 3,
  mul: 2,
  rotate: 3,
  countZeros: 3,
  popcount: 6,
  div32: 10,
  div64: 14,
  load: 8,
  store: 4,
  floatSign: 2,
  floatCompare: 3,
  floatArith: 3,
  floatMinMax: 6,
  floatRound: 6,
  floatDivSqrt: 12,
  intToFloat: 4,
  floatToInt: 9,
  call: 14,
  callIndirect: 14,
  memorySize: 2,
  memoryGrow: 100,
  memoryBulk: 15,
} as const

/** Each time a loop body starts, first time included. */
export const LOOP_ITERATION_GAS = 1
/** Entering a function costs one unit for this many parameters and locals (they are zeroed). */
export const LOCALS_PER_GAS = 4
/** Page by page, on top of OP_GAS.memoryGrow: the page has to be mapped and zeroed. */
export const MEMORY_PAGE_GAS = 60_000
/** memory.copy and memory.fill: one unit for 2^this bytes, on top of OP_GAS.memoryBulk. */
export const MEMORY_BULK_SHIFT = 4
/** Crossing into the host, on top of the host function's own price. */
export const HOST_CALL_GAS = 15n

/** Gas limits stay below this, so that a signed 64-bit counter never wraps. */
export const MAX_GAS_LIMIT = 1n << 62n

/** What entering a function with this many parameters and locals costs. */
export function functionEntryGas(localCount: number): number {
  return Math.floor(localCount / LOCALS_PER_GAS)
}
