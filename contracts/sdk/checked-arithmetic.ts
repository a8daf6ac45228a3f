/**
 * Checked arithmetic: in the author's files `+ - * **`, their assignments, `++`, `--` and the minus sign on integers of
 * 8 to 64 bits end the call where the result does not fit its type, with a revert that names the operation at the
 * author's line. `<<` and casts cut bits off, as they are for. Functions and methods marked @unchecked, the SDK and the
 * standard library wrap around as AssemblyScript does.
 *
 * The compiler's own code for an operation stays; a comparison and a jump stand beside it:
 *
 * | operands                      | overflows if                                                                  |
 * | ----------------------------- | ----------------------------------------------------------------------------- |
 * | two constants                 | known now: a mistake in the source                                            |
 * | one constant                  | the other is outside the range from which the result is inside the type's     |
 * | 8 to 32 bits                  | the result, computed in twice the bits, is not in the type's range            |
 * | 64 bits, unsigned sum         | it is less than the left operand; a difference: greater                       |
 * | 64 bits, signed sum           | its sign is neither operand's; a difference: as a = b + r                     |
 * | 64 bits, product; any power   | checked-products.ts of the SDK says so                                        |
 */
import type {
  BinaryExpression,
  Expression,
  ForStatement,
  Node,
  Program,
  Range,
  Type,
  UnaryExpression,
} from 'assemblyscript'
import * as assemblyscript from 'assemblyscript'
import {
  constant,
  constantValue,
  type IntegerType,
  integerType,
  isToBeChecked,
  localFor,
  refuse,
  widthOf,
} from './checked-code.ts'
import {
  BinaryOp,
  callSdk,
  type Code,
  type Compiler,
  complain,
  NodeKind,
  ReportMode,
  stepInto,
  Token,
  TypeRef,
  UnaryOp,
} from './compiler-inside.ts'
import { type LoopCounter, loopCounter } from './loop-counters.ts'

type Operation = 'Add' | 'Sub' | 'Mul'

interface State {
  /** What the compiler makes code for: an operation that is to be checked, if it is one. */
  operation: Node | undefined
  /** By their step, `i++`. */
  readonly counters: Map<Node, LoopCounter>
}

const states = new WeakMap<Program, State>()
const isEnrolled = (program: Program): boolean => states.has(program)
const stateOf = ({ program }: Compiler): State => {
  const state = states.get(program)
  if (state === undefined) throw new Error('a step into the compiler for a program that was not enrolled')
  return state
}

/** Has the arithmetic of this program checked. To be called before it is compiled. */
export const checkArithmetic = (program: Program): void => {
  states.set(program, { operation: undefined, counters: new Map() })
}

const exact = { Add: (a: bigint, b: bigint) => a + b, Sub: (a: bigint, b: bigint) => a - b, Mul: (a: bigint, b: bigint) => a * b }

const messageOf = (operation: Operation, { isSigned }: IntegerType): string => {
  if (operation === 'Add') return 'addition overflows'
  if (operation === 'Mul') return 'multiplication overflows'
  return isSigned ? 'subtraction overflows' : 'subtraction goes below zero'
}

interface Operands {
  readonly operation: Operation
  readonly left: Code
  readonly right: Code
  readonly type: IntegerType
  readonly range: Range
}

/** The operands of 8 and 16 bits may carry bits beyond those; `plain` makes the compiler's own code. */
type Plain = (left: Code, right: Code) => Code

const divideUp = (a: bigint, b: bigint): bigint => -divideDown(-a, b)
const divideDown = (a: bigint, b: bigint): bigint => a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n)

/** From which `x` on, up to which, `x operation c` (or `c operation x`) is in the type's range. */
const rangeBeside = (operation: Operation, { min, max }: IntegerType, c: bigint, isLeft: boolean): [bigint, bigint] => {
  if (operation === 'Add') return [min - c, max - c]
  if (operation === 'Sub') return isLeft ? [c - max, c - min] : [min + c, max + c]
  if (c === 0n) return [min, max]
  return c > 0n ? [divideUp(min, c), divideDown(max, c)] : [divideUp(max, c), divideDown(min, c)]
}

const besideConstant = (
  compiler: Compiler,
  { operation, left, right, type, range }: Operands,
  plain: Plain,
  c: bigint,
  isLeft: boolean,
): Code => {
  const { module } = compiler
  const [from, to] = rangeBeside(operation, type, c, isLeft)
  const low = from > type.min ? from : type.min
  const high = to < type.max ? to : type.max
  if (low === type.min && high === type.max) return plain(left, right)
  const width = widthOf(type)
  const sign = type.isSigned ? '' : 'U'
  const { index } = localFor(compiler, width)
  const kept = module.local_tee(index, isLeft ? right : left, false)
  const compare = (name: string, a: Code, value: bigint): Code =>
    module.binary(BinaryOp[`${name}${width.replace('I', sign === '' ? 'I' : 'U')}`], a, constant(compiler, width, value))
  const isOutside =
    low === type.min
      ? compare('Gt', kept, high)
      : high === type.max
        ? compare('Lt', kept, low)
        : module.binary(
            BinaryOp[`Gt${width.replace('I', 'U')}`],
            module.binary(BinaryOp[`Sub${width}`], kept, constant(compiler, width, low)),
            constant(compiler, width, high - low),
          )
  const again = module.local_get(index, TypeRef[width])
  return module.block(
    null,
    [
      module.if(isOutside, refuse(compiler, messageOf(operation, type), range)),
      isLeft ? plain(left, again) : plain(again, right),
    ],
    TypeRef[width],
  )
}

