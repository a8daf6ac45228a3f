/**
 * The few questions the transform asks of AssemblyScript's syntax tree. The compiler's enums are ambient
 * `const enum`s, which stripped TypeScript cannot read: their values are taken from the running compiler.
 */
import * as assemblyscript from 'assemblyscript'
import type {
  AssertionExpression,
  BinaryExpression,
  BlockStatement,
  CallExpression,
  ClassDeclaration,
  DeclarationStatement,
  DecoratorNode,
  ElementAccessExpression,
  ExportDefaultStatement,
  ExportStatement,
  FieldDeclaration,
  ForOfStatement,
  ForStatement,
  FunctionDeclaration,
  FunctionExpression,
  IdentifierExpression,
  ImportDeclaration,
  ImportStatement,
  MethodDeclaration,
  NamedTypeNode,
  NamespaceDeclaration,
  NewExpression,
  Node,
  ParameterNode,
  ParenthesizedExpression,
  PropertyAccessExpression,
  ReturnStatement,
  Source,
  Statement,
  SwitchStatement,
  TernaryExpression,
  TypeDeclaration,
  TypeNode,
  UnaryPostfixExpression,
  UnaryPrefixExpression,
  VariableDeclaration,
  VariableStatement,
} from 'assemblyscript'
import type { SourcePosition } from './compile-error.ts'

