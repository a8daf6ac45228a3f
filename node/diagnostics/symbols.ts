/**
 * From a place in compiled code to the line its author wrote, by the debug twin that `vex build` keeps beside a
 * contract (`NAME.debug.json`): the name of each function, and a source map from byte offsets to lines.
 *
 * The compiler puts small functions into those that call them, so that code of the SDK stands inside the author's
 * functions. Such a place counts as the author's line before it in the same function: there the SDK was called. If there
 * is none, it counts as the line where the function is declared. The same goes for what the SDK's transform writes into
 * the author's files, always beyond the end of a line.
 */
import { decodedMappings, TraceMap } from '@jridgewell/trace-mapping'
import { z } from 'zod'
import type { CodeFrame } from '../../vm/execution.ts'
import { Reader } from '../../vm/reader.ts'

/** Lines around the one that matters. */
const LINES_BEFORE = 2
const LINES_AFTER = 1
/** Of a line that is shown; a caret beyond it is left out. */
const MAX_LINE_CHARACTERS = 200
/** What the compiler and the SDK bring along. */
const LIBRARY = '~lib/'
/** What the SDK's transform writes: it decodes arguments and calls the method of the same name. */
const GENERATED = 'exports-of-the-contract'

const MAX_FUNCTIONS = 65_536

const natural = z.number().int().positive()

const debugTwin = z.object({
  version: z.literal(1),
  name: z.string().max(128),
  functions: z.array(z.string().max(2_048)).max(MAX_FUNCTIONS),
  declarations: z
    .array(z.object({ file: z.string().max(1_024), line: natural, column: natural }).nullable())
    .max(MAX_FUNCTIONS)
    .default([]),
  sourceMap: z.object({
    version: z.literal(3),
    sources: z.array(z.string().max(1_024).nullable()).max(4_096),
    sourcesContent: z.array(z.string().nullable()).default([]),
    names: z.array(z.string()).default([]),
    mappings: z.string(),
  }),
})

/** A twin that knows where the functions of its code lie: what is kept for later. */
const symbolFile = debugTwin.extend({
  /** Start of each function's body, in order of the offsets, and the end of the last. */
  bodies: z.array(z.number().int().nonnegative()).max(MAX_FUNCTIONS),
  /** Of the author's files, as people would type it: the twin's paths are relative to it. */
  folder: z.string().max(1_024).default(''),
})
type SymbolFile = z.infer<typeof symbolFile>

