/**
 * Loop counters that cannot overflow: in `for (let i = …; i < end; i++)` the counter is below something of its own
 * type whenever it is raised, if nothing in the loop assigns to it. So it is the other way round with `i > end; i--`.
 */
import type {
  BinaryExpression,
  Expression,
  ForStatement,
  IdentifierExpression,
  Node,
  UnaryExpression,
} from 'assemblyscript'
import { NodeKind, Token } from './compiler-inside.ts'
import { isIdentifier, isVariable, nodesIn } from './syntax.ts'

export interface LoopCounter {
  /** The `i` of `i++`. */
  readonly counter: IdentifierExpression
  /** What it is compared with before. The counter is bounded if this has a type of which it has all values. */
  readonly end: Expression
  /** The step, `i++`. */
  readonly step: Node
}

const isOfKind =
  <N extends Node>(...kinds: readonly number[]) =>
  (node: Node): node is N =>
    kinds.includes(node.kind as number)
const isBinary = isOfKind<BinaryExpression>(NodeKind.Binary)
const isUnary = isOfKind<UnaryExpression>(NodeKind.UnaryPrefix, NodeKind.UnaryPostfix)
const isParenthesized = isOfKind<Node & { expression: Expression }>(NodeKind.Parenthesized)

const bare = (node: Expression): Expression => (isParenthesized(node) ? bare(node.expression) : node)
const isNamed = (node: Expression, name: string): boolean => {
  const inner = bare(node)
  return isIdentifier(inner) && inner.text === name
}

/** What `counter` is compared with so that the loop ends; `direction` is that of `counter < end`. */
const endOf = (condition: Expression, name: string, direction: number): Expression | undefined => {
  const node = bare(condition)
  if (!isBinary(node)) return undefined
  if ((node.operator as number) === Token.Ampersand_Ampersand)
    return endOf(node.left, name, direction) ?? endOf(node.right, name, direction)
  const opposite = direction === Token.LessThan ? Token.GreaterThan : Token.LessThan
  if ((node.operator as number) === direction && isNamed(node.left, name)) return node.right
  if ((node.operator as number) === opposite && isNamed(node.right, name)) return node.left
  return undefined
}

const ASSIGNMENTS: ReadonlySet<number> = new Set([
  Token.Equals,
  Token.Plus_Equals,
  Token.Minus_Equals,
  Token.Asterisk_Equals,
  Token.Asterisk_Asterisk_Equals,
  Token.Slash_Equals,
  Token.Percent_Equals,
  Token.LessThan_LessThan_Equals,
  Token.GreaterThan_GreaterThan_Equals,
  Token.GreaterThan_GreaterThan_GreaterThan_Equals,
  Token.Ampersand_Equals,
  Token.Bar_Equals,
  Token.Caret_Equals,
])

const assigns = (node: Node, name: string): boolean => {
  if (isUnary(node))
    return [Token.Plus_Plus, Token.Minus_Minus].includes(node.operator as number) && isNamed(node.operand, name)
  return isBinary(node) && ASSIGNMENTS.has(node.operator) && isNamed(node.left, name)
}

/** The counter of a loop of that form; undefined for any other loop. */
export const loopCounter = ({
  initializer,
  condition,
  incrementor,
  body,
}: ForStatement): LoopCounter | undefined => {
  if (initializer === null || condition === null || incrementor === null) return undefined
  const step = bare(incrementor)
  if (!isUnary(step)) return undefined
  const counter = bare(step.operand)
  if (!isIdentifier(counter) || !isVariable(initializer)) return undefined
  const { text: name } = counter
  if (!initializer.declarations.some(declaration => declaration.name.text === name)) return undefined
  const operator = step.operator as number
  const direction =
    operator === Token.Plus_Plus ? Token.LessThan : operator === Token.Minus_Minus ? Token.GreaterThan : undefined
  const end = direction === undefined ? undefined : endOf(condition, name, direction)
  if (end === undefined) return undefined
  if ([condition, body].some(part => nodesIn(part).some(node => assigns(node, name)))) return undefined
  return { counter, end, step }
}
