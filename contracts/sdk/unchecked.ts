/**
 * Where arithmetic could lose money without a word, told before anything is compiled:
 *
 * - an @unchecked function that reads storage, asks for money or moves it: what wraps around there is an amount;
 * - wrappingAdd, wrappingSub and wrappingMul of an amount;
 * - a cast that cuts bits off an amount where it is read: `<u32>value()`, `this.total.get() as u32`.
 *
 * An amount, here, is what `value` and `balanceOf` give, what a storage field of 64 bits or more holds,
 * a parameter of that size of a method for the outside, and a variable that is declared as one of these. What was
 * computed from one (`amount % 10`, `amount >> 32`) is the author's to know.
 */
import type { CallExpression, ClassDeclaration, FunctionDeclaration, Node, Source, TypeNode } from 'assemblyscript'
import { STORAGE_TYPES } from './contract-class.ts'
import { type Declarations, instanceFields, type Problems } from './declarations.ts'
import {
  decoratorNames,
  importedFromSdk,
  isAssertion,
  isCall,
  isFunction,
  isIdentifier,
  isMethod,
  isNamedType,
  isNew,
  isParenthesized,
  isPropertyAccess,
  isThis,
  isVariableDeclaration,
  nodesIn,
} from './syntax.ts'

const UNCHECKED = 'unchecked'
const FOR_OUTSIDE = ['init', 'call', 'view', 'migrate']
/** Of 'vex': what tells of money, and what moves it or runs other code. */
const TELLS = ['value', 'balanceOf']
const MOVES = ['pay', 'Call', 'Deploy', 'at']
const WRAPPING = ['wrappingAdd', 'wrappingSub', 'wrappingMul']
const WIDE = new Set(['u64', 'i64', 'u128', 'u256'])
const NARROW: ReadonlyMap<string, string> = new Map([
  ['u8', 'toU8'],
  ['u16', 'toU16'],
  ['u32', 'toU32'],
  ['usize', 'toU32'],
  ['i8', 'toI32'],
  ['i16', 'toI32'],
  ['i32', 'toI32'],
  ['isize', 'toI32'],
])

interface Names {
  /** What the file calls them. */
  readonly tells: ReadonlySet<string>
  readonly moves: ReadonlySet<string>
  readonly wrapping: ReadonlySet<string>
  /** Storage fields of the contract, and those of them that hold amounts. */
  readonly storage: ReadonlySet<string>
  readonly amounts: ReadonlySet<string>
}

export const checkAmounts = (source: Source, declared: Declarations, problems: Problems): void => {
  const imported = (names: readonly string[]): Set<string> =>
    new Set(names.flatMap(name => importedFromSdk(source, name) ?? []))
  const [contract] = declared.contracts
  const fields = contract === undefined ? [] : storageFields(contract)
  const names: Names = {
    tells: imported(TELLS),
    moves: imported(MOVES),
    wrapping: imported(WRAPPING),
    storage: new Set(fields.map(({ name }) => name)),
    amounts: new Set(fields.filter(({ held }) => isWide(held, declared)).map(({ name }) => name)),
  }
  for (const node of nodesIn(source)) {
    if (!isFunction(node) && !isMethod(node)) continue
    if (decoratorNames(node).includes(UNCHECKED)) checkPure(node, names, problems)
    else checkUses(node, names, declared, problems)
  }
}

const storageFields = (contract: ClassDeclaration): { name: string; held: TypeNode | undefined }[] =>
  instanceFields(contract).flatMap(({ name, type }) =>
    type !== null && isNamedType(type) && STORAGE_TYPES.has(type.name.identifier.text)
      ? [{ name: name.text, held: type.typeArguments?.at(-1) }]
      : [],
  )

const isWide = (type: TypeNode | null | undefined, declared: Declarations): boolean => {
  if (type === undefined || type === null || !isNamedType(type)) return false
  const name = type.name.identifier.text
  return WIDE.has(name) || isWide(declared.aliases.get(name), declared)
}

const ownProperty = (node: Node): string | undefined =>
  isPropertyAccess(node) && isThis(node.expression) ? node.property.text : undefined

const calledName = ({ expression }: CallExpression): string | undefined =>
  isIdentifier(expression) ? expression.text : undefined

const checkPure = (fn: FunctionDeclaration, { tells, moves, storage }: Names, problems: Problems): void => {
  const advice = `${fn.name.text} is @unchecked, which is for arithmetic alone`
  for (const node of nodesIn(fn)) {
    const field = ownProperty(node)
    if (field !== undefined && storage.has(field))
      problems.at(node, `${advice}: read this.${field} outside, and pass what it holds as an argument`)
    const name = isNew(node) ? node.typeName.identifier.text : isCall(node) ? calledName(node) : undefined
    if (name === undefined) continue
    if (tells.has(name)) problems.at(node, `${advice}: ask ${name}() outside, and pass what it gives as an argument`)
    if (moves.has(name)) problems.at(node, `${advice}: use ${name} outside, with what it returns`)
  }
}

const checkUses = (fn: FunctionDeclaration, names: Names, declared: Declarations, problems: Problems): void => {
  const isOutside = decoratorNames(fn).some(mark => FOR_OUTSIDE.includes(mark))
  const parameters = isOutside ? fn.signature.parameters.filter(({ type }) => isWide(type, declared)) : []
  const known = new Set(parameters.map(({ name }) => name.text))
  const nodes = nodesIn(fn)
  // In the order of the source: what is declared as a variable of these is one of them.
  for (const node of nodes)
    if (isVariableDeclaration(node) && node.initializer !== null && isAmount(node.initializer, names, known))
      known.add(node.name.text)
  for (const node of nodes) {
    if (isAssertion(node) && node.toType !== null && isNamedType(node.toType)) {
      const type = node.toType.name.identifier.text
      const checked = NARROW.get(type)
      if (checked !== undefined && isAmount(node.expression, names, known))
        problems.at(
          node,
          `a cast to ${type} cuts bits off an amount: write ${checked}(${node.expression.range.toString()}), which ends the call if it does not fit`,
        )
    }
    const name = isCall(node) ? calledName(node) : undefined
    if (name !== undefined && isCall(node) && names.wrapping.has(name))
      for (const argument of node.args)
        if (isAmount(argument, names, known))
          problems.at(argument, `${name} loses money where an amount does not fit: write + - *, which end the call`)
  }
}

const isAmount = (node: Node, names: Names, known: ReadonlySet<string>): boolean => {
  if (isParenthesized(node)) return isAmount(node.expression, names, known)
  if (isIdentifier(node)) return known.has(node.text)
  if (!isCall(node)) return false
  const name = calledName(node)
  if (name !== undefined) return names.tells.has(name)
  // this.balances.get(owner)
  if (!isPropertyAccess(node.expression) || node.expression.property.text !== 'get') return false
  const field = ownProperty(node.expression.expression)
  return field !== undefined && names.amounts.has(field)
}
