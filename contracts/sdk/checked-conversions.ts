/**
 * Checked conversions: where the author's code gives an integer with a sign to a place for one without, or the other
 * way round, and no cast says so, AssemblyScript takes the bits as they are. -1 becomes 18,446,744,073,709,551,615 in
 * a balance. Here the call ends with a revert at that line if the number does not fit; a constant that does not fit is
 * a mistake in the source. Written casts, and functions marked @unchecked, do what AssemblyScript does.
 *
 * | from     | to                        | does not fit if                     |
 * | -------- | ------------------------- | ----------------------------------- |
 * | signed   | unsigned, as many or more | it is below zero                    |
 * | unsigned | signed, as many bits      | it is above the largest of the type |
 */
import type { Node, Program, Type } from 'assemblyscript'
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
import { BinaryOp, type Code, type Compiler, complain, stepInto, TypeRef } from './compiler-inside.ts'

const enrolled = new WeakSet<Program>()

/** Has the conversions of this program checked. To be called before it is compiled. */
export const checkConversions = (program: Program): void => void enrolled.add(program)

const canMisfit = (from: IntegerType, to: IntegerType): boolean =>
  from.isSigned ? !to.isSigned && to.bits >= from.bits : to.isSigned && to.bits === from.bits

/** The number as it is, or a revert. */
const fitting = (compiler: Compiler, code: Code, from: IntegerType, to: Type, node: Node): Code => {
  const { module } = compiler
  const { range } = node
  const isBelow = from.isSigned
  const what = isBelow ? 'a number below zero' : 'the number'
  const value = constantValue(compiler, code, from)
  const max = (1n << BigInt(from.bits - 1)) - 1n
  if (value !== undefined) {
    if (isBelow ? value < 0n : value > max) complain(compiler, range, `${value} does not fit ${to.toString()}`)
    return code
  }
  const width = widthOf(from)
  const { index } = localFor(compiler, width)
  const kept = module.local_tee(index, code, false)
  const isOutside = isBelow
    ? module.binary(BinaryOp[`Lt${width}`], kept, constant(compiler, width, 0n))
    : module.binary(BinaryOp[`Gt${width.replace('I', 'U')}`], kept, constant(compiler, width, max))
  return module.block(
    null,
    [
      module.if(isOutside, refuse(compiler, `${what} does not fit ${to.toString()}`, range)),
      module.local_get(index, TypeRef[width]),
    ],
    TypeRef[width],
  )
}

stepInto(
  'convertExpression',
  program => enrolled.has(program),
  (compiler, proceed, code, fromType, toType, isExplicit, node) => {
    const from = integerType(fromType)
    const to = integerType(toType)
    if (isExplicit || from === undefined || to === undefined || !canMisfit(from, to) || !isToBeChecked(compiler, node))
      return proceed(code, fromType, toType, isExplicit, node)
    const whole = compiler.ensureSmallIntegerWrap(code, fromType)
    return proceed(fitting(compiler, whole, from, toType, node), fromType, toType, isExplicit, node)
  },
)
