/**
 * Reads one function body into an {@link OpList}: the allow-list, every per-function limit, and the operand
 * heights. Instructions that can never run (after a branch, up to the end of its block) are checked against
 * the allow-list and left out of the list: the instrumenter neither charges nor emits them.
 */
import { describeRefusedOpcode, MULTI_VALUE_ADVICE } from './advice.ts'
import type { FunctionType, Span, WasmModule } from './module.ts'
import { typeOfFunction } from './module.ts'
import { isValueType, OP, OPCODE_BY_CODE, POPS_BY_CODE, PUSHES_BY_CODE } from './opcodes.ts'
import { LIMITS, ProfileError } from './profile.ts'
import { Reader } from './reader.ts'

export const EMPTY_BLOCK = 0x40

/** The live instructions of one body, in parallel arrays that are reused from function to function. */
export class OpList {
  count = 0
  /** Opcode, see opcodes.ts. */
  readonly code = new Uint16Array(LIMITS.bodyBytes + 1)
  /** Where the instruction stands in the module's bytes. */
  readonly start = new Uint32Array(LIMITS.bodyBytes + 1)
  readonly end = new Uint32Array(LIMITS.bodyBytes + 1)
  /** Its first immediate: block type, label, function, type, local or global index; 0 if it has none of these. */
  readonly operand = new Uint32Array(LIMITS.bodyBytes + 1)

  type: FunctionType = { params: [], result: undefined }
  /** The local declarations as they stand, without their count. */
  declarations: Span = { start: 0, end: 0 }
  declarationCount = 0
  /** Parameters and locals. */
  localCount = 0
  maxHeight = 0
  controlCount = 0
  loopCount = 0
  /** Live instructions only. */
  hasCalls = false
  hasIndirectCalls = false
}

/** Open blocks while a body is read. */
class BlockStack {
  depth = 0
  readonly base = new Uint32Array(LIMITS.nesting + 2)
  readonly arity = new Uint8Array(LIMITS.nesting + 2)
  readonly opener = new Uint8Array(LIMITS.nesting + 2)
  /** Whether the block itself can be reached: its `else` and `end` are then live. */
  readonly live = new Uint8Array(LIMITS.nesting + 2)
}

const blocks = new BlockStack()

export function readBody(module: WasmModule, span: Span, functionIndex: number, ops: OpList): void {
  const reader = new Reader(module.bytes, span.start, span.end)
  ops.type = typeOfFunction(module, functionIndex)
  readDeclarations(reader, ops)
  readInstructions(reader, module, ops)
  if (reader.position !== span.end) throw reader.error('malformed', 'bytes follow the end of the function')
}

function readDeclarations(reader: Reader, ops: OpList): void {
  const count = reader.count(LIMITS.locals, 'local declarations')
  const start = reader.position
  let locals = ops.type.params.length
  for (let i = 0; i < count; i++) {
    const offset = reader.position
    locals += reader.u32()
    if (locals > LIMITS.locals) {
      throw new ProfileError('limit', `${locals} parameters and locals, the limit is ${LIMITS.locals}`, {
        offset,
      })
    }
    readValueType(reader)
  }
  ops.declarationCount = count
  ops.declarations = { start, end: reader.position }
  ops.localCount = locals
}

export function readValueType(reader: Reader): number {
  const type = reader.u8()
  if (!isValueType(type)) {
    throw reader.error(
      'forbidden_type',
      `value type 0x${type.toString(16)} is not allowed, only i32, i64, f32, f64`,
      -1,
      'Compile without simd, reference-types and gc',
    )
  }
  return type
}

