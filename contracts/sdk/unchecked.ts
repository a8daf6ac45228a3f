/**
 * Where arithmetic could lose money without a word, told before anything is compiled:
 *
 * - @unchecked on a method for the outside, where amounts come in, and on what reads storage, asks for money or moves
 *   it, itself or through what it calls: what wraps around there is an amount;
 * - wrappingAdd and the like, and the compiler's own `add`, `sub` and `mul`, of an amount (amounts.ts);
 * - casts that change an amount without a word: `<u32>n` cuts bits off, `<i64>n` and `<u64>n` give a number on the
 *   other side of zero, `<f64>n` keeps 53 bits, `n.low` of a u128 drops the others.
 */
import type { CallExpression, FunctionDeclaration, Node, Range } from 'assemblyscript'
import { Amounts, isUnchecked, TELLS } from './amounts.ts'
import type { Problems } from './declarations.ts'
import {
  decoratorName,
  decoratorNames,
  isAssertion,
  isCall,
  isFunction,
  isFunctionExpression,
  isIdentifier,
  isMethod,
  isNamedType,
  isNew,
  isParenthesized,
  isPropertyAccess,
  nodesIn,
} from './syntax.ts'
import type { Unit } from './units.ts'

const FOR_OUTSIDE = ['init', 'call', 'view', 'migrate']
/** Of 'vex': what moves money, or runs code that may. */
const MOVES = ['pay', 'Call', 'Deploy', 'at']
const WRAPPING = ['wrappingAdd', 'wrappingSub', 'wrappingMul']
const BUILT_IN_WRAPPING = ['add', 'sub', 'mul']
const LOW_PARTS: ReadonlyMap<string, string> = new Map([
  ['low', 'high'],
  ['w0', 'w1'],
])

interface Narrow {
  readonly checked: string
  readonly most: bigint
}
const narrow = (checked: string, bits: bigint): Narrow => ({ checked, most: (1n << bits) - 1n })
const NARROW: ReadonlyMap<string, Narrow> = new Map([
  ['u8', narrow('toU8', 8n)],
  ['u16', narrow('toU16', 16n)],
  ['u32', narrow('toU32', 32n)],
  ['usize', narrow('toU32', 32n)],
  ['i8', narrow('toI8', 7n)],
  ['i16', narrow('toI16', 15n)],
  ['i32', narrow('toI32', 31n)],
  ['isize', narrow('toI32', 31n)],
])
const FLOATS: ReadonlyMap<string, bigint> = new Map([
  ['f32', 24n],
  ['f64', 53n],
])
const MOST_I64 = (1n << 63n) - 1n

/** In the files of one contract. */
export const checkAmounts = (unit: Unit, problems: Problems): void => {
  const amounts = new Amounts(unit)
  const nodes = unit.sources.flatMap(source => nodesIn(source))
  // A function inside another is marked by the mark of the outer one.
  const inner = new Set<Node>(nodes.filter(isFunctionExpression).map(({ declaration }) => declaration))
  const functions = nodes.filter(node => isFunction(node) || isMethod(node)).filter(node => !inner.has(node))
  const reach = reachOf(functions, amounts)
  for (const fn of functions)
    if (isUnchecked(fn)) checkPure(fn, amounts, reach, problems)
    else for (const node of nodesIn(fn)) checkUse(node, fn, amounts, problems)
}

const writtenIn = (range: Range): string => range.toString().replaceAll(/\s+/g, ' ')

// @unchecked

/** What reads storage, asks for money or moves it, itself or through what it calls. */
const reachOf = (functions: readonly FunctionDeclaration[], amounts: Amounts): Set<FunctionDeclaration> => {
  const reach = new Set<FunctionDeclaration>()
  const isReaching = (node: Node): boolean => {
    const name = sdkNameIn(node, amounts)
    if (amounts.isStorage(node) || (name !== undefined && [...TELLS, ...MOVES].includes(name))) return true
    const called = amounts.calledBy(node)
    return called !== undefined && reach.has(called)
  }
  let before: number
  do {
    before = reach.size
    for (const fn of functions) if (!reach.has(fn) && nodesIn(fn).some(isReaching)) reach.add(fn)
  } while (reach.size > before)
  return reach
}

/** What it calls, or makes, of 'vex'. */
const sdkNameIn = (node: Node, amounts: Amounts): string | undefined => {
  if (isCall(node)) return amounts.names.sdkName(node.expression)
  return isNew(node) && node.typeName.next === null ? amounts.names.sdkName(node.typeName.identifier) : undefined
}

