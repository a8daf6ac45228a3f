/** What the names in a unit (units.ts) mean: functions and classes of the author, what is of 'vex', variables. */
import type {
  ClassDeclaration,
  FunctionDeclaration,
  Node,
  ParameterNode,
  Source,
  TypeNode,
  VariableDeclaration,
} from 'assemblyscript'
import { type Use, usesIn } from './scopes.ts'
import {
  importedNames,
  isClass,
  isExportDefault,
  isFunction,
  isIdentifier,
  isNamedType,
  namesFromSdk,
} from './syntax.ts'
import type { Unit } from './units.ts'

/** A type with its arguments: `u64`, `Array` of `u64`, `Order`. */
export interface Shape {
  readonly name: string
  readonly of: readonly Shape[]
}
export type Variable = VariableDeclaration | ParameterNode

export class UnitNames {
  readonly unit: Unit
  readonly classes = new Map<string, ClassDeclaration>()
  private readonly uses = new Map<Node, Use>()
  /** By the file, and by what it calls them. */
  private readonly functions = new Map<Source, ReadonlyMap<string, FunctionDeclaration>>()
  /** What the names of the file are in 'vex'. */
  private readonly ofSdk = new Map<Source, ReadonlyMap<string, string>>()

  constructor(unit: Unit) {
    this.unit = unit
    const { sources, declared } = unit
    for (const each of [...declared.structs.values(), ...declared.events, ...declared.errors])
      this.classes.set(each.name.text, each)
    for (const source of sources) {
      for (const use of usesIn(source)) this.uses.set(use.node, use)
      for (const statement of topLevel(source))
        if (isClass(statement)) this.classes.set(statement.name.text, statement)
      this.functions.set(source, new Map([...importedFunctions(source, sources), ...functionsOf(source)]))
      this.ofSdk.set(source, namesFromSdk(source))
    }
  }

  /** The variable or parameter that the name stands for. */
  variableAt(node: Node): Variable | undefined {
    const { declaration, parameter } = this.uses.get(node) ?? {}
    return declaration ?? parameter
  }

  /** What 'vex' calls the function or class that is used here under any name; undefined if it is none of it. */
  sdkName(node: Node): string | undefined {
    if (!isIdentifier(node) || this.variableAt(node) !== undefined) return undefined
    return this.ofSdk.get(node.range.source)?.get(node.text)
  }

  /** The name of a function of the compiler's own: `u32` of `u32(n)`. */
  builtInName(node: Node): string | undefined {
    if (!isIdentifier(node) || this.variableAt(node) !== undefined) return undefined
    const isOther = this.sdkName(node) !== undefined || this.functionAt(node) !== undefined
    return isOther ? undefined : node.text
  }

  /** The author's function of that name. */
  functionAt(node: Node): FunctionDeclaration | undefined {
    if (!isIdentifier(node) || this.variableAt(node) !== undefined) return undefined
    return this.functions.get(node.range.source)?.get(node.text)
  }

  classAround({ range }: Node): ClassDeclaration | undefined {
    return topLevel(range.source)
      .filter(isClass)
      .find(each => each.range.start <= range.start && range.end <= each.range.end)
  }

  shapeOfType(type: TypeNode | null | undefined): Shape | undefined {
    if (type === null || type === undefined || !isNamedType(type)) return undefined
    const name = type.name.identifier.text
    const alias = this.unit.declared.aliases.get(name)
    if (alias !== undefined) return this.shapeOfType(alias)
    const of = (type.typeArguments ?? []).map(argument => this.shapeOfType(argument) ?? { name: '?', of: [] })
    return name === 'Indexed' ? of[0] : { name, of }
  }
}

const topLevel = (source: Source): Node[] =>
  source.statements.map(statement => (isExportDefault(statement) ? statement.declaration : statement))

const functionsOf = (source: Source): [string, FunctionDeclaration][] =>
  topLevel(source)
    .filter(isFunction)
    .map(each => [each.name.text, each])

const importedFunctions = (source: Source, sources: readonly Source[]): [string, FunctionDeclaration][] =>
  importedNames(source).flatMap(({ local, foreign, internalPath }) => {
    const from = sources.find(each => [internalPath, `${internalPath}/index`].includes(each.internalPath))
    const found = (from === undefined ? [] : functionsOf(from)).find(([name]) => name === foreign)
    return found === undefined ? [] : [[local, found[1]]]
  })
