/** Holds source files against the table of rules.ts. Pure: files come in as text. */
import { posix } from 'node:path'
import { type Area, AREAS, IMPURE_GLOBALS, PACKAGE_ENTRIES, PURE_BUILTINS } from './rules.ts'
import { readSource, type SourceFacts } from './source.ts'

export type Rule =
  | 'unowned_file'
  | 'forbidden_import'
  | 'import_cycle'
  | 'index_file'
  | 'export_all'
  | 're_export'
  | 'impure_import'
  | 'impure_name'

export interface Violation {
  readonly rule: Rule
  readonly file: string
  readonly message: string
}

/** Path from the repository's root, with `/` -> text. */
export type Sources = ReadonlyMap<string, string>

const holds = (path: string, file: string): boolean => {
  if (path.endsWith('/*')) return posix.dirname(file) === path.slice(0, -2)
  return path.endsWith('/') ? file.startsWith(path) : file === path
}

/** The longest path wins, so that `node/params.ts` is not `node/*`. */
export const areaOf = (file: string): Area | undefined =>
  AREAS.filter(area => holds(area.path, file)).sort((a, b) => b.path.length - a.path.length)[0]

const isRelative = (specifier: string): boolean => specifier.startsWith('.')

const resolveImport = (file: string, specifier: string): string => posix.join(posix.dirname(file), specifier)

function* checkLayers(file: string, area: Area, facts: SourceFacts): Generator<Violation> {
  for (const { specifier, kind } of facts.imports) {
    if (!isRelative(specifier)) continue
    const target = resolveImport(file, specifier)
    const allowed = [...area.mayImport, ...(kind === 'type' ? (area.mayImportTypes ?? []) : [])]
    const isOwn = areaOf(target) === area || holds(area.path, target)
    if (isOwn || allowed.some(path => holds(path, target))) continue
    const may = area.mayImport.length === 0 ? 'nothing of ours' : area.mayImport.join(', ')
    yield {
      rule: 'forbidden_import',
      file,
      message: `imports ${kind === 'type' ? 'types of ' : ''}${target}; ${area.path} may import ${may}`,
    }
  }
}

function* checkPurity(file: string, area: Area, facts: SourceFacts): Generator<Violation> {
  const { purity } = area
  if (purity === undefined || purity.shell.includes(file)) return
  for (const { specifier, kind, names } of facts.imports) {
    if (kind === 'type') continue
    const isShell = isRelative(specifier) && purity.shell.includes(resolveImport(file, specifier))
    const pureNames = PURE_BUILTINS[specifier] ?? []
    const isImpureBuiltin =
      specifier.startsWith('node:') &&
      !purity.builtins.includes(specifier) &&
      (names.length === 0 || names.some(name => !pureNames.includes(name)))
    if (!isShell && !isImpureBuiltin) continue
    const what = names.length === 0 ? specifier : `${names.join(', ')} of ${specifier}`
    yield { rule: 'impure_import', file, message: `imports ${what}; ${area.path} is pure` }
  }
  for (const name of IMPURE_GLOBALS) {
    if (facts.names.has(name)) {
      yield { rule: 'impure_name', file, message: `uses ${name}; ${area.path} is pure: pass it in` }
    }
  }
}

function* checkForm(file: string, facts: SourceFacts): Generator<Violation> {
  // AssemblyScript: what contract authors import from the SDK is one file.
  if (file.startsWith('contracts/')) return
  if (posix.basename(file) === 'index.ts') {
    yield { rule: 'index_file', file, message: 'name the file for what it holds' }
  }
  if (facts.exportsAll) yield { rule: 'export_all', file, message: 'import from the file that declares it' }
  if (facts.reExports && !PACKAGE_ENTRIES.includes(file))
    yield { rule: 're_export', file, message: 'import from the file that declares it' }
}

/** One violation for each cycle that a depth-first walk closes. */
function* checkCycles(graph: ReadonlyMap<string, readonly string[]>): Generator<Violation> {
  const done = new Set<string>()
  const path: string[] = []
  function* visit(file: string): Generator<Violation> {
    const start = path.indexOf(file)
    if (start >= 0) {
      const cycle = [...path.slice(start), file]
      yield { rule: 'import_cycle', file, message: cycle.join(' -> ') }
      return
    }
    if (done.has(file)) return
    path.push(file)
    for (const next of graph.get(file) ?? []) yield* visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of graph.keys()) yield* visit(file)
}

export const findViolations = (sources: Sources): Violation[] => {
  const violations: Violation[] = []
  const graph = new Map<string, string[]>()
  for (const [file, code] of sources) {
    const facts = readSource(code)
    const area = areaOf(file)
    graph.set(
      file,
      facts.imports
        .filter(({ specifier, kind }) => isRelative(specifier) && kind !== 'program')
        .map(({ specifier }) => resolveImport(file, specifier)),
    )
    violations.push(...checkForm(file, facts))
    if (area === undefined) {
      violations.push({
        rule: 'unowned_file',
        file,
        message: 'belongs to no area: add it to ARCHITECTURE.md',
      })
    } else {
      violations.push(...checkLayers(file, area, facts), ...checkPurity(file, area, facts))
    }
  }
  violations.push(...checkCycles(graph))
  return violations
}
