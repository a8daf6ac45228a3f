/** What a unit (units.ts) declares: the contract, its events, errors, structs and names for types. */
import type { ClassDeclaration, FieldDeclaration, Node, Source, TypeNode } from 'assemblyscript'
import { type Diagnostic, formatDiagnostic } from './compile-error.ts'
import {
  decoratorNames,
  isClass,
  isExportDefault,
  isExported,
  isField,
  isStatic,
  isTypeAlias,
  namedTypesIn,
  positionOf,
} from './syntax.ts'

/** Collects every problem of one compilation, so that an author sees all of them at once. */
export class Problems {
  private readonly byText = new Map<string, Diagnostic>()
  /** Each once: a file may be read for several contracts. */
  get all(): Diagnostic[] {
    return [...this.byText.values()]
  }
  at(node: Node, message: string): void {
    const problem = { position: positionOf(node), message }
    this.byText.set(formatDiagnostic(problem), problem)
  }
}

export interface Declarations {
  readonly contracts: readonly ClassDeclaration[]
  readonly events: readonly ClassDeclaration[]
  readonly errors: readonly ClassDeclaration[]
  readonly structs: ReadonlyMap<string, ClassDeclaration>
  /** `type Amount = u64`, without type parameters. */
  readonly aliases: ReadonlyMap<string, TypeNode>
  /** Other contracts, by the names they are imported by. */
  readonly callers: ReadonlyMap<string, ClassDeclaration>
}

export const isContract = (node: ClassDeclaration): boolean => decoratorNames(node).includes('contract')

export const instanceFields = (node: ClassDeclaration): FieldDeclaration[] =>
  node.members.filter(isField).filter(field => !isStatic(field))

export const collectDeclarations = (sources: readonly Source[], problems: Problems): Declarations => {
  const contracts: ClassDeclaration[] = []
  const events: ClassDeclaration[] = []
  const errors: ClassDeclaration[] = []
  const structs = new Map<string, ClassDeclaration>()
  const aliases = new Map<string, TypeNode>()

  for (const source of sources) {
    for (const written of source.statements) {
      const statement = isExportDefault(written) ? written.declaration : written
      if (isTypeAlias(statement) && (statement.typeParameters ?? []).length === 0)
        aliases.set(statement.name.text, statement.type)
      if (!isClass(statement)) continue
      const name = statement.name.text
      const marks = decoratorNames(statement)
      if (isContract(statement)) {
        if (contracts.length > 0) problems.at(statement.name, 'a file holds one @contract class')
        contracts.push(statement)
      }
      if (marks.includes('event')) {
        if (events.some(event => event.name.text === name))
          problems.at(statement.name, `a second event ${name}: give it another name`)
        events.push(statement)
      }
      if (marks.includes('error')) {
        if (errors.some(error => error.name.text === name))
          problems.at(statement.name, `a second error ${name}: give it another name`)
        errors.push(statement)
      }
      if (marks.includes('struct')) {
        if (structs.has(name)) problems.at(statement.name, `a second struct ${name}: give it another name`)
        if (!isExported(statement))
          problems.at(statement.name, `write "export class ${name}": the contract's exports read it too`)
        structs.set(name, statement)
      }
    }
  }
  for (const [name, type] of aliases)
    if (isMadeOf(name, type, aliases))
      problems.at(type, `the type ${name} is made of itself: write a type that is there already`)
  return { contracts, events, errors, structs, aliases, callers: new Map() }
}

const isMadeOf = (
  name: string,
  type: TypeNode,
  aliases: ReadonlyMap<string, TypeNode>,
  seen = new Set<TypeNode>(),
): boolean => {
  if (seen.has(type)) return false
  seen.add(type)
  return namedTypesIn(type).some(inner => {
    const next = aliases.get(inner)
    return inner === name || (next !== undefined && isMadeOf(name, next, aliases, seen))
  })
}