export interface SourcePosition {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

/** A frame with what the symbols say of it; what they do not say is `null`. */
export interface SourceFrame extends CodeFrame {
  readonly function: string | null
  readonly position: SourcePosition | null
}

/** Some lines of a file. */
export interface Excerpt extends SourcePosition {
  /** The number of the first of `lines`. */
  readonly firstLine: number
  readonly lines: readonly string[]
}

export interface Symbols {
  /** The contract's class. */
  readonly name: string
  /** In the author's own files, or else in the library's. */
  locate(frame: CodeFrame): SourceFrame
  /** Of the frame's function; `undefined` if it is not the author's. */
  declaration(frame: CodeFrame): SourcePosition | undefined
  /** Without what stands around it; `undefined` if the twin holds no text of that file. */
  lineText(position: SourcePosition): string | undefined
  /** The lines around a position; `undefined` if the twin holds no text of that file. */
  excerpt(position: SourcePosition): Excerpt | undefined
}

const isGenerated = (file: string): boolean => file.startsWith(GENERATED)
const isOfAuthor = (file: string): boolean => !file.startsWith(LIBRARY) && !isGenerated(file)

/** In a line of the contract's author, not of the SDK, of the compiler's library, or of generated code. */
export const isAuthorsFrame = ({ position }: SourceFrame): boolean =>
  position !== null && isOfAuthor(position.file)

/** In what the SDK's transform wrote around a method. */
export const isGeneratedFrame = ({ position }: SourceFrame): boolean =>
  position !== null && isGenerated(position.file)

/** `contracts/exchange` and `../token/token.ts` as `contracts/token/token.ts`. */
const joinPath = (folder: string, path: string): string => {
  const parts: string[] = []
  for (const part of `${folder}/${path}`.split('/')) {
    const last = parts.at(-1)
    if (part === '..' && last !== undefined && last !== '' && last !== '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}

/** `token/Token#debit` and `~lib/vex/storage/Mapping<~lib/vex/address/Address,u64>#get`, as authors write them. */
const readableName = (name: string, contract: string): string =>
  name.startsWith(`${GENERATED}/$`)
    ? `${contract}.${name.slice(GENERATED.length + 2)}`
    : name
        .replaceAll(/[~\w.-]+\//g, '')
        .replaceAll('#', '.')
        .replaceAll(/,(?! )/g, ', ')

const CODE_SECTION = 10
const HEADER_BYTES = 8

/** Throws a ProfileError if `code` is no module. */
const findBodies = (code: Uint8Array): number[] => {
  const reader = new Reader(code, HEADER_BYTES)
  while (reader.position < code.length) {
    const id = reader.u8()
    const size = reader.u32()
    if (id !== CODE_SECTION) {
      reader.skip(size)
      continue
    }
    const bodies: number[] = []
    for (let left = reader.count(MAX_FUNCTIONS, 'function bodies'); left > 0; left--) {
      const bytes = reader.u32()
      bodies.push(reader.position)
      reader.skip(bytes)
    }
    return [...bodies, reader.position]
  }
  return []
}

const parse = <T>(schema: z.ZodType<T>, json: unknown): T => {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new Error(`not a debug twin: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`)
}

/** What to keep of a module's debug twin: JSON. Throws an Error that says what is wrong with the twin. */
export const formatSymbols = (code: Uint8Array, twin: unknown, folder = ''): string =>
  JSON.stringify({ ...parse(debugTwin, twin), bodies: findBodies(code), folder } satisfies SymbolFile)

/** The last place in a sorted list whose value is not above `wanted`; -1 if there is none. */
const lastUpTo = (length: number, valueAt: (i: number) => number, wanted: number): number => {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (valueAt(middle) <= wanted) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Reads what {@link formatSymbols} wrote. Throws an Error that says what is wrong with it. */
export const parseSymbols = (text: string): Symbols => {
  const { name, functions, declarations, sourceMap, bodies, folder } = parse(symbolFile, JSON.parse(text))
  const map = new TraceMap(sourceMap)
  const [segments = []] = decodedMappings(map)

  /** Lines, by the path that people see. */
  const texts = new Map<string, readonly string[]>()
  const shownPath = (source: string): string =>
    isOfAuthor(source) && folder !== '' ? joinPath(folder, source) : source
  const paths = sourceMap.sources.map((source, i) => {
    if (source === null) return undefined
    const path = shownPath(source)
    const content = sourceMap.sourcesContent[i]
    if (typeof content === 'string') texts.set(path, content.split('\n'))
    return path
  })

  const lineOf = ({ file, line }: SourcePosition): string | undefined => texts.get(file)?.[line - 1]

  const unlessInserted = (position: SourcePosition): SourcePosition | undefined =>
    texts.has(position.file) && position.column > (lineOf(position) ?? '').length ? undefined : position

  const positionAt = (place: number): SourcePosition | undefined => {
    const segment = segments[place]
    if (segment === undefined || segment.length === 1) return undefined
    const file = paths[segment[1]]
    if (file === undefined) return undefined
    return unlessInserted({ file, line: segment[2] + 1, column: segment[3] + 1 })
  }

  const declarationOf = (functionIndex: number): SourcePosition | undefined => {
    const declared = declarations[functionIndex]
    return declared ? unlessInserted({ ...declared, file: shownPath(declared.file) }) : undefined
  }

  const find = ({ functionIndex, offset }: CodeFrame): SourcePosition | null => {
    const body = lastUpTo(bodies.length, i => bodies[i] as number, offset)
    const start = bodies[body]
    const end = bodies[body + 1]
    if (start === undefined || end === undefined) return null
    const at = lastUpTo(segments.length, i => segments[i]?.[0] ?? 0, offset)
    let own: SourcePosition | undefined
    for (let i = at; i >= 0 && (segments[i]?.[0] ?? 0) >= start; i--) {
      const position = positionAt(i)
      own ??= position
      if (position !== undefined && isOfAuthor(position.file)) return position
    }
    const isLibrary = own === undefined || !isGenerated(own.file)
    return (isLibrary ? declarationOf(functionIndex) : undefined) ?? own ?? null
  }

  return {
    name,
    locate(frame) {
      const { functionIndex, offset } = frame
      const functionName = functions[functionIndex] ?? ''
      return {
        functionIndex,
        offset,
        function: functionName === '' ? null : readableName(functionName, name),
        position: find(frame),
      }
    },
    declaration: frame => declarationOf(frame.functionIndex),
    lineText: position => lineOf(position)?.trim().slice(0, MAX_LINE_CHARACTERS),
    excerpt(position) {
      const firstLine = Math.max(1, position.line - LINES_BEFORE)
      const lines = texts
        .get(position.file)
        ?.slice(firstLine - 1, position.line + LINES_AFTER)
        .map(line => line.trimEnd().slice(0, MAX_LINE_CHARACTERS))
      return lines === undefined || lines.length === 0 ? undefined : { ...position, firstLine, lines }
    },
  }
}
