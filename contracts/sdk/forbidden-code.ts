/**
 * Code that the compiler would refuse in its own terms, or accept and do something else with: closures, exceptions,
 * `number` where a size is meant, and constants of the module that a call changes for nobody.
 */
import type { Node, Source, VariableDeclaration } from 'assemblyscript'
import type { Problems } from './declarations.ts'
import { type Use, usesIn } from './scopes.ts'
import {
  assignedBy,
  isAssertion,
  isBinary,
  isCall,
  isConst,
  isElementAccess,
  isIdentifier,
  isLiteral,
  isNamedType,
  isParenthesized,
  isPropertyAccess,
  isThrow,
  isTry,
  isType,
  isUnaryPrefix,
  isVariableDeclaration,
  nodesIn,
} from './syntax.ts'

export const checkCode = (source: Source, problems: Problems): void => {
  const uses = usesIn(source)
  for (const use of uses) checkClosure(use, problems)
  const constants = new Map(
    uses.flatMap(({ node, place, declaration }) =>
      place === 'module' && declaration !== undefined && isConst(declaration) ? [[node, declaration] as const] : [],
    ),
  )
  for (const node of nodesIn(source)) {
    if (isTry(node))
      problems.at(node, 'there is no try: what fails undoes the whole call; only attempt() of a Call goes on')
    if (isThrow(node)) problems.at(node, `there are no exceptions: end the call with revert('…')`)
    checkNumber(node, problems)
    checkChange(node, constants, problems)
  }
}

/** The compiler writes such a constant out where it is used. */
const isWrittenOut = (node: Node | null): boolean => {
  if (node === null) return false
  if (isParenthesized(node)) return isWrittenOut(node.expression)
  if (isUnaryPrefix(node)) return isWrittenOut(node.operand)
  if (isBinary(node)) return isWrittenOut(node.left) && isWrittenOut(node.right)
  return isLiteral(node)
}

const checkClosure = ({ node, name, place, declaration }: Use, problems: Problems): void => {
  if (place !== 'around') return
  if (name !== 'this' && declaration !== undefined && isConst(declaration) && isWrittenOut(declaration.initializer)) return
  const isThis = name === 'this'
  problems.at(
    node,
    `${name} is of the ${isThis ? 'method' : 'function'} around, which a function inside another cannot use: write a loop${isThis ? '' : `, or pass ${name} as an argument`}`,
  )
}

const checkNumber = (node: Node, problems: Problems): void => {
  const type = isVariableDeclaration(node) ? node.type : isAssertion(node) ? node.toType : null
  if (type === null) return
  for (const each of nodesIn(type))
    if (isType(each) && isNamedType(each) && each.name.identifier.text === 'number')
      problems.at(each, 'number has no fixed size: write u64 or what you mean, f64 for floating point')
}

const CHANGING = new Set([
  ...['push', 'pop', 'shift', 'unshift', 'splice', 'sort', 'reverse', 'fill', 'copyWithin'],
  ...['set', 'delete', 'clear', 'add'],
])

/** `list[0] = 1`, `list.push(1)`, `point.x++` of a constant of the module. */
const checkChange = (
  node: Node,
  constants: ReadonlyMap<Node, VariableDeclaration>,
  problems: Problems,
): void => {
  const changed =
    isCall(node) && isPropertyAccess(node.expression) && CHANGING.has(node.expression.property.text)
      ? node.expression.expression
      : partOf(assignedBy(node))
  if (changed === undefined || !isIdentifier(changed) || !constants.has(changed)) return
  problems.at(
    node,
    `what is changed in ${changed.text} would be forgotten after the call: keep it in a storage field, or change a copy`,
  )
}

/** The object of `object.property` and `object[index]`. */
const partOf = (node: Node | undefined): Node | undefined =>
  node !== undefined && (isPropertyAccess(node) || isElementAccess(node)) ? node.expression : undefined