/** In 32 bits for types of 8 and 16, in 64 for those of 32. */
const inTwiceTheBits = (compiler: Compiler, { operation, left, right, type, range }: Operands): Code => {
  const { module } = compiler
  const isWord = type.bits === 32
  const width = isWord ? 'I64' : 'I32'
  const extended = (code: Code): Code =>
    isWord ? module.unary(type.isSigned ? UnaryOp['ExtendI32ToI64'] : UnaryOp['ExtendU32ToU64'], code) : code
  const { index } = localFor(compiler, width)
  const result = module.local_tee(
    index,
    module.binary(BinaryOp[`${operation}${width}`], extended(left), extended(right)),
    false,
  )
  // What lies below the range is far above it when read without a sign.
  const isOutside = module.binary(
    BinaryOp[`Gt${width.replace('I', 'U')}`],
    type.isSigned ? module.binary(BinaryOp[`Sub${width}`], result, constant(compiler, width, type.min)) : result,
    constant(compiler, width, type.max - type.min),
  )
  const value = module.local_get(index, TypeRef[width])
  return module.block(
    null,
    [
      module.if(isOutside, refuse(compiler, messageOf(operation, type), range)),
      isWord ? module.unary(UnaryOp['WrapI64ToI32'], value) : value,
    ],
    TypeRef.I32,
  )
}

const in64Bits = (compiler: Compiler, { operation, left, right, type, range }: Operands): Code => {
  const { module } = compiler
  if (operation === 'Mul')
    return callSdk(
      compiler,
      `checked-products/${type.isSigned ? 'multiplySigned' : 'multiplyUnsigned'}`,
      null,
      [left, right],
      range,
      TypeRef.I64,
    )
  const [a, b, r] = [localFor(compiler, 'I64').index, localFor(compiler, 'I64').index, localFor(compiler, 'I64').index]
  const get = (index: number): Code => module.local_get(index, TypeRef.I64)
  const differs = (x: number, y: number): Code => module.binary(BinaryOp['XorI64'], get(x), get(y))
  const unsigned = (): Code => module.binary(BinaryOp[operation === 'Add' ? 'LtU64' : 'GtU64'], get(r), get(a))
  const signed = (): Code =>
    module.binary(
      BinaryOp['LtI64'],
      module.binary(BinaryOp['AndI64'], differs(a, r), operation === 'Add' ? differs(b, r) : differs(a, b)),
      module.i64(0, 0),
    )
  return module.block(
    null,
    [
      module.local_set(a, left, false),
      module.local_set(b, right, false),
      module.local_set(r, module.binary(BinaryOp[`${operation}I64`], get(a), get(b)), false),
      module.if(type.isSigned ? signed() : unsigned(), refuse(compiler, messageOf(operation, type), range)),
      get(r),
    ],
    TypeRef.I64,
  )
}

const folded = (compiler: Compiler, { operation, type, range }: Operands, a: bigint, b: bigint): Code => {
  const result = exact[operation](a, b)
  const message = messageOf(operation, type)
  if (result < type.min || result > type.max)
    complain(compiler, range, `${message}: the result, ${result}, is not from ${type.min} to ${type.max}`)
  return constant(compiler, widthOf(type), result)
}

const checked = (compiler: Compiler, operands: Operands, plain: Plain): Code => {
  const { left, right, type } = operands
  const a = constantValue(compiler, left, type)
  const b = constantValue(compiler, right, type)
  if (a !== undefined && b !== undefined) return folded(compiler, operands, a, b)
  if (b !== undefined) return besideConstant(compiler, operands, plain, b, false)
  if (a !== undefined) return besideConstant(compiler, operands, plain, a, true)
  return type.bits === 64 ? in64Bits(compiler, operands) : inTwiceTheBits(compiler, operands)
}

// Steps

for (const operation of ['Add', 'Sub', 'Mul'] as const)
  stepInto(`make${operation}`, isEnrolled, (compiler, proceed, left, right, type) => {
    const node = stateOf(compiler).operation
    const integer = integerType(type)
    if (node === undefined || integer === undefined) return proceed(left, right, type)
    const wrap = (code: Code): Code => compiler.ensureSmallIntegerWrap(code, type)
    const operands = { operation, left: wrap(left), right: wrap(right), type: integer, range: node.range }
    return checked(compiler, operands, (a, b) => proceed(a, b, type))
  })

