/** What the names in an author's code mean: each use of one, and where its declaration stands. */
import type { IdentifierExpression, Node, Source, VariableDeclaration } from 'assemblyscript'
import {
  childrenOf,
  isBlockScope,
  isFunction,
  isFunctionExpression,
  isIdentifier,
  isMethod,
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
  /** Undefined for a parameter, and for what no variable of the file declares. */
  readonly declaration: VariableDeclaration | undefined
}

interface Scope {
  readonly parent: Scope | undefined
  /** How many functions are around. */
  readonly depth: number
  readonly names: Map<string, VariableDeclaration | undefined>
}

const scopeIn = (parent: Scope | undefined, depth: number, statements: readonly Node[]): Scope => {
  const names = new Map<string, VariableDeclaration | undefined>()
  for (const statement of statements)
    if (isVariable(statement)) for (const each of statement.declarations) names.set(each.name.text, each)
  return { parent, depth, names }
}

const useOf = (node: IdentifierExpression, from: Scope): Use => {
  const name = node.text
  for (let scope: Scope | undefined = from; scope !== undefined; scope = scope.parent)
    if (scope.names.has(name)) {
      const place = scope.depth === 0 ? 'module' : scope.depth === from.depth ? 'own' : 'around'
      return { node, name, place, declaration: scope.names.get(name) }
    }
  return { node, name, place: 'module', declaration: undefined }
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
      uses.push({ node, name: 'this', place: 'around', declaration: undefined })
    const fn = isFunctionExpression(node) ? node.declaration : isFunction(node) || isMethod(node) ? node : undefined
    if (fn !== undefined) {
      const inner = scopeIn(scope, scope.depth + 1, [])
      for (const { name, initializer } of fn.signature.parameters) {
        if (initializer !== null) walk(initializer, inner)
        inner.names.set(name.text, undefined)
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
