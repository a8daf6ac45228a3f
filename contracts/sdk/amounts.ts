/**
 * What, in an author's code, is an amount: an integer of 64 bits or more that comes with the call, out of storage or
 * from another contract, and what is added up, taken off, multiplied, divided or copied from one.
 *
 * It is found in the syntax, before anything is compiled. Types are followed as far as they are written: through
 * parameters, variables, storage fields, fields of classes, elements of arrays, and the author's own functions. Where
 * that ends, nothing is an amount; nor is what was masked, shifted or hashed, and anything of an @unchecked function.
 */
import type {
  BinaryExpression,
  CallExpression,
  FunctionDeclaration,
  MethodDeclaration,
  Node,
  PropertyAccessExpression,
  TypeNode,
} from 'assemblyscript'
import { boundOf, numberIn } from './amount-bounds.ts'
import { STORAGE_TYPES } from './contract-class.ts'
import { instanceFields } from './declarations.ts'
import {
  arithmeticOf,
  assignedBy,
  decoratorNames,
  isAccessor,
  isAssertion,
  isBinary,
  isCall,
  isElementAccess,
  isFunction,
  isIdentifier,
  isMethod,
  isNew,
  isParameter,
  isParenthesized,
  isPropertyAccess,
  isReturn,
  isTernary,
  isThis,
  isUnaryPrefix,
  isVariableDeclaration,
  nodesIn,
} from './syntax.ts'
import { type Shape, UnitNames, type Variable } from './unit-names.ts'
import type { Unit } from './units.ts'

const WIDE: ReadonlySet<string> = new Set(['u64', 'i64', 'u128', 'u256'])
/** Of 'vex': what tells of money. */
export const TELLS: readonly string[] = ['value', 'balanceOf']
/** Of 'vex': what gives another form of an amount, each with its type. */
const CONVERSIONS: ReadonlyMap<string, string> = new Map([
  ['mulDiv', 'u64'],
  ['mulDiv128', 'u128'],
  ['toU64', 'u64'],
  ['toI64', 'i64'],
])
/** Methods of u128 and u256. */
const ARITHMETIC = ['plus', 'minus', 'times', 'dividedBy']
/** Methods of a Call and its Outcome: what they give is their type argument. */
const RESULTS = ['send', 'view', 'unwrap']
const PAGES = ['first', 'after', 'last', 'before', 'range']
const TAKES_ONE_OUT = ['pop', 'shift', 'at']

const plain = (name: string): Shape => ({ name, of: [] })
const listOf = (element: Shape): Shape => ({ name: 'Array', of: [element] })
const isStorageShape = (shape: Shape | undefined): boolean => STORAGE_TYPES.has(shape?.name ?? '')

export class Amounts {
  readonly names: UnitNames
  private readonly variables = new Map<Variable, Shape>()
  private readonly results = new Map<FunctionDeclaration, Shape>()
  /** Variables that are masked, shifted or divided in place. */
  private readonly mixed = new Set<Variable>()
  /** Of expressions, as far as variables and results are known. */
  private readonly shapes = new Map<Node, Shape | undefined>()

  constructor(unit: Unit) {
    this.names = new UnitNames(unit)
    this.follow()
  }

  /** `u64`, `i64`, `u128` or `u256` if `node` is an amount that may be more than `most`. */
  typeOf(node: Node, most?: bigint): string | undefined {
    const type = this.amountIn(node)?.name
    if (type === undefined || most === undefined) return type
    const bound = boundOf(node, this.names, inner => this.amountIn(inner)?.name === 'i64')
    return bound <= most ? undefined : type
  }

  /** Whether it is a storage field of the contract, such as `this.total`. */
  isStorage(node: Node): boolean {
    if (!isPropertyAccess(node)) return false
    const [contract] = this.names.unit.declared.contracts
    const owner = this.shapeOf(node.expression)
    return owner?.name === contract?.name.text && isStorageShape(this.fieldOf(owner, node.property.text))
  }

  /** The author's function, method or getter that is called. */
  calledBy(node: Node): FunctionDeclaration | undefined {
    if (isPropertyAccess(node)) return this.methodsNamed(node).find(isAccessor)
    if (!isCall(node)) return undefined
    const { expression } = node
    if (isIdentifier(expression)) return this.names.functionAt(expression)
    return isPropertyAccess(expression) ? this.methodsNamed(expression).find(each => !isAccessor(each)) : undefined
  }

