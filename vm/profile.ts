/**
 * The profile: what a module must look like to run as a contract. The limits stop modules that are small to
 * send and dear to compile (64 KB declaring 50,000 locals took a compiler 76 s; nested loops 24 to 55 s), so
 * the decoder enforces every one of them before anything costly is done with the bytes.
 *
 * Changing a number here changes which contracts a chain accepts: it needs a new {@link PROFILE_VERSION}.
 */
export const PROFILE_VERSION = 2

export const LIMITS = {
  moduleBytes: 128 * 1024,
  instrumentedBytes: 1024 * 1024,
  types: 256,
  imports: 64,
  functions: 2_000,
  globals: 256,
  exports: 64,
  exportNameBytes: 128,
  customSections: 32,
  customSectionNameBytes: 64,
  dataSegments: 1_024,
  elementSegments: 256,
  tableEntries: 1_024,
  /** Initial memory; a page is 64 KiB. */
  memoryInitialPages: 4,
  /** What memory.grow reaches; beyond it the contract sees -1. */
  memoryPages: 16,
  bodyBytes: 32 * 1024,
  params: 16,
  /** Parameters and locals together, and also the number of local declarations. */
  locals: 256,
  operands: 256,
  nesting: 64,
  loopsPerFunction: 256,
  loopsPerModule: 4_096,
  branchTableEntries: 512,
  /** (parameters + locals) x control instructions: what a baseline compiler's merge points cost. */
  localsTimesControlPerFunction: 1_000_000,
  localsTimesControlPerModule: 4_000_000,
  /** Words of contract stack the outermost call starts with. See instrument/rewrite.ts for a frame's words. */
  stackWords: 16_384,
  /** `_start` may use this much of it. */
  startStackWords: 2_048,
} as const

export type ProfileErrorCode =
  /** Not WebAssembly, or bytes that break the binary format. */
  | 'malformed'
  /** The bytes end in the middle of something. */
  | 'unexpected_end'
  /** Well-formed, but the engine's validation refuses it. */
  | 'invalid'
  /** More of something than LIMITS allows. */
  | 'limit'
  | 'forbidden_section'
  | 'forbidden_opcode'
  | 'forbidden_type'
  | 'forbidden_import'
  /** A known host function imported with another type. */
  | 'import_type'
  | 'forbidden_export'
  | 'forbidden_memory'
  | 'forbidden_table'
  | 'forbidden_segment'
  | 'segment_out_of_bounds'
  | 'start_section'

export interface ProfileErrorPlace {
  /** Byte offset in the module. */
  readonly offset?: number | undefined
  readonly functionIndex?: number | undefined
  readonly functionName?: string | undefined
  /** What to do about it, when the cause is a compiler flag or a known import. */
  readonly advice?: string | undefined
}

/** Why a module is refused. `message` is complete: what, where, what to do. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError'
  readonly code: ProfileErrorCode
  /** The message without place and advice. */
  readonly reason: string
  readonly offset: number | undefined
  readonly functionIndex: number | undefined
  readonly functionName: string | undefined
  readonly advice: string | undefined

  constructor(code: ProfileErrorCode, reason: string, place: ProfileErrorPlace = {}) {
    super(describe(reason, place))
    this.code = code
    this.reason = reason
    this.offset = place.offset
    this.functionIndex = place.functionIndex
    this.functionName = place.functionName
    this.advice = place.advice
  }

  /** The same error, said of a function. */
  inFunction(functionIndex: number, functionName: string | undefined): ProfileError {
    return new ProfileError(this.code, this.reason, {
      offset: this.offset,
      advice: this.advice,
      functionIndex,
      functionName,
    })
  }
}

function describe(reason: string, place: ProfileErrorPlace): string {
  let text = reason
  if (place.functionIndex !== undefined) {
    text += `, in function ${place.functionIndex}`
    if (place.functionName !== undefined) text += ` (${place.functionName})`
  }
  if (place.offset !== undefined) text += `, at byte ${place.offset}`
  if (place.advice !== undefined) text += `. ${place.advice}`
  return text
}