const checkPure = (
  fn: FunctionDeclaration,
  amounts: Amounts,
  reach: ReadonlySet<FunctionDeclaration>,
  problems: Problems,
): void => {
  const name = fn.name.text
  const mark = fn.decorators?.find(each => decoratorName(each) === 'unchecked')
  if (mark !== undefined && decoratorNames(fn).some(each => FOR_OUTSIDE.includes(each))) {
    problems.at(
      mark,
      `${name} is for the outside, where amounts come in: put what is to wrap around into a function of its own that is @unchecked, and call it here`,
    )
    return
  }
  const advice = `${name} is @unchecked, which is for arithmetic alone`
  for (const node of nodesIn(fn)) {
    if (amounts.isStorage(node))
      problems.at(node, `${advice}: read ${writtenIn(node.range)} outside, and pass what it holds as an argument`)
    const sdk = sdkNameIn(node, amounts)
    if (sdk !== undefined && TELLS.includes(sdk))
      problems.at(node, `${advice}: ask ${sdk}() outside, and pass what it gives as an argument`)
    if (sdk !== undefined && MOVES.includes(sdk))
      problems.at(node, `${advice}: use ${sdk} outside, with what it returns`)
    const called = amounts.calledBy(node)
    if (called !== undefined && reach.has(called) && !isUnchecked(called))
      problems.at(
        node,
        `${advice}, and ${called.name.text} reads storage or handles money: call it outside, and pass what it gives as an argument`,
      )
  }
}

// Elsewhere

const checkUse = (node: Node, fn: FunctionDeclaration, amounts: Amounts, problems: Problems): void => {
  if (isAssertion(node) && node.toType !== null && isNamedType(node.toType))
    checkCast(node, node.toType.name.identifier.text, node.expression, amounts, problems)
  if (isPropertyAccess(node) && LOW_PARTS.has(node.property.text)) checkLowPart(node, fn, amounts, problems)
  if (!isCall(node)) return
  const [first] = node.args
  const name = amounts.names.builtInName(node.expression)
  if (name !== undefined && first !== undefined) checkCast(node, name, first, amounts, problems)
  checkWrapping(node, amounts, problems)
}

const checkCast = (node: Node, to: string, value: Node, amounts: Amounts, problems: Problems): void => {
  const bare = isParenthesized(value) ? value.expression : value
  if (isParenthesized(bare)) {
    checkCast(node, to, bare, amounts, problems)
    return
  }
  const text = writtenIn(bare.range)
  const from = amounts.typeOf(bare)
  if (from === undefined) return
  const mayBeMore = (most: bigint): boolean => amounts.typeOf(bare, most) !== undefined
  const narrowed = NARROW.get(to)
  const bits = FLOATS.get(to)
  if (narrowed !== undefined) {
    // What is below zero is no small number without a sign.
    if (mayBeMore(narrowed.most) || (from === 'i64' && to.startsWith('u')))
      problems.at(
        node,
        `a cast to ${to} cuts bits off an amount: write ${narrowed.checked}(${text}), which ends the call if it does not fit`,
      )
  } else if (bits !== undefined) {
    if (mayBeMore(1n << bits))
      problems.at(
        node,
        `a cast to ${to} keeps ${bits} bits of an amount: write mulDiv(a, b, c) for shares and prices, which is exact`,
      )
  } else if (to === 'i64' && from === 'u64' ? mayBeMore(MOST_I64) : to === 'u64' && from === 'i64') {
    const becomes = to === 'u64' ? 'a large number of an amount below zero' : 'a large amount a number below zero'
    problems.at(
      node,
      `a cast to ${to} makes ${becomes}: write to${to.toUpperCase()}(${text}), which ends the call if it does not fit`,
    )
  }
}

/** `n.low`, where the function looks at no `n.high`. */
const checkLowPart = (
  { expression, property, range }: Node & { expression: Node; property: Node & { text: string } },
  fn: FunctionDeclaration,
  amounts: Amounts,
  problems: Problems,
): void => {
  if (!['u128', 'u256'].includes(amounts.typeOf(expression) ?? '')) return
  const text = writtenIn(expression.range)
  const other = `${text}.${LOW_PARTS.get(property.text)}`
  if (nodesIn(fn).some(node => isPropertyAccess(node) && writtenIn(node.range) === other)) return
  problems.at(
    expression,
    `${writtenIn(range)} keeps 64 bits of an amount: write ${text}.toU64(), which ends the call if it does not fit`,
  )
}

const checkWrapping = (node: CallExpression, amounts: Amounts, problems: Problems): void => {
  const { expression, args } = node
  const sdk = amounts.names.sdkName(expression)
  const isOnType = isPropertyAccess(expression) && isIdentifier(expression.expression)
  const builtIn = isOnType ? expression.property.text : amounts.names.builtInName(expression)
  const isOfType = !isOnType || /^[iu](32|64)$/.test(writtenIn(expression.expression.range))
  const isWrapping =
    (sdk !== undefined && WRAPPING.includes(sdk)) || (isOfType && BUILT_IN_WRAPPING.includes(builtIn ?? ''))
  if (!isWrapping) return
  for (const argument of args)
    if (amounts.typeOf(argument) !== undefined)
      problems.at(
        argument,
        `${writtenIn(expression.range)} loses money where an amount does not fit: write + - *, which end the call`,
      )
}
