/**
 * The asc transform: from a class marked @contract to a module that the VM can call.
 *
 * It runs after parsing and writes AssemblyScript text, which the compiler then reads like any other:
 * - to each storage field of the contract, its slot: `count: Value<u64>` gets ` = new Value<u64>(0)`;
 * - to each @event and @struct class, methods that encode it;
 * - a new entry file with one export of type () -> () for each method. It decodes the arguments strictly,
 *   refuses units for a method that is not @payable, and encodes the result.
 * Text is only ever inserted inside a line, so that errors and traps keep the author's line numbers.
 *
 * What it cannot handle is refused with the place and what to write instead.
 */
import type { ClassDeclaration, FieldDeclaration, MethodDeclaration, Parser, Source, TypeNode } from 'assemblyscript'
import { CompileError, type Diagnostic } from './compile-error.ts'
import {
  decoratorNames,
  isClass,
  isConstructor,
  isEntrySource,
  isExported,
  isField,
  isMethod,
  isNamedType,
  isStatic,
  isTypeAlias,
  isUserSource,
  positionOf,
} from './syntax.ts'
import { structOf, toAbiType, toAssemblyScript, type TypeScope } from './type-names.ts'

export interface AbiField {
  name: string
  type: string
}
export interface AbiMethod {
  name: string
  kind: 'init' | 'call' | 'view'
  payable: boolean
  params: AbiField[]
  /** Absent types are `void`. */
  returns: string
}
export interface ContractAbi {
  name: string
  version: 1
  methods: AbiMethod[]
  events: { name: string; fields: (AbiField & { indexed: boolean })[] }[]
  structs: { name: string; fields: AbiField[] }[]
}

const STORAGE_TYPES = new Set(['Value', 'Mapping', 'PairMapping'])
const METHOD_KINDS = ['init', 'call', 'view'] as const
const MAX_SLOTS = 256
const MAX_INDEXED_FIELDS = 3
const MAX_NAME_BYTES = 64
/** Exports of the module that are not methods. */
const RESERVED_NAMES = new Set(['memory', 'init', '_start'])
const IMPORT_SDK = `import * as $vex from 'vex/entry'`

interface Method {
  readonly abi: AbiMethod
  /** What it is called in the author's class; undefined if there is nothing to run. */
  readonly property: string | undefined
}

interface Insertion {
  readonly at: number
  readonly text: string
}

/** asc calls `afterParse`; the ABI is there once it has. */
export interface ContractTransform {
  afterParse(parser: Parser): void
  readonly abi: ContractAbi | undefined
}

const insert = (text: string, insertions: readonly Insertion[]): string => {
  let result = text
  for (const { at, text: added } of [...insertions].sort((a, b) => b.at - a.at))
    result = result.slice(0, at) + added + result.slice(at)
  return result
}

const instanceFields = (node: ClassDeclaration): FieldDeclaration[] =>
  node.members.filter(isField).filter(field => !isStatic(field))

const unwrapIndexed = (type: TypeNode): { type: TypeNode; indexed: boolean } => {
  const inner = isNamedType(type) && type.name.identifier.text === 'Indexed' ? type.typeArguments?.[0] : undefined
  return inner === undefined ? { type, indexed: false } : { type: inner, indexed: true }
}

/** One compilation: what was found in the author's files, and what is wrong with it. */
class Analysis implements TypeScope {
  readonly structs = new Map<string, ClassDeclaration>()
  readonly aliases = new Map<string, TypeNode>()
  readonly events: ClassDeclaration[] = []
  readonly contracts: ClassDeclaration[] = []
  readonly problems: Diagnostic[] = []
  readonly insertions = new Map<Source, Insertion[]>()

  readonly report = (problem: Diagnostic): void => {
    this.problems.push(problem)
  }

  private at(node: { range: { source: Source } }): Insertion[] {
    const found = this.insertions.get(node.range.source) ?? []
    this.insertions.set(node.range.source, found)
    return found
  }

