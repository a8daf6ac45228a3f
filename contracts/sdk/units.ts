/**
 * Which of the author's files make up the contract, and which only tell of another contract that it calls.
 *
 * A unit is one contract: its file, and all that this imports but other contracts' files. What a unit imports by name
 * out of another contract's file (a struct, an event) is the unit's too, with the structs that it is made of.
 */
import type { ClassDeclaration, Source } from 'assemblyscript'
import { collectDeclarations, type Declarations, isContract, Problems } from './declarations.ts'
import { importedNames, internalPathsOf, isClass, isEntrySource, isExportDefault, namedTypesIn } from './syntax.ts'

export interface Unit {
  readonly sources: readonly Source[]
  readonly declared: Declarations
}

export interface Units {
  /** Of the file that is compiled. */
  readonly own: Unit
  /** Each of another contract, by its file. */
  readonly others: readonly (Unit & { readonly contract: ClassDeclaration })[]
}

const contractOf = (source: Source): ClassDeclaration | undefined =>
  source.statements
    .map(statement => (isExportDefault(statement) ? statement.declaration : statement))
    .filter(isClass)
    .find(isContract)

/** `sources` are the author's. */
export const readUnits = (sources: readonly Source[], problems: Problems): Units => {
  const byPath = new Map(sources.map(source => [source.internalPath, source]))
  const importedBy = (source: Source): Source[] =>
    internalPathsOf(source).flatMap(path => byPath.get(path) ?? byPath.get(`${path}/index`) ?? [])
  const entry = sources.find(isEntrySource)
  const roots = sources.filter(source => source === entry || contractOf(source) !== undefined)

  const reach = (from: Source, found = new Set<Source>()): Set<Source> => {
    found.add(from)
    for (const source of importedBy(from)) if (!found.has(source) && !roots.includes(source)) reach(source, found)
    return found
  }
  const plain = new Map(
    roots.map(root => {
      const ofUnit = [...reach(root)]
      return [root, { sources: ofUnit, declared: collectDeclarations(ofUnit, problems) }] as const
    }),
  )
  const adopted = new Map(
    [...plain].map(([root, unit]) => [
      root,
      { sources: unit.sources, declared: adopt(unit, name => importOf(unit, name, plain, byPath), problems) },
    ]),
  )
  const own = entry && adopted.get(entry)
  return {
    own: own ?? { sources: [], declared: collectDeclarations([], problems) },
    others: roots.flatMap(root => {
      const unit = adopted.get(root)
      const contract = contractOf(root)
      return root === entry || unit === undefined || contract === undefined ? [] : [{ ...unit, contract }]
    }),
  }
}

interface Found {
  readonly unit: Unit
  readonly name: string
}

/** The unit of another contract's file that `unit` imports `name` from. */
const importOf = (
  unit: Unit,
  name: string,
  units: ReadonlyMap<Source, Unit>,
  byPath: ReadonlyMap<string, Source>,
): Found | undefined => {
  for (const source of unit.sources)
    for (const each of importedNames(source)) {
      if (each.local !== name) continue
      const from = byPath.get(each.internalPath) ?? byPath.get(`${each.internalPath}/index`)
      const found = from && units.get(from)
      if (found !== undefined) return { unit: found, name: each.foreign }
    }
  return undefined
}

const adopt = (
  unit: Unit,
  find: (name: string) => Found | undefined,
  problems: Problems,
): Declarations => {
  const { declared } = unit
  const structs = new Map(declared.structs)
  const aliases = new Map(declared.aliases)
  const callers = new Map<string, ClassDeclaration>()
  const [events, errors] = [[...declared.events], [...declared.errors]]

  for (const source of unit.sources)
    for (const { local, node } of importedNames(source)) {
      const found = find(local)
      if (found === undefined) continue
      const { declared: there } = found.unit
      const contract = there.contracts.find(each => each.name.text === found.name)
      if (contract !== undefined) callers.set(local, contract)
      events.push(...there.events.filter(each => each.name.text === found.name && !events.includes(each)))
      errors.push(...there.errors.filter(each => each.name.text === found.name && !errors.includes(each)))
      const named = [...there.events, ...there.errors].find(each => each.name.text === found.name)
      const take = (name: string): void => {
        const struct = there.structs.get(name)
        const alias = there.aliases.get(name)
        const mine = structs.get(name)
        if (struct !== undefined && mine === struct) return
        if (struct !== undefined && mine !== undefined) {
          problems.at(node, `${local} needs the struct ${name} of its file, but there is another ${name} here: rename one`)
          return
        }
        if (struct !== undefined) structs.set(name, struct)
        if (alias !== undefined) aliases.set(name, alias)
        const written = struct ?? alias
        if (written !== undefined) for (const inner of namedTypesIn(written)) if (inner !== name) take(inner)
      }
      if (named === undefined) take(found.name)
      else for (const inner of namedTypesIn(named)) take(inner)
    }
  return { ...declared, structs, aliases, events, errors, callers }
}