  private methodsNamed({ expression, property }: PropertyAccessExpression): MethodDeclaration[] {
    const owner = this.shapeOf(expression)
    const members = (owner && this.names.classes.get(owner.name)?.members) ?? []
    return members.filter(isMethod).filter(({ name }) => name.text === property.text)
  }

  private fieldOf(owner: Shape | undefined, name: string): Shape | undefined {
    const node = owner && this.names.classes.get(owner.name)
    const fields = node === undefined ? [] : instanceFields(node)
    return this.names.shapeOfType(fields.find(field => field.name.text === name)?.type)
  }

  /** What is assigned to variables, and what functions return, until nothing new is found. */
  private follow(): void {
    const given: [Variable, Node][] = []
    const returned: [FunctionDeclaration, Node][] = []
    for (const source of this.names.unit.sources) {
      const nodes = nodesIn(source)
      for (const node of nodes) {
        if (isVariableDeclaration(node) && node.initializer !== null) given.push([node, node.initializer])
        if (!isBinary(node)) continue
        const target = this.names.variableAt(assignedBy(node) ?? node)
        if (target === undefined) continue
        if (arithmeticOf(node) === undefined) this.mixed.add(target)
        else given.push([target, node.right])
      }
      for (const fn of nodes.filter(node => isFunction(node) || isMethod(node)))
        if (!isUnchecked(fn) && fn.body !== null)
          for (const node of nodesIn(fn.body))
            if (isReturn(node) && node.value !== null) returned.push([fn, node.value])
    }
    let found: number
    do {
      found = this.variables.size + this.results.size
      for (const [variable, value] of given) this.learn(this.variables, variable, value, variable.type)
      for (const [fn, value] of returned) this.learn(this.results, fn, value, fn.signature.returnType)
    } while (this.variables.size + this.results.size > found)
  }

  private learn<K>(into: Map<K, Shape>, key: K, value: Node, type: TypeNode | null): void {
    if (into.has(key)) return
    const shape = this.shapeOf(value)
    if (shape === undefined) return
    into.set(key, (WIDE.has(shape.name) ? this.names.shapeOfType(type) : undefined) ?? shape)
    this.shapes.clear()
  }

  private amountIn(node: Node): Shape | undefined {
    const shape = this.shapeOf(node)
    return shape !== undefined && WIDE.has(shape.name) ? shape : undefined
  }

  private shapeOf(node: Node): Shape | undefined {
    if (this.shapes.has(node)) return this.shapes.get(node)
    const shape = this.shapeIn(node)
    this.shapes.set(node, shape)
    return shape
  }

  private shapeIn(node: Node): Shape | undefined {
    if (isParenthesized(node)) return this.shapeOf(node.expression)
    if (isThis(node)) return this.shapeOfThis(node)
    if (isIdentifier(node)) return this.shapeOfName(node)
    if (isPropertyAccess(node)) return this.shapeOfProperty(node)
    if (isElementAccess(node)) return elementOf(this.shapeOf(node.expression))
    if (isNew(node)) return plain(node.typeName.identifier.text)
    if (isCall(node)) return this.shapeOfCall(node)
    if (isBinary(node)) return this.shapeOfBinary(node)
    if (isTernary(node)) return this.shapeOf(node.ifThen) ?? this.shapeOf(node.ifElse)
    if (isUnaryPrefix(node))
      return ['+', '-'].includes(arithmeticOf(node) ?? '') ? this.amountIn(node.operand) : undefined
    if (!isAssertion(node)) return undefined
    const to = this.names.shapeOfType(node.toType)
    if (to !== undefined && WIDE.has(to.name)) return this.amountIn(node.expression) && to
    return to !== undefined && this.names.classes.has(to.name) ? to : undefined
  }

  private shapeOfThis(node: Node): Shape | undefined {
    const around = this.names.classAround(node)
    return around && plain(around.name.text)
  }

