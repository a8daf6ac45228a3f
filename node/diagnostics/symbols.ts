/**
 * From a place in compiled code to the line its author wrote, by the debug twin that `vex build` keeps beside a
 * contract (`NAME.debug.json`): the name of each function, and a source map from byte offsets to lines.
 */
import { originalPositionFor, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping'
import { z } from 'zod'
import type { CodeFrame } from '../../vm/execution.ts'

/** Lines around the one that matters. */
const LINES_BEFORE = 2
const LINES_AFTER = 1
/** Of a line that is shown; a caret beyond it is left out. */
const MAX_LINE_CHARACTERS = 200
/** What the compiler and the SDK bring along; authors look for their own lines. */
const LIBRARY = '~lib/'

const debugTwin = z.object({
  version: z.literal(1),
  name: z.string().max(128),
  functions: z.array(z.string().max(2_048)).max(65_536),
  sourceMap: z.object({
    version: z.literal(3),
    sources: z.array(z.string().max(1_024).nullable()).max(4_096),
    sourcesContent: z.array(z.string().nullable()).optional(),
    names: z.array(z.string()).default([]),
    mappings: z.string(),
  }),
})

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
  /** Of the contract's file, without `.ts`. */
  readonly name: string
  locate(frame: CodeFrame): SourceFrame
  /** The lines around a position; `undefined` if the twin holds no text of that file. */
  excerpt(position: SourcePosition): Excerpt | undefined
}

/** Of the SDK, the compiler's library, or code that was generated: not of the contract's author. */
export const isLibraryFrame = ({ position, function: name }: SourceFrame): boolean =>
  position === null ? name?.startsWith(LIBRARY) !== false : position.file.startsWith(LIBRARY)

/** `token/Token#debit` and `~lib/vex/storage/Mapping<~lib/vex/address/Address,u64>#get`, as authors write them. */
const readableName = (name: string): string =>
  name
    .replaceAll(/[~\w.-]+\//g, '')
    .replaceAll('#', '.')
    .replaceAll(/,(?! )/g, ', ')

/** Throws an Error that says what is wrong with `text`, which is to be the content of a debug twin. */
export const parseSymbols = (text: string): Symbols => {
  const parsed = debugTwin.safeParse(JSON.parse(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a debug twin'}`)
  }
  const { name, functions, sourceMap } = parsed.data
  const map = new TraceMap({
    ...sourceMap,
    sourcesContent: sourceMap.sourcesContent ?? [],
  })
  const locate = (frame: CodeFrame): SourceFrame => {
    const found = originalPositionFor(map, { line: 1, column: frame.offset })
    const functionName = functions[frame.functionIndex]
    return {
      functionIndex: frame.functionIndex,
      offset: frame.offset,
      function: functionName === undefined ? null : readableName(functionName),
      position:
        found.source === null ? null : { file: found.source, line: found.line, column: found.column + 1 },
    }
  }
  const excerpt = (position: SourcePosition): Excerpt | undefined => {
    const content = sourceContentFor(map, position.file)
    if (content === null) return undefined
    const firstLine = Math.max(1, position.line - LINES_BEFORE)
    const lines = content
      .split('\n', position.line + LINES_AFTER)
      .slice(firstLine - 1)
      .map(line => line.trimEnd().slice(0, MAX_LINE_CHARACTERS))
    return lines.length === 0 ? undefined : { ...position, firstLine, lines }
  }
  return { name, locate, excerpt }
}
