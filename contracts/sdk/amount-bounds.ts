/** How large an integer may be, by what is written: `n % 10`, `min(n, 100)`, `n & 0xff`, a parameter of 32 bits. */
import type { BinaryExpression, Node } from 'assemblyscript'
import {
  arithmeticOf,
  bitwiseOf,
  isAssertion,
  isBinary,
  isCall,
  isConst,
  isLiteral,
  isParenthesized,
  isTernary,
  isVariableDeclaration,
} from './syntax.ts'
import type { UnitNames } from './unit-names.ts'

const MOST = (1n << 64n) - 1n

/** Whether an integer below zero may stand there. */
type IsSigned = (node: Node) => boolean

/** The most that an integer of 64 bits may be; of one with a sign, how far from zero it may be. */
export const boundOf = (node: Node, names: UnitNames, isSigned: IsSigned): bigint => {
  const bound = (inner: Node): bigint => boundOf(inner, names, isSigned)
  if (isParenthesized(node) || isAssertion(node)) return bound(node.expression)
  if (isTernary(node)) return larger(bound(node.ifThen), bound(node.ifElse))
  if (isBinary(node)) return boundOfBinary(node, names, isSigned)
  if (!isCall(node)) return numberIn(node, names) ?? boundOfType(node, names)
  const name = names.builtInName(node.expression) ?? ''
  if (!['min', 'max', 'u64', 'i64'].includes(name)) return MOST
  const bounds = node.args.map(bound)
  return name === 'min' && !isSigned(node) ? bounds.reduce(smaller, MOST) : bounds.reduce(larger, 0n)
}

const boundOfBinary = (node: BinaryExpression, names: UnitNames, isSigned: IsSigned): bigint => {
  const a = boundOf(node.left, names, isSigned)
  const b = boundOf(node.right, names, isSigned)
  const by = numberIn(node.right, names)
  switch (arithmeticOf(node) ?? bitwiseOf(node)) {
    case '+':
      return a + b
    case '-':
      return isSigned(node) ? a + b : a
    case '*':
      return a * b
    case '/':
      return by !== undefined && by > 0n ? a / by : a
    case '%':
      return b > 0n ? smaller(a, b - 1n) : a
    case '&':
      return smaller(a, b)
    case '>>':
    case '>>>':
      return by !== undefined && by < 64n ? a >> by : a
    case undefined:
    default:
      return MOST
  }
}

/** The value of a literal, or of a constant that is one. */
export const numberIn = (node: Node, names: UnitNames): bigint | undefined => {
  if (isParenthesized(node) || isAssertion(node)) return numberIn(node.expression, names)
  if (isLiteral(node)) return integerIn(node.range.toString())
  const variable = names.variableAt(node)
  if (variable === undefined || !isVariableDeclaration(variable) || !isConst(variable)) return undefined
  const { initializer } = variable
  return initializer !== null && isLiteral(initializer) ? integerIn(initializer.range.toString()) : undefined
}

const integerIn = (text: string): bigint | undefined =>
  /^(?:0[xob])?[\da-f_]+$/i.test(text) ? BigInt(text.replaceAll('_', '')) : undefined

const boundOfType = (node: Node, names: UnitNames): bigint => {
  const shape = names.shapeOfType(names.variableAt(node)?.type)
  const bits = /^[iu](8|16|32)$/.exec(shape?.name ?? '')?.[1]
  return bits === undefined ? MOST : (1n << BigInt(bits)) - 1n
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b)
