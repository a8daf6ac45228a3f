/**
 * Calls to other contracts: what becomes of a @contract class that the author imports from its file.
 *
 * Of the class stay its static members and its @call and @view methods, each with a body that encodes the arguments
 * and runs the call; everything else is blanked. All lines stay where they are. A new body stands beyond the end of the
 * author's line, so that no failure is told to be in a line that another contract runs.
 */
import type { CallExpression, ClassDeclaration, Node, Source } from 'assemblyscript'
import { type Insertion, type Method, readMethods } from './contract-class.ts'
import type { Declarations, Problems } from './declarations.ts'
import {
  decoratorNames,
  importedFromSdk,
  isCall,
  isIdentifier,
  isNamedType,
  isNew,
  isPropertyAccess,
  isStatic,
  nodesIn,
} from './syntax.ts'
import type { Unit } from './units.ts'

const isCallable = ({ abi }: Method): boolean => abi.kind === 'call' || abi.kind === 'view'

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ')

/** One line, and the line breaks of the body that it replaces. */
const bodyOf = ({ abi: { name, kind, returns }, node }: Method): string => {
  const args = (node?.signature.parameters ?? []).map(
    param => `.arg<${param.type.range.toString()}>(${param.name.text})`,
  )
  const begin = kind === 'view' ? `this.__view('${name}')` : `this.__call('${name}')`
  const result = returns === 'void' ? 'void' : (node?.signature.returnType.range.toString() ?? 'void')
  const run = `${begin}${args.join('')}.${kind === 'view' ? 'view' : 'send'}<${result}>()`
  const body = node?.body?.range
  const lines = (body?.toString() ?? '').split('\n').length - 1
  const restOfLine = body?.source.text.slice(body.start + 1).split('\n', 1)[0] ?? ''
  const start = `{${' '.repeat(restOfLine.length)}`
  return `${start} ${returns === 'void' ? run : `return ${run}`} }${'\n'.repeat(lines)}`
}

/** The text that turns the class into a caller. */
export const callerEdits = (contract: ClassDeclaration, declared: Declarations, problems: Problems): Insertion[] => {
  const { name, range } = contract
  if (contract.extendsType !== null)
    problems.at(contract.extendsType, 'a contract must not extend a class: put what they share into functions')
  const methods = readMethods(contract, declared, problems)
  const members = contract.members.flatMap((member): Insertion[] => {
    if (isStatic(member)) return []
    const method = methods.find(({ node }) => node === member)
    const body = method?.node?.body
    if (method !== undefined && isCallable(method) && body)
      return [{ at: body.range.start, until: body.range.end, text: bodyOf(method) }]
    const at = Math.min(member.range.start, ...(member.decorators ?? []).map(mark => mark.range.start))
    return [{ at, until: member.range.end, text: blank(range.source.text.slice(at, member.range.end)) }]
  })
  const head = range.source.text.slice(range.start, name.range.start)
  const keyword = /\babstract\b(?=\s+class\s+$)/.exec(head)
  const abstract = keyword && { at: range.start + keyword.index, until: range.start + keyword.index + 8, text: '' }
  return [
    ...(abstract === null ? [] : [abstract]),
    { at: name.range.end, text: ' extends $vex.Callee' },
    ...members,
  ]
}

/** What `at` is given, and the methods that are called on it at once. */
export const checkCallers = (source: Source, unit: Unit, problems: Problems): void => {
  const at = importedFromSdk(source, 'at')
  for (const node of nodesIn(source)) {
    const made = isNew(node) && node.typeName.next === null ? node.typeName.identifier.text : ''
    if (unit.declared.callers.has(made)) problems.at(node, `call ${made} where it is: write "at<${made}>(address)"`)
    if (at === undefined) continue
    if (isCallOf(node, at)) checkType(node, unit.declared, problems)
    if (isCall(node) && isPropertyAccess(node.expression) && isCallOf(node.expression.expression, at))
      checkMethod(node.expression.expression, node.expression.property, unit.declared, problems)
  }
}

const isCallOf = (node: Node, name: string): node is CallExpression =>
  isCall(node) && isIdentifier(node.expression) && node.expression.text === name

const calledType = (node: CallExpression): string | undefined => {
  const [type] = node.typeArguments ?? []
  return type !== undefined && isNamedType(type) ? type.range.toString() : undefined
}

const checkType = (node: CallExpression, { callers, contracts }: Declarations, problems: Problems): void => {
  const name = calledType(node)
  if (name === undefined)
    problems.at(node, 'say which contract is called: "at<Token>(address)", with Token imported from its file')
  else if (contracts.some(each => each.name.text === name))
    problems.at(node, `${name} is the contract itself: write "new Call(address, 'method')"`)
  else if (!callers.has(name))
    problems.at(node, `at takes a @contract class that is imported from its file; ${name} is none`)
}

/** What would fail only when it runs, or with less to go by. */
const checkMethod = (
  target: CallExpression,
  property: Node & { text: string },
  { callers }: Declarations,
  problems: Problems,
): void => {
  const contract = callers.get(calledType(target) ?? '')
  if (contract === undefined) return
  const member = contract.members.find(each => each.name.text === property.text && !isStatic(each))
  if (member === undefined) return
  const marks = decoratorNames(member)
  const [, units] = target.args
  const name = `${contract.name.text}.${property.text}`
  if (!marks.includes('call') && !marks.includes('view'))
    problems.at(property, `${name} cannot be called from outside: only @call and @view methods can`)
  else if (units !== undefined && units.range.toString() !== '0' && !marks.includes('payable'))
    problems.at(units, `${name} takes no units: write 0, or mark it @payable in its contract`)
}