  collect(sources: readonly Source[]): void {
    for (const source of sources.filter(isUserSource)) {
      for (const statement of source.statements) {
        if (isTypeAlias(statement) && (statement.typeParameters ?? []).length === 0)
          this.aliases.set(statement.name.text, statement.type)
        if (isClass(statement)) this.collectClass(statement, source)
      }
    }
  }

  private collectClass(node: ClassDeclaration, source: Source): void {
    const marks = decoratorNames(node)
    const refuse = (message: string): void => this.report({ position: positionOf(node.name), message })
    if (marks.includes('contract')) {
      if (!isEntrySource(source)) refuse(`the contract ${node.name.text} must stand in the file that is compiled`)
      this.contracts.push(node)
    }
    if (marks.includes('event')) {
      if (this.events.some(event => event.name.text === node.name.text))
        refuse(`a second event ${node.name.text}: give it another name`)
      this.events.push(node)
    }
    if (marks.includes('struct')) {
      if (this.structs.has(node.name.text)) refuse(`a second struct ${node.name.text}: give it another name`)
      if (!isExported(node)) refuse(`write "export class ${node.name.text}": the arguments of methods are read elsewhere`)
      this.structs.set(node.name.text, node)
    }
  }

  /** Fields with their types, and nothing that would not travel. */
  private fieldsOf(node: ClassDeclaration): (AbiField & { indexed: boolean })[] {
    if (node.extendsType !== null)
      this.report({ position: positionOf(node.extendsType), message: `${node.name.text} must not extend a class: write its fields out` })
    if (node.isGeneric)
      this.report({ position: positionOf(node.name), message: `${node.name.text} must not be generic` })
    return instanceFields(node).flatMap(field => {
      if (field.type === null) {
        this.report({ position: positionOf(field), message: `the field ${field.name.text} needs a type` })
        return []
      }
      const { type, indexed } = unwrapIndexed(field.type)
      return [{ name: field.name.text, type: toAbiType(type, this), indexed }]
    })
  }

  private addMembers(node: ClassDeclaration, members: string): void {
    this.at(node).push({ at: node.range.end - 1, text: ` ${members} ` })
  }

  event(node: ClassDeclaration): ContractAbi['events'][number] {
    const name = node.name.text
    const fields = this.fieldsOf(node)
    if (fields.filter(field => field.indexed).length > MAX_INDEXED_FIELDS)
      this.report({ position: positionOf(node.name), message: `${name} has more than ${MAX_INDEXED_FIELDS} Indexed fields` })
    if (name.length > MAX_NAME_BYTES - 1)
      this.report({ position: positionOf(node.name), message: `the event's name is longer than ${MAX_NAME_BYTES - 1} characters` })
    const writes = fields.map(field => `w.${field.indexed ? 'topic' : 'field'}(this.${field.name});`)
    this.addMembers(node, `__emit(): void { const w = new $vex.EventWriter("${name}"); ${writes.join(' ')} w.send(); }`)
    return { name, fields }
  }

  struct(node: ClassDeclaration): ContractAbi['structs'][number] {
    const fields = this.fieldsOf(node).map(({ name, type, indexed }) => {
      if (indexed) this.report({ position: positionOf(node.name), message: `only an @event has Indexed fields` })
      return { name, type }
    })
    if (fields.length === 0) this.report({ position: positionOf(node.name), message: `${node.name.text} needs a field` })
    const each = (line: (name: string) => string): string => fields.map(({ name }) => line(name)).join(' ')
    this.addMembers(
      node,
      `__encode(w: $vex.Writer): void { ${each(name => `$vex.encode(w, this.${name});`)} } ` +
        `__decode(r: $vex.Reader): void { ${each(name => `this.${name} = $vex.decode<typeof this.${name}>(r);`)} } ` +
        `__zero(): void { ${each(name => `this.${name} = $vex.zero<typeof this.${name}>();`)} }`,
    )
    return { name: node.name.text, fields }
  }

