/**
 * The marks (decorators) in the author's files. A mark that nobody knows, or that stands where it means
 * nothing, is refused: without this a mistyped @call would quietly leave its method out of the contract.
 */
import * as assemblyscript from 'assemblyscript'
import type { DecoratorNode, Node, Source } from 'assemblyscript'
import { isContract, type Problems } from './declarations.ts'
import { decoratorName, isClass, isFunction, isMethod, nodesIn } from './syntax.ts'

/** Where each mark belongs. */
const PLACES: ReadonlyMap<string, 'class' | 'method' | 'function'> = new Map([
  ['contract', 'class'],
  ['event', 'class'],
  ['error', 'class'],
  ['struct', 'class'],
  ['init', 'method'],
  ['call', 'method'],
  ['view', 'method'],
  ['payable', 'method'],
  ['migrate', 'method'],
  ['reentrant', 'method'],
  ['unchecked', 'function'],
])
/** The compiler's own that an author may have meant. */
const COMPILER_MARKS = ['final', 'inline', 'lazy', 'operator', 'unmanaged', 'unsafe']
const MAX_TYPING_ERRORS = 2

const { DecoratorKind } = assemblyscript as unknown as { DecoratorKind: { Custom: number } }
const isOfCompiler = (node: DecoratorNode): boolean => (node.decoratorKind as number) !== DecoratorKind.Custom

/** How many letters to add, drop or change to get from `a` to `b` (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

const nearestMark = (name: string): string | undefined => {
  const known = [...PLACES.keys(), ...COMPILER_MARKS].map(mark => ({
    mark,
    errors: distance(name.toLowerCase(), mark),
  }))
  const [nearest] = known.toSorted((a, b) => a.errors - b.errors)
  return nearest !== undefined && nearest.errors <= MAX_TYPING_ERRORS ? nearest.mark : undefined
}

const unknownMark = (name: string): string => {
  const nearest = nearestMark(name)
  const advice =
    nearest === undefined
      ? `there are ${[...PLACES.keys()].map(mark => `@${mark}`).join(', ')}`
      : `did you mean @${nearest}?`
  return `unknown mark @${name}; ${advice}`
}

const decoratorsOf = (node: Node): readonly DecoratorNode[] =>
  'decorators' in node ? ((node.decorators as DecoratorNode[] | null) ?? []) : []

export const checkMarks = (source: Source, problems: Problems): void => {
  const contracts = nodesIn(source).filter(isClass).filter(isContract)
  const methodsOfContracts = new Set<Node>(contracts.flatMap(contract => contract.members.filter(isMethod)))
  for (const node of nodesIn(source))
    for (const mark of decoratorsOf(node)) {
      const name = decoratorName(mark)
      const place = PLACES.get(name)
      if (place === undefined) {
        if (!isOfCompiler(mark)) problems.at(mark, unknownMark(name))
      } else if (place === 'class' && !isClass(node)) problems.at(mark, `@${name} marks a class`)
      else if (place === 'method' && !methodsOfContracts.has(node))
        problems.at(mark, `@${name} marks a method of the @contract class`)
      else if (place === 'function' && !isFunction(node) && !isMethod(node))
        problems.at(mark, `@${name} marks a function or a method`)
    }
}
