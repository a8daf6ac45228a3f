/**
 * What TypeScript would allow in the author's files and a contract must not do, with what to write instead:
 * variables that outlive a call, functions of another host, the machine's clock, randomness and console, rest
 * parameters (which the compiler accepts and does not carry out), SDK types under other names, and `emit` of what is
 * not an event.
 */
import type {
  DeclarationStatement,
  ImportDeclaration,
  Node,
  ParameterNode,
  Source,
  Statement,
} from 'assemblyscript'
import { STORAGE_TYPES } from './contract-class.ts'
import type { Declarations, Problems } from './declarations.ts'
import {
  isAmbient,
  isCall,
  isClass,
  isConst,
  isField,
  isFunction,
  isIdentifier,
  isImport,
  isNamespace,
  isNew,
  isParameter,
  isPropertyAccess,
  isReadonly,
  isRest,
  isStatic,
  isVariable,
  nodesIn,
} from './syntax.ts'
import { NAMED_SDK_TYPES } from './type-names.ts'

const SDK = 'vex'
const EMIT = 'emit'
/** By the object alone, or by the object and its property. */
const NOT_ON_A_CHAIN: ReadonlyMap<string, string> = new Map([
  ['console', 'use trace(), or emit an event'],
  ['process', 'a contract knows only its call; see what vex offers (caller, value, blockHeight)'],
  ['Math.random', 'every node must get the same result'],
  ['crypto.getRandomValues', 'every node must get the same result'],
  ['Date.now', 'use blockTimeMs() from vex'],
])

export const checkRestrictions = (source: Source, declared: Declarations, problems: Problems): void => {
  checkModuleState(source.statements, problems)
  const hasEmit = importsOf(source, SDK).some(({ name }) => name.text === EMIT)
  for (const node of nodesIn(source)) {
    checkStaticFields(node, problems)
    checkAccess(node, problems)
    if (hasEmit) checkEmit(node, declared, problems)
    if (isParameter(node) && isRest(node))
      problems.at(node, `a function takes a fixed number of arguments: write "${unRest(node)}"`)
  }
}

const unRest = ({ name, type }: ParameterNode): string => `${name.text}: ${type.range.toString()}`

const importsOf = (source: Source, path: string): ImportDeclaration[] =>
  source.statements
    .filter(isImport)
    .filter(statement => statement.path.value === path)
    .flatMap(statement => statement.declarations ?? [])

const forgotten = (declaration: DeclarationStatement, instead: string, problems: Problems): void => {
  const name = declaration.name.text
  problems.at(
    declaration.name,
    `${name} would be forgotten after each call: keep it in a storage field of the contract, or make it ${instead}`,
  )
}

const checkModuleState = (statements: readonly Statement[], problems: Problems): void => {
  for (const statement of statements) {
    if (isNamespace(statement)) checkModuleState(statement.members, problems)
    const variables = isVariable(statement) ? statement.declarations : []
    const declared = isFunction(statement) || isClass(statement) ? [statement] : variables
    for (const each of declared.filter(isAmbient))
      problems.at(each.name, `${each.name.text} is declared and nowhere written: import what a chain offers from '${SDK}'`)
    for (const each of variables) if (!isConst(each) && !isAmbient(each)) forgotten(each, 'const', problems)
  }
}

const checkStaticFields = (node: Node, problems: Problems): void => {
  if (!isClass(node)) return
  for (const field of node.members.filter(isField))
    if (isStatic(field) && !isReadonly(field)) forgotten(field, 'static readonly', problems)
}

const checkAccess = (node: Node, problems: Problems): void => {
  if (!isPropertyAccess(node) || !isIdentifier(node.expression)) return
  const object = node.expression.text
  const path = `${object}.${node.property.text}`
  const advice = NOT_ON_A_CHAIN.get(object) ?? NOT_ON_A_CHAIN.get(path)
  if (advice !== undefined) problems.at(node, `${path} is not available in a contract: ${advice}`)
}

const checkEmit = (node: Node, { events }: Declarations, problems: Problems): void => {
  if (!isCall(node) || !isIdentifier(node.expression) || node.expression.text !== EMIT) return
  const [event] = node.args
  if (event === undefined) return
  const name = isNew(event) ? event.typeName.identifier.text : undefined
  if (name === undefined)
    problems.at(event, 'emit takes a new event: write "emit(new Name(…))" with an @event class')
  else if (!events.some(each => each.name.text === name))
    problems.at(event, `emit takes an event: mark the class ${name} @event`)
}

/**
 * The compiler knows types by their names: those of the SDK, and the author's structs and events, must keep
 * theirs where they are imported.
 */
export const checkImportedNames = (source: Source, declared: Declarations, problems: Problems): void => {
  const ofAuthor = new Set([
    ...declared.structs.keys(),
    ...declared.aliases.keys(),
    ...[...declared.events, ...declared.errors].map(node => node.name.text),
  ])
  const ofSdk = new Set([...STORAGE_TYPES.keys(), ...NAMED_SDK_TYPES, EMIT])
  for (const statement of source.statements.filter(isImport)) {
    const isSdk = statement.path.value === SDK
    if (isSdk && statement.namespaceName !== null)
      problems.at(
        statement.namespaceName,
        `storage types must be imported by their own names: write "import { Value } from '${SDK}'"`,
      )
    for (const { foreignName, name } of statement.declarations ?? [])
      if (foreignName.text !== name.text && (isSdk ? ofSdk : ofAuthor).has(foreignName.text))
        problems.at(
          name,
          `${foreignName.text} must be imported by its own name: write "import { ${foreignName.text} } from '${statement.path.value}'"`,
        )
  }
}
