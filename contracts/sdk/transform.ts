/**
 * The asc transform: from a class marked @contract to a module that the VM can call.
 *
 * It runs after parsing and writes AssemblyScript text, which the compiler then reads like any other:
 * - to each storage field of the contract, its slot: `count: Value<u64>` gets ` = new Value<u64>(0)`;
 * - to each @event, @error and @struct class, methods that put it into BCS: the author's, and those of the SDK's
 *   components (Ownership, Roles, Pause), whose events and errors are the contract's if a field of it is one;
 * - to each @contract class that is imported from another file, the calls that it stands for (callers.ts);
 * - to the compiler's allocator, a word about what happened when memory is used up;
 * - a new entry file with one export for each method. It decodes the arguments strictly, refuses units for
 *   a method that is not @payable, and encodes the result.
 * Text is only ever inserted inside a line, so that errors and traps keep the author's line numbers.
 *
 * What it cannot handle is refused with the place and what to write instead, all problems at once.
 */
import type { Parser, Source } from 'assemblyscript'
import { CompileError } from './compile-error.ts'
import { callerEdits, checkCallers } from './callers.ts'
import type { AbiEvent, AbiRevert, AbiStruct, ContractAbi } from './contract-abi.ts'
import { assignSlots, type Insertion, readMethods } from './contract-class.ts'
import { collectDeclarations, type Declarations, Problems } from './declarations.ts'
import { ENTRY_FILE, IMPORT_SDK, writeEntryFile } from './entry-file.ts'
import { checkCode } from './forbidden-code.ts'
import { checkMarks } from './marks.ts'
import { checkNesting, type Extended, extendError, extendEvent, extendStruct } from './records.ts'
import { checkImportedNames, checkRestrictions } from './restrictions.ts'
import { isEntrySource, isUserSource, sdkFileOf } from './syntax.ts'
import { structOf } from './type-names.ts'
import { checkAmounts } from './unchecked.ts'
import { readUnits } from './units.ts'

/** Changes what `parser` holds and returns the contract's ABI. Throws a CompileError with every problem. */
export const transformContract = (parser: Parser): ContractAbi => {
  const problems = new Problems()
  const ofAuthor = parser.sources.filter(isUserSource)
  const { own, others } = readUnits(ofAuthor, problems)
  const { declared } = own
  for (const source of ofAuthor) checkMarks(source, problems)
  const [contract] = declared.contracts
  if (contract === undefined) {
    for (const other of others)
      problems.at(other.contract.name, `the contract ${other.contract.name.text} must stand in the file that is compiled`)
    const file = ofAuthor.find(isEntrySource)?.normalizedPath ?? 'the entry file'
    const message = `there is no contract in ${file}: write "@contract export class Name"`
    throw new CompileError('bad_source', problems.all.length > 0 ? problems.all : [{ message }])
  }
  const units = [own, ...others]
  for (const unit of units)
    for (const source of unit.sources) checkImportedNames(source, unit.declared, problems)
  // All that follows reads types by their names.
  if (problems.all.length > 0) throw new CompileError('bad_source', problems.all)
  for (const unit of units)
    for (const source of unit.sources) {
      checkRestrictions(source, unit.declared, problems)
      checkCallers(source, unit, problems)
      checkCode(source, problems)
    }
  for (const unit of units) checkAmounts(unit, problems)
  const records = extendRecords(declared, problems)
  const recordsOfOthers = others.map(other => extendRecords(other.declared, problems))
  const slots = assignSlots(contract, declared, problems)
  const methods = readMethods(contract, declared, problems)
  const callers = others.map(other => ({
    source: other.contract.range.source,
    edits: callerEdits(other.contract, other.declared, problems),
  }))
  const { structs, events, errors } = records
  checkNesting(structs, problems)
  const components = readComponents(parser, new Set(slots.abi.map(({ kind }) => kind.toLowerCase())))
  const allEvents = [...events.map(({ abi }) => abi), ...components.events]
  const allErrors = [...errors.map(({ abi }) => abi), ...components.errors]
  for (const [what, abis] of [['event', allEvents], ['error', allErrors]] as const)
    for (const [i, { name }] of abis.entries())
      if (abis.slice(0, i).some(other => other.name === name))
        problems.at(contract.name, `${name} is also an ${what} of a component that it uses: give yours another name`)
  if (problems.all.length > 0) throw new CompileError('bad_source', problems.all)

  const insertions = new Map<Source, Insertion[]>([[contract.range.source, [...slots.insertions]]])
  const insert = (source: Source, added: readonly Insertion[]): void =>
    void insertions.set(source, [...(insertions.get(source) ?? []), ...added])
  for (const { source, edits } of callers) insert(source, edits)
  const extended = [records, ...recordsOfOthers].flatMap(each => [...each.structs, ...each.events, ...each.errors])
  // A file that several contracts share is read for each of them.
  const membersOf = new Map([...extended, ...components.extended].map(({ node, members }) => [node, members]))
  for (const [{ range }, members] of membersOf)
    insert(range.source, [{ at: range.end - 1, text: ` ${members} ` }])
  for (const [source, added] of insertions) {
    const { text } = source
    replaceSource(parser, source, `${withInsertions(text, added)}\n${IMPORT_SDK}\n`)
  }
  nameExhaustedMemory(parser)
  parser.parseFile(writeEntryFile(contract, declared.structs, methods), ENTRY_FILE, true)

  const used = new Set(
    [
      ...methods.flatMap(({ abi }) => [abi.returns, ...abi.params.map(param => param.type)]),
      ...[...events, ...errors, ...structs].flatMap(({ abi }) => abi.fields.map(field => field.type)),
      ...slots.abi.flatMap(({ types }) => types),
    ].map(structOf),
  )
  return {
    name: contract.name.text,
    version: 1,
    methods: methods.map(({ abi }) => abi),
    events: allEvents,
    errors: allErrors,
    structs: structs.map(({ abi }) => abi).filter(({ name }) => used.has(name)),
    storage: slots.abi,
  }
}