type Enum<K extends string> = Record<K, number>
const { NodeKind, SourceKind, CommonFlags, ParameterKind, Token } = assemblyscript as unknown as {
  NodeKind: Enum<
    | 'Assertion'
    | 'Binary'
    | 'Block'
    | 'Call'
    | 'ClassDeclaration'
    | 'ElementAccess'
    | 'Export'
    | 'ExportDefault'
    | 'FieldDeclaration'
    | 'For'
    | 'ForOf'
    | 'Function'
    | 'FunctionDeclaration'
    | 'FunctionType'
    | 'Identifier'
    | 'Import'
    | 'Literal'
    | 'MethodDeclaration'
    | 'NamedType'
    | 'NamespaceDeclaration'
    | 'New'
    | 'Parameter'
    | 'Parenthesized'
    | 'PropertyAccess'
    | 'Return'
    | 'Switch'
    | 'Ternary'
    | 'This'
    | 'Throw'
    | 'Try'
    | 'TypeDeclaration'
    | 'TypeName'
    | 'UnaryPostfix'
    | 'UnaryPrefix'
    | 'Variable'
    | 'VariableDeclaration'
  >
  SourceKind: Enum<'User' | 'UserEntry'>
  CommonFlags: Enum<'Ambient' | 'Export' | 'Static' | 'Constructor' | 'Generic' | 'Const' | 'Readonly' | 'Get' | 'Set'>
  ParameterKind: Enum<'Optional' | 'Rest'>
  /** The assignments stand in a row. */
  Token: Enum<
    | 'Ampersand'
    | 'Asterisk'
    | 'Asterisk_Asterisk'
    | 'Asterisk_Asterisk_Equals'
    | 'Asterisk_Equals'
    | 'Caret_Equals'
    | 'Equals'
    | 'GreaterThan_GreaterThan'
    | 'GreaterThan_GreaterThan_GreaterThan'
    | 'Minus'
    | 'Minus_Equals'
    | 'Minus_Minus'
    | 'Percent'
    | 'Plus'
    | 'Plus_Equals'
    | 'Plus_Plus'
    | 'Slash'
  >
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

export const isAssertion = (node: Node): node is AssertionExpression =>
  (node.kind as number) === NodeKind.Assertion
export const isBinary = (node: Node): node is BinaryExpression => (node.kind as number) === NodeKind.Binary
export const isElementAccess = (node: Node): node is ElementAccessExpression =>
  (node.kind as number) === NodeKind.ElementAccess
export const isFunctionExpression = (node: Node): node is FunctionExpression =>
  (node.kind as number) === NodeKind.Function
export const isLiteral = (node: Node): boolean => (node.kind as number) === NodeKind.Literal
export const isParenthesized = (node: Node): node is ParenthesizedExpression =>
  (node.kind as number) === NodeKind.Parenthesized
export const isReturn = (node: Node): node is ReturnStatement => (node.kind as number) === NodeKind.Return
export const isTernary = (node: Node): node is TernaryExpression =>
  (node.kind as number) === NodeKind.Ternary
export const isThis = (node: Node): boolean => (node.kind as number) === NodeKind.This
export const isThrow = (node: Node): boolean => (node.kind as number) === NodeKind.Throw
export const isTry = (node: Node): boolean => (node.kind as number) === NodeKind.Try
export const isUnaryPrefix = (node: Node): node is UnaryPrefixExpression =>
  (node.kind as number) === NodeKind.UnaryPrefix
const isUnaryPostfix = (node: Node): node is UnaryPostfixExpression =>
  (node.kind as number) === NodeKind.UnaryPostfix
export const isVariableDeclaration = (node: Node): node is VariableDeclaration =>
  (node.kind as number) === NodeKind.VariableDeclaration
export const isType = (node: Node): node is TypeNode =>
  [NodeKind.NamedType, NodeKind.FunctionType, NodeKind.TypeName].includes(node.kind as number)

const BLOCK_SCOPES: readonly number[] = [NodeKind.Block, NodeKind.For, NodeKind.ForOf, NodeKind.Switch]
export const isBlockScope = (node: Node): boolean => BLOCK_SCOPES.includes(node.kind as number)

/** What it declares its names in. */
export const statementsOf = (node: Node): readonly Node[] => {
  const { statements, initializer, variable, cases } = node as BlockStatement & ForStatement & ForOfStatement & SwitchStatement
  if ((node.kind as number) === NodeKind.Switch) return cases.flatMap(each => each.statements)
  return [...(statements ?? []), initializer ?? [], variable ?? []].flat()
}

/** What an assignment, `++` or `--` writes to. */
export const assignedBy = (node: Node): Node | undefined => {
  const operator = isBinary(node) || isUnaryPrefix(node) || isUnaryPostfix(node) ? (node.operator as number) : -1
  if (isBinary(node)) return operator >= Token.Equals && operator <= Token.Caret_Equals ? node.left : undefined
  const isStep = operator === Token.Plus_Plus || operator === Token.Minus_Minus
  return isStep ? (node as UnaryPrefixExpression).operand : undefined
}

const ARITHMETIC: ReadonlyMap<number, string> = new Map([
  [Token.Plus, '+'],
  [Token.Minus, '-'],
  [Token.Asterisk, '*'],
  [Token.Asterisk_Asterisk, '**'],
  [Token.Slash, '/'],
  [Token.Percent, '%'],
  [Token.Equals, '='],
  [Token.Plus_Equals, '+='],
  [Token.Minus_Equals, '-='],
  [Token.Asterisk_Equals, '*='],
  [Token.Asterisk_Asterisk_Equals, '**='],
])

/** Of arithmetic and of what assigns its results; undefined for any other operator. */
export const arithmeticOf = ({ operator }: BinaryExpression | UnaryPrefixExpression): string | undefined =>
  ARITHMETIC.get(operator)

const BITWISE: ReadonlyMap<number, string> = new Map([
  [Token.Ampersand, '&'],
  [Token.GreaterThan_GreaterThan, '>>'],
  [Token.GreaterThan_GreaterThan_GreaterThan, '>>>'],
])
/** Of what gives fewer bits. */
export const bitwiseOf = ({ operator }: BinaryExpression): string | undefined => BITWISE.get(operator)

export const isExported = (node: DeclarationStatement): boolean => node.is(CommonFlags.Export as never)
export const isStatic = (node: DeclarationStatement): boolean => node.is(CommonFlags.Static as never)
/** `declare` stands before it. */
export const isAmbient = (node: DeclarationStatement): boolean => node.is(CommonFlags.Ambient as never)
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

/** What the file imports from 'vex': the names there, by the file's own. */
export const namesFromSdk = (source: Source): ReadonlyMap<string, string> =>
  new Map(
    source.statements
      .filter(isImport)
      .filter(({ path }) => path.value === 'vex')
      .flatMap(({ declarations }) => declarations ?? [])
      .map(({ name, foreignName }) => [name.text, foreignName.text]),
  )

/** What the file calls `name` of 'vex'; undefined if it does not import it. */
export const importedFromSdk = (source: Source, name: string): string | undefined =>
  [...namesFromSdk(source)].find(([, foreign]) => foreign === name)?.[0]

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

/** Where a name stands that is no use of a variable. */
const NAMES = new Set(['name', 'names', 'label', 'property', 'decorators', 'typeName'])

/** What is written in `node`, but for names that it declares and members that it reads. */
export const childrenOf = (node: Node): Node[] =>
  Object.entries(node)
    .filter(([key]) => !NAMES.has(key))
    .flatMap(([, value]) => value as unknown)
    .filter(isNode)

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
    .filter(node => isType(node) && isNamedType(node))
    .map(node => node.name.identifier.text)
