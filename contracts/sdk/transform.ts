/**
 * The asc transform: from a class marked @contract to a module that the VM can call.
 *
 * It runs after parsing and writes AssemblyScript text, which the compiler then reads like any other:
 * - to each storage field of the contract, its slot: `count: Value<u64>` gets ` = new Value<u64>(0)`;
 * - to each @event and @struct class, methods that put it into BCS;
 * - to the compiler's allocator, a word about what happened when memory is used up;
 * - a new entry file with one export for each method. It decodes the arguments strictly, refuses units for
 *   a method that is not @payable, and encodes the result.
 * Text is only ever inserted inside a line, so that errors and traps keep the author's line numbers.
 *
 * What it cannot handle is refused with the place and what to write instead, all problems at once.
 */
import type { Parser, Source } from 'assemblyscript'
import { CompileError } from './compile-error.ts'
import type { ContractAbi } from './contract-abi.ts'
import { assignSlots, type Insertion, readMethods } from './contract-class.ts'
import { collectDeclarations, Problems } from './declarations.ts'
import { ENTRY_FILE, IMPORT_SDK, writeEntryFile } from './entry-file.ts'
import { checkMarks } from './marks.ts'
import { checkNesting, extendEvent, extendStruct } from './records.ts'
import { checkImportedNames, checkRestrictions } from './restrictions.ts'
import { isEntrySource, isUserSource } from './syntax.ts'
import { structOf } from './type-names.ts'

/** Changes what `parser` holds and returns the contract's ABI. Throws a CompileError with every problem. */
export const transformContract = (parser: Parser): ContractAbi => {
  const problems = new Problems()
  const ofAuthor = parser.sources.filter(isUserSource)
  const declared = collectDeclarations(ofAuthor, problems)
  for (const source of ofAuthor) checkMarks(source, declared, problems)
  const [contract] = declared.contracts
  if (contract === undefined) {
    const file = ofAuthor.find(isEntrySource)?.normalizedPath ?? 'the entry file'
    const message = `there is no contract in ${file}: write "@contract export class Name"`
    throw new CompileError('bad_source', problems.all.length > 0 ? problems.all : [{ message }])
  }
  for (const source of ofAuthor) checkImportedNames(source, declared, problems)
  // All that follows reads types by their names.
  if (problems.all.length > 0) throw new CompileError('bad_source', problems.all)
  for (const source of ofAuthor) checkRestrictions(source, declared, problems)
  const structs = [...declared.structs.values()].map(node => extendStruct(node, declared, problems))
  const events = declared.events.map(node => extendEvent(node, declared, problems))
  const slots = assignSlots(contract, declared, problems)
  const methods = readMethods(contract, declared, problems)
  checkNesting(structs, problems)
  if (problems.all.length > 0) throw new CompileError('bad_source', problems.all)

  const insertions = new Map<Source, Insertion[]>([[contract.range.source, slots]])
  for (const { node, members } of [...structs, ...events]) {
    const { source, end } = node.range
    const closingBrace = end - 1
    insertions.set(source, [...(insertions.get(source) ?? []), { at: closingBrace, text: ` ${members} ` }])
  }
  for (const [source, added] of insertions) {
    const { text } = source
    replaceSource(parser, source, `${withInsertions(text, added)}\n${IMPORT_SDK}\n`)
  }
  nameExhaustedMemory(parser)
  parser.parseFile(writeEntryFile(contract, declared.structs, methods), ENTRY_FILE, true)

  const used = new Set(
    [
      ...methods.flatMap(({ abi }) => [abi.returns, ...abi.params.map(param => param.type)]),
      ...[...events, ...structs].flatMap(({ abi }) => abi.fields.map(field => field.type)),
    ].map(structOf),
  )
  return {
    name: contract.name.text,
    version: 1,
    methods: methods.map(({ abi }) => abi),
    events: events.map(({ abi }) => abi),
    structs: structs.map(({ abi }) => abi).filter(({ name }) => used.has(name)),
  }
}

const withInsertions = (text: string, insertions: readonly Insertion[]): string => {
  let result = text
  for (const { at, text: added } of insertions.toSorted((a, b) => b.at - a.at))
    result = result.slice(0, at) + added + result.slice(at)
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