interface Records {
  readonly structs: readonly Extended<AbiStruct>[]
  readonly events: readonly Extended<AbiEvent>[]
  readonly errors: readonly Extended<AbiRevert>[]
}

const extendRecords = (declared: Declarations, problems: Problems): Records => ({
  structs: [...declared.structs.values()].map(node => extendStruct(node, declared, problems)),
  events: declared.events.map(node => extendEvent(node, declared, problems)),
  errors: declared.errors.map(node => extendError(node, declared, problems)),
})

/** Marked classes in the SDK's own files. `used` are the files of the components that the contract has. */
const readComponents = (parser: Parser, used: ReadonlySet<string>) => {
  const extended: Extended<unknown>[] = []
  const events: AbiEvent[] = []
  const errors: AbiRevert[] = []
  const problems = new Problems()
  for (const source of parser.sources) {
    const file = sdkFileOf(source)
    if (file === undefined) continue
    const declared: Declarations = collectDeclarations([source], problems)
    const ofFile = {
      events: declared.events.map(node => extendEvent(node, declared, problems)),
      errors: declared.errors.map(node => extendError(node, declared, problems)),
    }
    extended.push(...ofFile.events, ...ofFile.errors)
    if (!used.has(file)) continue
    events.push(...ofFile.events.map(({ abi }) => abi))
    errors.push(...ofFile.errors.map(({ abi }) => abi))
  }
  if (problems.all.length > 0) throw new CompileError('bad_source', problems.all)
  return { extended, events, errors }
}

const withInsertions = (text: string, insertions: readonly Insertion[]): string => {
  let result = text
  for (const { at, until, text: added } of insertions.toSorted((a, b) => b.at - a.at))
    result = result.slice(0, at) + added + result.slice(until ?? at)
  return result
}

/** The source is read again with its new text, as an ordinary module: only the generated file exports. */
const replaceSource = (parser: Parser, source: Source, text: string): void => {
  parser.sources.splice(parser.sources.indexOf(source), 1)
  parser.donelog.delete(source.internalPath)
  parser.parseFile(text, source.normalizedPath, false)
}

const ALLOCATOR = '~lib/rt/stub.ts'
const NO_MEMORY_LEFT = 'unreachable(); // out of memory'

/** The compiler's allocator traps without a word when memory is used up; a contract's says what happened. */
const nameExhaustedMemory = (parser: Parser): void => {
  const source = parser.sources.find(({ normalizedPath }) => normalizedPath === ALLOCATOR)
  // Absent with another runtime, which a caller of the compiler may ask for.
  if (source === undefined) return
  if (!source.text.includes(NO_MEMORY_LEFT))
    throw new Error(`${ALLOCATOR} is not the allocator that this compiler was made for`)
  replaceSource(parser, source, source.text.replace(NO_MEMORY_LEFT, "abort('out of memory');"))
}
