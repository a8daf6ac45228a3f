/** What the architecture rules look at in one source file, read from its syntax tree. */
import { parseAst } from 'vitest/node'

export interface Import {
  readonly specifier: string
  /** `type`: nothing is loaded. `program`: a file that a worker or a process of its own runs. */
  readonly kind: 'value' | 'type' | 'program'
  /** What is imported by name, if the form names it. */
  readonly names: readonly string[]
}

export interface SourceFacts {
  readonly imports: readonly Import[]
  /** `export * from`. */
  readonly exportsAll: boolean
  /** `export { x } from`. */
  readonly reExports: boolean
  /** Names used as values: `process`, and with their property `Date.now`. */
  readonly names: ReadonlySet<string>
}

type Node = Record<string, unknown> & { type: string }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Node>).type === 'string'

const literal = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string' ? value['value'] : undefined

const identifier = (value: unknown): string | undefined =>
  isNode(value) && value.type === 'Identifier' && typeof value['name'] === 'string'
    ? value['name']
    : undefined

/** `import type { X }` and `import { type X }` alike. */
const isTypeImport = (node: Node): boolean => {
  if (node['importKind'] === 'type') return true
  const specifiers = node['specifiers']
  return (
    Array.isArray(specifiers) &&
    specifiers.length > 0 &&
    specifiers.every(specifier => isNode(specifier) && specifier['importKind'] === 'type')
  )
}

const importedNames = (node: Node): string[] => {
  const specifiers: unknown = node['specifiers']
  if (!Array.isArray(specifiers)) return []
  return specifiers.flatMap(specifier =>
    isNode(specifier) ? (identifier(specifier['imported']) ?? '*') : [],
  )
}

/** `new URL('./worker.ts', import.meta.url)`: how a worker's file is named. */
const isModuleUrl = (node: Node): boolean => {
  const values = node['arguments']
  if (node.type !== 'NewExpression' || identifier(node['callee']) !== 'URL' || !Array.isArray(values)) {
    return false
  }
  return isNode(values[1]) && values[1].type === 'MemberExpression'
}

/** Property names are no uses of a global of the same name. */
const isPropertyName = (parent: Node | undefined, key: string): boolean =>
  parent !== undefined && (key === 'property' || key === 'key') && parent['computed'] !== true

/** Throws on a syntax error. */
export const readSource = (code: string): SourceFacts => {
  const imports: Import[] = []
  const names = new Set<string>()
  let exportsAll = false
  let reExports = false

  const add = (source: unknown, kind: Import['kind'], imported: readonly string[] = []): void => {
    const specifier = literal(source)
    if (specifier !== undefined) imports.push({ specifier, kind, names: imported })
  }

  const look = (node: Node, parent: Node | undefined, key: string): void => {
    switch (node.type) {
      case 'ImportDeclaration':
        add(node['source'], isTypeImport(node) ? 'type' : 'value', importedNames(node))
        break
      case 'ExportAllDeclaration':
        exportsAll = true
        add(node['source'], node['exportKind'] === 'type' ? 'type' : 'value')
        break
      case 'ExportNamedDeclaration':
        if (literal(node['source']) !== undefined) reExports = true
        add(node['source'], node['exportKind'] === 'type' ? 'type' : 'value')
        break
      case 'ImportExpression':
        add(node['source'], 'value')
        break
      case 'TSImportType':
        add(node['source'], 'type')
        break
      case 'NewExpression': {
        const values = node['arguments']
        if (isModuleUrl(node) && Array.isArray(values) && literal(values[0])?.endsWith('.ts') === true) {
          add(values[0], 'program')
        }
        break
      }
      case 'MemberExpression': {
        const [object, property] = [identifier(node['object']), identifier(node['property'])]
        if (object !== undefined && property !== undefined) names.add(`${object}.${property}`)
        break
      }
      case 'Identifier':
        if (!isPropertyName(parent, key)) names.add(String(node['name']))
        break
    }
    for (const [childKey, child] of Object.entries(node)) {
      for (const item of Array.isArray(child) ? child : [child]) if (isNode(item)) look(item, node, childKey)
    }
  }

  look(parseAst(code, { lang: 'ts' }) as unknown as Node, undefined, '')
  return { imports, exportsAll, reExports, names }
}