  /** Checks the contract's shape and gives each storage field its slot. */
  storage(node: ClassDeclaration): void {
    const refuse = (at: Parameters<typeof positionOf>[0], message: string): void =>
      this.report({ position: positionOf(at), message })
    const name = node.name.text
    if (!isExported(node)) refuse(node.name, `write "export class ${name}"`)
    if (node.isGeneric) refuse(node.name, `the contract ${name} must not be generic`)
    if (node.extendsType !== null) refuse(node.extendsType, `a contract must not extend a class: its storage would depend on the other's`)
    let slot = 0
    for (const field of instanceFields(node)) {
      const { type } = field
      const typeName = type !== null && isNamedType(type) ? type.name.identifier.text : undefined
      if (type === null || typeName === undefined || !STORAGE_TYPES.has(typeName)) {
        const written = type?.range.toString() ?? 'T'
        refuse(field, `the field ${field.name.text} would be forgotten after each call: write "${field.name.text}: Value<${written}>", or make it static readonly`)
      } else if (field.initializer !== null) {
        refuse(field.initializer, `leave out the value of ${field.name.text}: the compiler gives it its place in the storage. Set what it holds at the start in @init`)
      } else {
        this.at(node).push({ at: type.range.end, text: ` = new ${type.range.toString()}(${slot++})` })
      }
    }
    if (slot > MAX_SLOTS) refuse(node.name, `${name} has ${slot} storage fields; the limit is ${MAX_SLOTS}`)
  }

  methods(node: ClassDeclaration): Method[] {
    const found = node.members.filter(isMethod).flatMap(method => this.method(method) ?? [])
    if (found.length === 0)
      this.report({ position: positionOf(node.name), message: `${node.name.text} has no method marked @init, @call or @view` })
    if (found.filter(method => method.abi.kind === 'init').length > 1)
      this.report({ position: positionOf(node.name), message: `${node.name.text} has more than one @init method` })
    return found.some(method => method.abi.kind === 'init') ? found : [PLAIN_INIT, ...found]
  }

  private method(node: MethodDeclaration): Method | undefined {
    const name = node.name.text
    const refuse = (message: string): undefined => this.report({ position: positionOf(node.name), message }) as undefined
    const marks = decoratorNames(node)
    const kinds = METHOD_KINDS.filter(kind => marks.includes(kind))
    const [kind] = kinds
    const payable = marks.includes('payable')
    if (isConstructor(node)) return refuse('a contract has no constructor: set what it holds at the start in a method marked @init')
    if (kind === undefined) return payable ? refuse(`${name} is @payable but not a method of the contract: add @call`) : undefined
    if (kinds.length > 1) return refuse(`${name} is marked @${kinds.join(' and @')}: choose one`)
    if (isStatic(node)) return refuse(`${name} must not be static`)
    if (kind === 'view' && payable) return refuse(`${name} is a @view and cannot be @payable`)
    if (kind !== 'init' && RESERVED_NAMES.has(name)) return refuse(`${name} is reserved: give the method another name`)
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || name.length > MAX_NAME_BYTES)
      return refuse(`a method's name starts with a letter and has at most ${MAX_NAME_BYTES} letters, digits and _`)
    if ((node.typeParameters ?? []).length > 0) return refuse(`${name} must not be generic`)
    const params = node.signature.parameters.map(param => {
      if (param.initializer !== null)
        this.report({ position: positionOf(param), message: `${param.name.text} must not have a default value: callers always send it` })
      return { name: param.name.text, type: toAbiType(param.type, this) }
    })
    const written = node.signature.returnType
    if (written.range.toString() === '') return refuse(`${name} needs a return type; write ": void" if it returns nothing`)
    const returns = written.range.toString() === 'void' ? 'void' : toAbiType(written, this)
    if (kind === 'init' && returns !== 'void') return refuse(`${name} is @init and must return void`)
    if (kind === 'view' && returns === 'void') return refuse(`${name} is a @view and must return something`)
    return { property: name, abi: { name: kind === 'init' ? 'init' : name, kind, payable, params, returns } }
  }
}

