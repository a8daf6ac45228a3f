/** What the names in an author's code mean: each use of one, and where its declaration stands. */
import type { IdentifierExpression, Node, ParameterNode, Source, VariableDeclaration } from 'assemblyscript'
import {
  childrenOf,
  isBlockScope,
  isFunction,
  isFunctionExpression,
  isIdentifier,
  isMethod,
  isParameter,
  isThis,
  isType,
  isVariable,
  statementsOf,
} from './syntax.ts'

/** A use of a variable or a parameter; of `this` in a function that has none of its own. */
export interface Use {
  readonly node: Node
  readonly name: string
  /** `around`: a function around the one that uses it. */
  readonly place: 'module' | 'own' | 'around'
  /** Both undefined for what the file declares otherwise, or not at all. */
  readonly declaration?: VariableDeclaration
  readonly parameter?: ParameterNode
}

interface Scope {
  readonly parent: Scope | undefined
  /** How many functions are around. */
  readonly depth: number
  readonly names: Map<string, VariableDeclaration | ParameterNode>
}

const scopeIn = (parent: Scope | undefined, depth: number, statements: readonly Node[]): Scope => {
  const names = new Map<string, VariableDeclaration | ParameterNode>()
  for (const statement of statements)
    if (isVariable(statement)) for (const each of statement.declarations) names.set(each.name.text, each)
  return { parent, depth, names }
}

const useOf = (node: IdentifierExpression, from: Scope): Use => {
  const name = node.text
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent) {
    const found = scope.names.get(name)
    if (found === undefined) continue
    const place = scope.depth === 0 ? 'module' : scope.depth === from.depth ? 'own' : 'around'
    return { node, name, place, ...(isParameter(found) ? { parameter: found } : { declaration: found }) }
  }
  return { node, name, place: 'module' }
}

/** In the functions and methods of `source`. */
export const usesIn = (source: Source): Use[] => {
  const uses: Use[] = []
  const walk = (node: Node, scope: Scope): void => {
    if (isType(node)) return
    if (isIdentifier(node)) {
      if (scope.depth > 0) uses.push(useOf(node, scope))
      return
    }
    if (isThis(node) && scope.depth > 1)
      uses.push({ node, name: 'this', place: 'around' })
    const fn = isFunctionExpression(node) ? node.declaration : isFunction(node) || isMethod(node) ? node : undefined
    if (fn !== undefined) {
      const inner = scopeIn(scope, scope.depth + 1, [])
      for (const parameter of fn.signature.parameters) {
        if (parameter.initializer !== null) walk(parameter.initializer, inner)
        inner.names.set(parameter.name.text, parameter)
      }
      if (fn.body !== null) walk(fn.body, inner)
      return
    }
    const here = isBlockScope(node) ? scopeIn(scope, scope.depth, statementsOf(node)) : scope
    for (const child of childrenOf(node)) walk(child, here)
  }
  const top = scopeIn(undefined, 0, source.statements)
  for (const statement of source.statements) walk(statement, top)
  return uses
}
