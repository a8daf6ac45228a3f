/** A module while the decoder reads it; complete, it is a WasmModule. */
import type {
  ElementSegment,
  Export,
  FunctionType,
  GlobalVariable,
  ImportedFunction,
  Memory,
  Span,
} from './module.ts'

/** Host functions by name, as far as the decoder is concerned. */
export type ImportTypes = ReadonlyMap<string, FunctionType>

export class ModuleDraft {
  readonly bytes: Uint8Array
  readonly importTypes: ImportTypes
  readonly types: FunctionType[] = []
  readonly imports: ImportedFunction[] = []
  readonly functionTypes: number[] = []
  tableEntries: number | undefined
  memory: Memory | undefined
  readonly globals: GlobalVariable[] = []
  globalSpan: Span | undefined
  readonly exports: Export[] = []
  readonly elements: ElementSegment[] = []
  dataSpan: Span | undefined
  dataSegments = 0
  /** What the data count section announced. */
  dataCount: number | undefined
  readonly bodies: Span[] = []
  readonly customSections = new Map<string, Uint8Array>()
  readonly reentrant = new Set<string>()
  /** All of them, those with the name of another included. */
  customCount = 0

  constructor(bytes: Uint8Array, importTypes: ImportTypes) {
    this.bytes = bytes
    this.importTypes = importTypes
  }
}