const writeExport = ({ abi, property }: Method): string => {
  const reads = abi.params.map((param, i) => `  const $${i} = $vex.decode<${toAssemblyScript(param.type)}>($in)`)
  const run = `$contract.${property}(${abi.params.map((_, i) => `$${i}`).join(', ')})`
  return [
    `function $${abi.name}(): void {`,
    ...(abi.payable ? [] : [`  $vex.refuseValue("${abi.name}")`]),
    '  const $in = $vex.readArguments()',
    ...reads,
    '  $in.end()',
    property === undefined ? '' : abi.returns === 'void' ? `  ${run}` : `  $vex.respond<${toAssemblyScript(abi.returns)}>(${run})`,
    '}',
    `export { $${abi.name} as ${abi.name} }`,
  ].join('\n')
}

/** A contract without @init is deployed without arguments. */
const PLAIN_INIT: Method = {
  abi: { name: 'init', kind: 'init', payable: false, params: [], returns: 'void' },
  property: undefined,
}

const writeEntry = (contract: ClassDeclaration, methods: readonly Method[], structs: ReadonlyMap<string, ClassDeclaration>): string => {
  const importOf = (node: ClassDeclaration, name: string): string =>
    `import { ${node.name.text} as ${name} } from './${node.range.source.internalPath}'`
  return [
    IMPORT_SDK,
    importOf(contract, '$Contract'),
    ...[...structs].map(([name, node]) => importOf(node, `$${name}`)),
    'const $contract = new $Contract()',
    ...methods.map(writeExport),
    '',
  ].join('\n')
}

/** Name of the generated entry file, as errors show it. */
export const ENTRY_FILE = 'exports-of-the-contract.ts'

/** Puts `text` in the place of a source that was parsed before. */
const reparse = (parser: Parser, source: Source, text: string): void => {
  parser.sources.splice(parser.sources.indexOf(source), 1)
  parser.donelog.delete(source.internalPath)
  parser.parseFile(text, source.normalizedPath, false)
}

export const createContractTransform = (): ContractTransform => {
  let abi: ContractAbi | undefined
  return {
    get abi() {
      return abi
    },
    afterParse(parser) {
      const analysis = new Analysis()
      analysis.collect(parser.sources)
      const [contract, second] = analysis.contracts
      if (contract === undefined) {
        const file = parser.sources.find(isEntrySource)?.normalizedPath ?? 'the file'
        throw new CompileError('bad_source', [
          { message: `no contract in ${file}: mark a class @contract and write "export class"` },
        ])
      }
      if (second !== undefined)
        analysis.report({ position: positionOf(second.name), message: 'a file holds one @contract class' })
      const structs = [...analysis.structs.values()].map(node => analysis.struct(node))
      const events = analysis.events.map(node => analysis.event(node))
      analysis.storage(contract)
      const methods = analysis.methods(contract)
      if (analysis.problems.length > 0) throw new CompileError('bad_source', analysis.problems)
      const entry = writeEntry(contract, methods, analysis.structs)
      // The author's entry file becomes an ordinary module: only the generated file exports.
      const entrySource = contract.range.source
      if (!analysis.insertions.has(entrySource)) analysis.insertions.set(entrySource, [])
      for (const [source, insertions] of analysis.insertions)
        reparse(parser, source, `${insert(source.text, insertions)}\n${IMPORT_SDK}\n`)
      parser.parseFile(entry, ENTRY_FILE, true)
      const used = new Set([...methods.flatMap(({ abi: m }) => [m.returns, ...m.params.map(p => p.type)]), ...events.flatMap(e => e.fields.map(f => f.type)), ...structs.flatMap(s => s.fields.map(f => f.type))].map(structOf))
      abi = {
        name: contract.name.text,
        version: 1,
        methods: methods.map(method => method.abi),
        events,
        structs: structs.filter(({ name }) => used.has(name)),
      }
    },
  }
}