stepInto('makePow', isEnrolled, (compiler, proceed, left, right, type, reportNode) => {
  const node = stateOf(compiler).operation
  const integer = integerType(type)
  if (node === undefined || integer === undefined) return proceed(left, right, type, reportNode)
  const { module } = compiler
  const extend = integer.isSigned ? UnaryOp['ExtendI32ToI64'] : UnaryOp['ExtendU32ToU64']
  const wide = (code: Code): Code =>
    integer.bits === 64 ? code : module.unary(extend, compiler.ensureSmallIntegerWrap(code, type))
  const power = callSdk(
    compiler,
    `checked-products/${integer.isSigned ? 'powerSigned' : 'powerUnsigned'}`,
    null,
    [wide(left), wide(right), constant(compiler, 'I64', integer.max)],
    node.range,
    TypeRef.I64,
  )
  return integer.bits === 64 ? power : module.unary(UnaryOp['WrapI64ToI32'], power)
})

/** Runs `compile` with `operation` as what the compiler makes code for. */
const during = (compiler: Compiler, operation: Node | undefined, compile: () => Code): Code => {
  const state = stateOf(compiler)
  const { operation: outer } = state
  state.operation = operation
  const code = compile()
  state.operation = outer
  return code
}

stepInto('compileBinaryExpression', isEnrolled, (compiler, proceed, expression, type, constraints) =>
  during(compiler, isToBeChecked(compiler, expression) ? expression : undefined, () =>
    proceed(expression, type, constraints),
  ),
)

// The built-in functions add, sub and mul make the same code, but are no operators.
stepInto('compileCallExpression', isEnrolled, (compiler, proceed, expression, type, constraints) =>
  during(compiler, undefined, () => proceed(expression, type, constraints)),
)

stepInto('compileForStatement', isEnrolled, (compiler, proceed, statement) => {
  const counter = loopCounter(statement as ForStatement)
  if (counter !== undefined) stateOf(compiler).counters.set(counter.step, counter)
  return proceed(statement)
})

const typeOf = ({ resolver, currentFlow }: Compiler, expression: Expression, expected: Type): Type | null =>
  resolver.resolveExpression(expression, currentFlow, expected, ReportMode.Swallow)

const isBounded = (compiler: Compiler, step: Node, type: Type): boolean => {
  const counter = stateOf(compiler).counters.get(step)
  if (counter === undefined) return false
  const [own, end] = [integerType(type), integerType(typeOf(compiler, counter.end, type))]
  return own !== undefined && end !== undefined && own.isSigned === end.isSigned && end.bits <= own.bits
}

/** `i++` as `i += 1`; where its value is wanted, that less one. */
const stepped = (compiler: Compiler, expression: UnaryExpression, contextualType: Type, constraints: number, isPostfix: boolean) => {
  const isUp = (expression.operator as number) === Token.Plus_Plus
  const { operand, range } = expression
  const type = typeOf(compiler, operand, contextualType)
  const integer = integerType(type)
  if (type === null || integer === undefined || isBounded(compiler, expression, type)) return undefined
  const { Node: nodes } = assemblyscript
  const one = (): Code => constant(compiler, widthOf(integer), 1n)
  const assignment: BinaryExpression = nodes.createBinaryExpression(
    (isUp ? Token.Plus_Equals : Token.Minus_Equals) as never,
    operand,
    nodes.createCompiledExpression(one(), type, range),
    range,
  )
  const after = compiler.compileExpression(assignment, contextualType, constraints)
  if (!isPostfix || compiler.currentType.kind !== type.kind) return after
  return compiler.module.binary(BinaryOp[`${isUp ? 'Sub' : 'Add'}${widthOf(integer)}`], after, one())
}

stepInto('compileUnaryPostfixExpression', isEnrolled, (compiler, proceed, expression, type, constraints) => {
  if (!isToBeChecked(compiler, expression)) return proceed(expression, type, constraints)
  return (
    stepped(compiler, expression as UnaryExpression, type, constraints, true) ??
    proceed(expression, type, constraints)
  )
})

stepInto('compileUnaryPrefixExpression', isEnrolled, (compiler, proceed, expression, type, constraints) => {
  const { operator, operand, range } = expression as UnaryExpression
  const isStep = [Token.Plus_Plus, Token.Minus_Minus].includes(operator as number)
  const isMinus = (operator as number) === Token.Minus && (operand.kind as number) !== NodeKind.Literal
  if ((!isStep && !isMinus) || !isToBeChecked(compiler, expression)) return proceed(expression, type, constraints)
  if (isStep)
    return (
      stepped(compiler, expression as UnaryExpression, type, constraints, false) ??
      proceed(expression, type, constraints)
    )
  const integer = integerType(typeOf(compiler, operand, type))
  if (integer === undefined) return proceed(expression, type, constraints)
  const zero = assemblyscript.Node.createCompiledExpression(
    constant(compiler, widthOf(integer), 0n),
    typeOf(compiler, operand, type) as Type,
    range,
  )
  return compiler.compileExpression(
    assemblyscript.Node.createBinaryExpression(Token.Minus as never, zero, operand, range),
    type,
    constraints,
  )
})