function readInstructions(reader: Reader, module: WasmModule, ops: OpList): void {
  let count = 0
  let height = 0
  let maxHeight = 0
  let live: boolean = true
  ops.controlCount = 0
  ops.loopCount = 0
  ops.hasCalls = false
  ops.hasIndirectCalls = false
  blocks.depth = 0
  pushBlock(OP.block, 0, ops.type.result === undefined ? 0 : 1, true)

  while (blocks.depth > 0) {
    const start = reader.position
    const code = readOpcode(reader)
    let operand = 0
    let record = live
    let pops = POPS_BY_CODE[code] as number
    let pushes = PUSHES_BY_CODE[code] as number
    let liveAfter: boolean = live

    switch (code) {
      case OP.block:
      case OP.loop:
      case OP.if: {
        operand = readBlockType(reader)
        if (code === OP.if && live) height -= 1
        pops = pushes = 0
        countControl(reader, ops, code === OP.loop, start)
        if (blocks.depth > LIMITS.nesting) {
          throw new ProfileError('limit', `blocks nest deeper than ${LIMITS.nesting}`, { offset: start })
        }
        pushBlock(code, height, operand === EMPTY_BLOCK ? 0 : 1, live)
        break
      }
      case OP.else: {
        const top = blocks.depth - 1
        if (blocks.opener[top] !== OP.if) throw reader.error('malformed', 'else without if', -1)
        blocks.opener[top] = OP.else
        record = liveAfter = blocks.live[top] === 1
        height = blocks.base[top] as number
        pops = pushes = 0
        break
      }
      case OP.end: {
        const top = --blocks.depth
        record = liveAfter = blocks.live[top] === 1
        height = blocks.base[top] as number
        pops = 0
        pushes = blocks.arity[top] as number
        break
      }
      case OP.br:
      case OP.brIf:
        operand = readLabel(reader)
        countControl(reader, ops, false, start)
        if (code === OP.br) liveAfter = false
        pops = code === OP.br ? 0 : 1
        pushes = 0
        break
      case OP.brTable: {
        const entries = reader.count(LIMITS.branchTableEntries, 'br_table entries')
        for (let i = 0; i <= entries; i++) readLabel(reader)
        countControl(reader, ops, false, start)
        liveAfter = false
        pops = pushes = 0
        break
      }
      case OP.return:
      case OP.unreachable:
        countControl(reader, ops, false, start)
        liveAfter = false
        pops = pushes = 0
        break
      case OP.call: {
        operand = readIndex(reader, module.functionTypes.length, 'function')
        const type = typeOfFunction(module, operand)
        pops = type.params.length
        pushes = type.result === undefined ? 0 : 1
        if (live) ops.hasCalls = true
        break
      }
      case OP.callIndirect: {
        operand = readIndex(reader, module.types.length, 'type')
        if (module.tableEntries === undefined) throw reader.error('invalid', 'call_indirect without a table')
        readZero(reader, 'a table index')
        const type = module.types[operand] as FunctionType
        pops = type.params.length + 1
        pushes = type.result === undefined ? 0 : 1
        if (live) ops.hasCalls = ops.hasIndirectCalls = true
        break
      }
      case OP.localGet:
      case OP.localSet:
      case OP.localTee:
        operand = readIndex(reader, ops.localCount, 'local')
        break
      case OP.globalGet:
      case OP.globalSet:
        operand = readIndex(reader, module.globals.length, 'global')
        break
      default:
        readPlainImmediate(reader, code)
    }

    if (live || record) {
      height += pushes - pops
      if (height < 0) throw new ProfileError('invalid', 'an operand is missing', { offset: start })
      if (height > maxHeight) maxHeight = height
      if (maxHeight > LIMITS.operands) {
        throw new ProfileError('limit', `more than ${LIMITS.operands} operands on the stack`, {
          offset: start,
        })
      }
    }
    if (record) {
      ops.code[count] = code
      ops.start[count] = start
      ops.end[count] = reader.position
      ops.operand[count] = operand
      count++
    }
    live = liveAfter
  }
  ops.count = count
  ops.maxHeight = maxHeight
}

function pushBlock(opener: number, base: number, arity: number, live: boolean): void {
  const top = blocks.depth++
  blocks.opener[top] = opener
  blocks.base[top] = base
  blocks.arity[top] = arity
  blocks.live[top] = live ? 1 : 0
}

function readOpcode(reader: Reader): number {
  const offset = reader.position
  const byte = reader.u8()
  let code = byte
  if (byte === 0xfc) {
    const sub = reader.u32()
    code = 0x100 + Math.min(sub, 0xffff)
  }
  if (OPCODE_BY_CODE[code] === undefined) {
    const { what, advice } = describeRefusedOpcode(code)
    throw new ProfileError('forbidden_opcode', what, { offset, advice })
  }
  return code
}

function readBlockType(reader: Reader): number {
  const type = reader.u8()
  if (type !== EMPTY_BLOCK && !isValueType(type)) {
    throw reader.error(
      'forbidden_type',
      'a block may have one result and no parameters',
      -1,
      MULTI_VALUE_ADVICE,
    )
  }
  return type
}

function readLabel(reader: Reader): number {
  const label = reader.u32()
  if (label >= blocks.depth) throw reader.error('invalid', `branch to label ${label}, which is not open`, -1)
  return label
}

function readIndex(reader: Reader, count: number, what: string): number {
  const offset = reader.position
  const index = reader.u32()
  if (index >= count) throw new ProfileError('invalid', `there is no ${what} ${index}`, { offset })
  return index
}

function readZero(reader: Reader, what: string): void {
  if (reader.u8() !== 0) {
    throw reader.error(
      'forbidden_opcode',
      `${what} other than 0`,
      -1,
      'Compile without multi-memory and reference-types',
    )
  }
}

function readPlainImmediate(reader: Reader, code: number): void {
  switch (OPCODE_BY_CODE[code]?.immediate) {
    case 'memarg': {
      const align = reader.u32()
      if (align > 3) throw reader.error('malformed', `alignment 2^${align} does not exist`, -1)
      reader.u32()
      return
    }
    case 'i32':
      reader.s32()
      return
    case 'i64':
      reader.skipS64()
      return
    case 'f32':
      reader.skip(4)
      return
    case 'f64':
      reader.skip(8)
      return
    case 'memory':
      readZero(reader, 'a memory index')
      return
    case 'memories':
      readZero(reader, 'a memory index')
      readZero(reader, 'a memory index')
      return
    case 'none':
    case 'block':
    case 'label':
    case 'labels':
    case 'function':
    case 'type':
    case 'local':
    case 'global':
    case undefined:
  }
}

function countControl(reader: Reader, ops: OpList, isLoop: boolean, offset: number): void {
  ops.controlCount++
  if (isLoop && ++ops.loopCount > LIMITS.loopsPerFunction) {
    throw new ProfileError('limit', `more than ${LIMITS.loopsPerFunction} loops in a function`, { offset })
  }
  if (ops.controlCount * (ops.localCount + 1) > LIMITS.localsTimesControlPerFunction) {
    throw reader.error(
      'limit',
      `locals times control instructions exceed ${LIMITS.localsTimesControlPerFunction}`,
    )
  }
}
