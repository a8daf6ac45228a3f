/** What checked arithmetic and checked conversions are made of: where they hold, what an integer type holds, and code. */
import type { DecoratorNode, Element, Local, Node, Range, Type } from 'assemblyscript'
import * as assemblyscript from 'assemblyscript'
import {
  aside,
  callSdk,
  type Code,
  type Compiler,
  ExpressionId,
  ExpressionRunnerFlags,
} from './compiler-inside.ts'
import { decoratorName, isUserSource } from './syntax.ts'

const { getExpressionId, getConstValueI32, getConstValueI64Low, getConstValueI64High } = assemblyscript
const UNCHECKED = 'unchecked'

export interface IntegerType {
  readonly bits: number
  readonly isSigned: boolean
  readonly min: bigint
  readonly max: bigint
}

export const integerType = (type: Type | null): IntegerType | undefined => {
  if (type === null || !type.isIntegerValue || type.isBooleanValue) return undefined
  const bits = type.size
  const isSigned = type.isSignedIntegerValue
  const size = 1n << BigInt(bits)
  return { bits, isSigned, min: isSigned ? -size / 2n : 0n, max: isSigned ? size / 2n - 1n : size - 1n }
}

/** Whether the author wrote `node`, in a function that is not @unchecked. */
export const isToBeChecked = ({ currentFlow }: Compiler, node: Node): boolean => {
  if (!isUserSource(node.range.source)) return false
  let element: Element | null = currentFlow.sourceFunction
  while (element !== null) {
    const { declaration } = element as unknown as { declaration?: { decorators: DecoratorNode[] | null } }
    if (declaration?.decorators?.some(mark => decoratorName(mark) === UNCHECKED) === true) return false
    const { parent }: Element = element
    // A function inside another is marked by the mark of the outer one.
    element = parent === element || parent instanceof assemblyscript.File ? null : parent
  }
  return true
}

export const widthOf = ({ bits }: IntegerType): 'I32' | 'I64' => (bits === 64 ? 'I64' : 'I32')

export const constant = ({ module }: Compiler, width: 'I32' | 'I64', value: bigint): Code =>
  width === 'I32'
    ? module.i32(Number(BigInt.asIntN(32, value)))
    : module.i64(Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))

export const constantValue = ({ module }: Compiler, code: Code, type: IntegerType): bigint | undefined => {
  const known =
    (getExpressionId(code) as number) === ExpressionId.Const
      ? code
      : module.runExpression(code, ExpressionRunnerFlags.PreserveSideeffects)
  if (known === 0) return undefined
  const value =
    type.bits === 64
      ? (BigInt(getConstValueI64High(known)) << 32n) | BigInt(getConstValueI64Low(known) >>> 0)
      : BigInt(getConstValueI32(known))
  return type.isSigned ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value)
}

export const refuse = (compiler: Compiler, message: string, range: Range): Code => {
  const { stringInstance } = compiler.program
  const text = aside(compiler, () => compiler.ensureStaticString(message))
  return callSdk(compiler, 'errors/revert', [stringInstance.type], [text], range)
}

export const localFor = ({ currentFlow }: Compiler, width: 'I32' | 'I64'): Local =>
  currentFlow.getTempLocal(width === 'I32' ? assemblyscript.Type.i32 : assemblyscript.Type.i64)