  private shapeOfName(node: Node): Shape | undefined {
    const variable = this.names.variableAt(node)
    if (variable === undefined || this.mixed.has(variable)) return undefined
    return isParameter(variable) ? this.names.shapeOfType(variable.type) : this.variables.get(variable)
  }

  private shapeOfProperty(node: PropertyAccessExpression): Shape | undefined {
    const owner = this.shapeOf(node.expression)
    const { text } = node.property
    if (owner?.name === 'Entry') return text === 'key' ? owner.of[0] : text === 'value' ? owner.of[1] : undefined
    const getter = this.calledBy(node)
    return this.fieldOf(owner, text) ?? (getter && this.results.get(getter))
  }

  private shapeOfCall(node: CallExpression): Shape | undefined {
    const { expression, args } = node
    const [type] = node.typeArguments ?? []
    const given = args.map(argument => this.amountIn(argument)).find(shape => shape !== undefined)
    const own = this.calledBy(node)
    if (own !== undefined) return this.results.get(own)
    const sdk = this.names.sdkName(expression)
    if (sdk !== undefined) {
      if (TELLS.includes(sdk)) return plain('u64')
      if (sdk === 'at') return this.names.shapeOfType(type)
      const to = CONVERSIONS.get(sdk)
      return to === undefined ? undefined : given && plain(to)
    }
    const builtIn = this.names.builtInName(expression)
    if (builtIn !== undefined && WIDE.has(builtIn)) return given && plain(builtIn)
    if (builtIn !== undefined) return ['min', 'max', 'abs'].includes(builtIn) ? given : undefined
    return isPropertyAccess(expression) ? this.shapeOfMethod(expression, given, type) : undefined
  }

  /** `given` is an amount among the arguments, if there is one. */
  private shapeOfMethod(
    { expression, property }: PropertyAccessExpression,
    given: Shape | undefined,
    type: TypeNode | undefined,
  ): Shape | undefined {
    const name = property.text
    if (RESULTS.includes(name) && type !== undefined) return this.names.shapeOfType(type)
    const owner = this.shapeOf(expression)
    if (owner !== undefined && isStorageShape(owner)) return readFrom(owner, name)
    const contract = owner && this.names.unit.declared.callers.get(owner.name)
    if (contract !== undefined) {
      const called = contract.members.filter(isMethod).find(each => each.name.text === name)
      return this.names.shapeOfType(called?.signature.returnType)
    }
    if (owner?.name === 'Array') return TAKES_ONE_OUT.includes(name) ? owner.of[0] : undefined
    if (isIdentifier(expression) && ['u128', 'u256'].includes(expression.text))
      return ['from', 'product'].includes(name) ? given && plain(expression.text) : undefined
    const isWide = owner?.name === 'u128' || owner?.name === 'u256'
    if (name === 'toU64' || name === 'toU128') return isWide ? plain(name.slice('to'.length).toLowerCase()) : undefined
    if (name === 'modulo') return isWide ? given : undefined
    return ARITHMETIC.includes(name) ? (isWide ? owner : given) : undefined
  }

  private shapeOfBinary(node: BinaryExpression): Shape | undefined {
    const { left, right } = node
    switch (arithmeticOf(node)) {
      case undefined:
        return undefined
      case '=':
        return this.shapeOf(right)
      case '/':
        return this.amountIn(left)
      case '%':
        return numberIn(right, this.names) === undefined && !this.amountIn(right) ? undefined : this.amountIn(left)
      default:
        return this.amountIn(left) ?? this.amountIn(right)
    }
  }
}

export const isUnchecked = (fn: FunctionDeclaration): boolean => decoratorNames(fn).includes('unchecked')

const elementOf = (shape: Shape | undefined): Shape | undefined =>
  shape?.name === 'Array' || shape?.name === 'StaticArray' ? shape.of[0] : undefined

/** What a method of a storage field gives. */
const readFrom = ({ name, of }: Shape, method: string): Shape | undefined => {
  const last = of.at(-1)
  if (last === undefined || method === 'get') return last
  if (name === 'Vector') {
    if (method === 'page') return listOf(last)
    return method === 'pop' || method === 'swapRemove' ? last : undefined
  }
  if (!PAGES.includes(method)) return undefined
  return listOf(name === 'OrderedSet' ? last : { name: 'Entry', of })
}
