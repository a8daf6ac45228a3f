/**
 * The few questions the transform asks of AssemblyScript's syntax tree. The compiler's enums are ambient
 * `const enum`s, which stripped TypeScript cannot read: their values are taken from the running compiler.
 */
import * as assemblyscript from 'assemblyscript'
import type {
  ClassDeclaration,
  DeclarationStatement,
  FieldDeclaration,
  MethodDeclaration,
  NamedTypeNode,
  Node,
  Source,
  Statement,
  TypeDeclaration,
  TypeNode,
} from 'assemblyscript'
import type { SourcePosition } from './compile-error.ts'

type Enum<K extends string> = Record<K, number>
const { NodeKind, SourceKind, CommonFlags } = assemblyscript as unknown as {
  NodeKind: Enum<
    'ClassDeclaration' | 'FieldDeclaration' | 'MethodDeclaration' | 'NamedType' | 'TypeDeclaration'
  >
  SourceKind: Enum<'User' | 'UserEntry'>
  CommonFlags: Enum<'Export' | 'Static' | 'Constructor' | 'Generic'>
}

export const isClass = (node: Statement): node is ClassDeclaration =>
  (node.kind as number) === NodeKind.ClassDeclaration
export const isField = (node: Node): node is FieldDeclaration =>
  (node.kind as number) === NodeKind.FieldDeclaration
export const isMethod = (node: Node): node is MethodDeclaration =>
  (node.kind as number) === NodeKind.MethodDeclaration
export const isNamedType = (node: TypeNode): node is NamedTypeNode =>
  (node.kind as number) === NodeKind.NamedType
export const isTypeAlias = (node: Statement): node is TypeDeclaration =>
  (node.kind as number) === NodeKind.TypeDeclaration

export const isExported = (node: DeclarationStatement): boolean => node.is(CommonFlags.Export as never)
export const isStatic = (node: DeclarationStatement): boolean => node.is(CommonFlags.Static as never)
export const isConstructor = (node: DeclarationStatement): boolean =>
  node.is(CommonFlags.Constructor as never)

/** True for the files of the contract's author: neither the standard library nor the SDK. */
export const isUserSource = (source: Source): boolean =>
  source.sourceKind === (SourceKind.User as never) || isEntrySource(source)
export const isEntrySource = (source: Source): boolean =>
  source.sourceKind === (SourceKind.UserEntry as never) && !source.internalPath.startsWith('~lib/')

export const decoratorNames = (node: DeclarationStatement): string[] =>
  (node.decorators ?? []).map(decorator => decorator.name.range.toString().replace('@', ''))

export const positionOf = (node: Node): SourcePosition => {
  const { source, start } = node.range
  const line = source.lineAt(start)
  return { file: source.normalizedPath, line, column: source.columnAt() }
}
