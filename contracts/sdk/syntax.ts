/**
 * The few questions the transform asks of AssemblyScript's syntax tree. The compiler's enums are ambient
 * `const enum`s, which stripped TypeScript cannot read: their values are taken from the running compiler.
 */
import * as assemblyscript from 'assemblyscript'
import type {
  CallExpression,
  ClassDeclaration,
  DeclarationStatement,
  DecoratorNode,
  ExportDefaultStatement,
  ExportStatement,
  FieldDeclaration,
  FunctionDeclaration,
  IdentifierExpression,
  ImportDeclaration,
  ImportStatement,
  MethodDeclaration,
  NamedTypeNode,
  NamespaceDeclaration,
  NewExpression,
  Node,
  ParameterNode,
  PropertyAccessExpression,
  Source,
  Statement,
  TypeDeclaration,
  TypeNode,
  VariableStatement,
} from 'assemblyscript'
import type { SourcePosition } from './compile-error.ts'

type Enum<K extends string> = Record<K, number>
const { NodeKind, SourceKind, CommonFlags, ParameterKind } = assemblyscript as unknown as {
  NodeKind: Enum<
    | 'Call'
    | 'ClassDeclaration'
    | 'Export'
    | 'ExportDefault'
    | 'FieldDeclaration'
    | 'FunctionDeclaration'
    | 'Identifier'
    | 'Import'
    | 'MethodDeclaration'
    | 'NamedType'
    | 'NamespaceDeclaration'
    | 'New'
    | 'Parameter'
    | 'PropertyAccess'
    | 'TypeDeclaration'
    | 'Variable'
  >
  SourceKind: Enum<'User' | 'UserEntry'>
  CommonFlags: Enum<'Export' | 'Static' | 'Constructor' | 'Generic' | 'Const' | 'Readonly' | 'Get' | 'Set'>
  ParameterKind: Enum<'Optional' | 'Rest'>
}

export const isCall = (node: Node): node is CallExpression => (node.kind as number) === NodeKind.Call
export const isNew = (node: Node): node is NewExpression => (node.kind as number) === NodeKind.New
export const isIdentifier = (node: Node): node is IdentifierExpression =>
  (node.kind as number) === NodeKind.Identifier
export const isPropertyAccess = (node: Node): node is PropertyAccessExpression =>
  (node.kind as number) === NodeKind.PropertyAccess
export const isParameter = (node: Node): node is ParameterNode => (node.kind as number) === NodeKind.Parameter
export const isImport = (node: Node): node is ImportStatement => (node.kind as number) === NodeKind.Import
const isExport = (node: Node): node is ExportStatement => (node.kind as number) === NodeKind.Export
export const isVariable = (node: Node): node is VariableStatement =>
  (node.kind as number) === NodeKind.Variable
export const isNamespace = (node: Node): node is NamespaceDeclaration =>
  (node.kind as number) === NodeKind.NamespaceDeclaration
export const isExportDefault = (node: Node): node is ExportDefaultStatement =>
  (node.kind as number) === NodeKind.ExportDefault
export const isClass = (node: Node): node is ClassDeclaration =>
  (node.kind as number) === NodeKind.ClassDeclaration
export const isField = (node: Node): node is FieldDeclaration =>
  (node.kind as number) === NodeKind.FieldDeclaration
export const isFunction = (node: Node): node is FunctionDeclaration =>
  (node.kind as number) === NodeKind.FunctionDeclaration
export const isMethod = (node: Node): node is MethodDeclaration =>
  (node.kind as number) === NodeKind.MethodDeclaration
export const isNamedType = (node: TypeNode): node is NamedTypeNode =>
  (node.kind as number) === NodeKind.NamedType
export const isTypeAlias = (node: Statement): node is TypeDeclaration =>
  (node.kind as number) === NodeKind.TypeDeclaration

export const isExported = (node: DeclarationStatement): boolean => node.is(CommonFlags.Export as never)
export const isStatic = (node: DeclarationStatement): boolean => node.is(CommonFlags.Static as never)
export const isConst = (node: DeclarationStatement): boolean => node.is(CommonFlags.Const as never)
export const isReadonly = (node: DeclarationStatement): boolean => node.is(CommonFlags.Readonly as never)
export const isAccessor = (node: MethodDeclaration): boolean =>
  node.isAny((CommonFlags.Get | CommonFlags.Set) as never)
export const isOptional = (node: ParameterNode): boolean =>
  (node.parameterKind as number) === ParameterKind.Optional
export const isRest = (node: ParameterNode): boolean => (node.parameterKind as number) === ParameterKind.Rest
export const isConstructor = (node: DeclarationStatement): boolean =>
  node.is(CommonFlags.Constructor as never)

/** What its imports and its exports from elsewhere refer to, as `internalPath` of another source. */
export const internalPathsOf = (source: Source): string[] =>
  source.statements.flatMap(statement =>
    isImport(statement) || isExport(statement) ? (statement.internalPath ?? []) : [],
  )

export interface ImportedName {
  readonly local: string
  readonly foreign: string
  readonly internalPath: string
  readonly node: ImportDeclaration
}

export const importedNames = (source: Source): ImportedName[] =>
  source.statements.filter(isImport).flatMap(({ declarations, internalPath }) =>
    (declarations ?? []).map(node => ({
      local: node.name.text,
      foreign: node.foreignName.text,
      internalPath,
      node,
    })),
  )

/** What the file calls `name` of 'vex'; undefined if it does not import it. */
export const importedFromSdk = (source: Source, name: string): string | undefined =>
  source.statements
    .filter(isImport)
    .filter(({ path }) => path.value === 'vex')
    .flatMap(({ declarations }) => declarations ?? [])
    .find(({ foreignName }) => foreignName.text === name)?.name.text

/** True for the files of the contract's author: neither the standard library nor the SDK. */
export const isUserSource = (source: Source): boolean =>
  source.sourceKind === (SourceKind.User as never) || isEntrySource(source)
export const isEntrySource = (source: Source): boolean =>
  source.sourceKind === (SourceKind.UserEntry as never) && !source.internalPath.startsWith('~lib/')

/** The file of the SDK, such as `ownership`, that the source is; undefined for any other. */
export const sdkFileOf = (source: Source): string | undefined =>
  /^~lib\/vex\/([a-z0-9-]+)\.ts$/.exec(source.normalizedPath)?.[1]

/** `call` of `@call`, `operator.binary` of `@operator.binary('+')`. */
export const decoratorName = (node: DecoratorNode): string => node.name.range.toString().replace('@', '')

export const decoratorNames = (node: DeclarationStatement): string[] =>
  (node.decorators ?? []).map(decoratorName)

export const positionOf = (node: Node): SourcePosition => {
  const { source, start } = node.range
  const line = source.lineAt(start)
  return { file: source.normalizedPath, line, column: source.columnAt() }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'kind' in value && 'range' in value

/** `root` and every node in it, in the order of the source. The compiler has no visitor of its own. */
export const nodesIn = (root: Node): Node[] => {
  const found = new Set<Node>()
  const collect = (node: Node): void => {
    if (found.has(node)) return
    found.add(node)
    for (const value of Object.values(node).flat()) if (isNode(value)) collect(value)
  }
  collect(root)
  return [...found].toSorted((a, b) => a.range.start - b.range.start)
}

/** The names of all types written in `root`. */
export const namedTypesIn = (root: Node): string[] =>
  nodesIn(root)
    .filter(node => (node.kind as number) === NodeKind.NamedType)
    .map(node => (node as NamedTypeNode).name.identifier.text)
