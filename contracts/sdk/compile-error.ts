/** Where a problem lies in a contract's source. Lines and columns start at 1. */
export interface SourcePosition {
  /** Relative to the folder of the contract's entry file. */
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface Diagnostic {
  /** Absent when the problem has no one place. */
  readonly position?: SourcePosition
  readonly message: string
}

export type CompileErrorCode =
  /** The compiler, or the transform, does not accept the source. */
  | 'bad_source'
  /** The entry file cannot be read. */
  | 'no_entry'
  /** The module asks for something that no Vex node offers. */
  | 'unknown_import'

export const formatDiagnostic = ({ position, message }: Diagnostic): string =>
  position === undefined ? message : `${position.file}:${position.line}:${position.column}: ${message}`

export class CompileError extends Error {
  override readonly name = 'CompileError'
  readonly code: CompileErrorCode
  readonly diagnostics: readonly Diagnostic[]
  constructor(code: CompileErrorCode, diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join('\n'))
    this.code = code
    this.diagnostics = diagnostics
  }
}

/** `offset` counts UTF-16 units of `text`, as the compiler does. */
export const positionAt = (file: string, text: string, offset: number): SourcePosition => {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  return { file, line: before.split('\n').length, column: offset - lineStart + 1 }
}
