/**
 * What remains of a contract's code once it is decoded and instrumented, and how it is kept for the next start of the
 * process. A kept entry is a shortcut and never more: one that is missing, of other versions or not as it was
 * written is made again from the code, and the result of a call is the same.
 */
import { GAS_SCHEDULE_VERSION } from './gas.ts'
import { HOST_FUNCTIONS } from './host-table.ts'
import { INSTRUMENTER_VERSION } from './instrument.ts'
import { PROFILE_VERSION } from './profile.ts'

/** Where the embedder keeps entries. Both calls are synchronous and must not throw. */
export interface InstrumentedCache {
  /**
   * Exactly the bytes last written under this key, or nothing. Checking that (with a checksum) is the cache's part:
   * the VM runs what it gets.
   */
  read(key: string): Uint8Array | undefined
  write(key: string, entry: Uint8Array): void
}

export interface Instrumented {
  readonly wasm: Uint8Array<ArrayBuffer>
  /** Names of the host functions it imports, in the order of the imports. */
  readonly hostFunctions: readonly string[]
  readonly methods: readonly string[]
  /** Of the methods, those that may be called again while the contract runs. */
  readonly reentrant: readonly string[]
  readonly hasStart: boolean
}

/** Letters, digits and `-` if the hash is written in them: fit for a file's name. */
export function cacheKey(codeHash: string): string {
  return `i${INSTRUMENTER_VERSION}-g${GAS_SCHEDULE_VERSION}-p${PROFILE_VERSION}-${codeHash}`
}

const LENGTH_BYTES = 4
const utf8 = new TextEncoder()
const fromUtf8 = new TextDecoder('utf-8', { fatal: true })

/** The length of a JSON header (u32, little-endian), the header, the module. */
export function encodeEntry(key: string, { wasm, ...rest }: Instrumented): Uint8Array {
  const header = utf8.encode(JSON.stringify({ key, ...rest }))
  const entry = new Uint8Array(LENGTH_BYTES + header.length + wasm.length)
  new DataView(entry.buffer).setUint32(0, header.length, true)
  entry.set(header, LENGTH_BYTES)
  entry.set(wasm, LENGTH_BYTES + header.length)
  return entry
}

const isNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(name => typeof name === 'string')

/** Nothing if it is not an entry of this key. */
export function decodeEntry(key: string, entry: Uint8Array): Instrumented | undefined {
  if (entry.length < LENGTH_BYTES) return undefined
  const start = LENGTH_BYTES + new DataView(entry.buffer, entry.byteOffset).getUint32(0, true)
  if (start > entry.length) return undefined
  const header = parseHeader(entry.subarray(LENGTH_BYTES, start))
  if (header === undefined || header['key'] !== key) return undefined
  const { hostFunctions, methods, reentrant, hasStart } = header
  if (!isNames(hostFunctions) || !isNames(methods) || !isNames(reentrant) || typeof hasStart !== 'boolean')
    return undefined
  if (!hostFunctions.every(name => HOST_FUNCTIONS.has(name))) return undefined
  return { wasm: new Uint8Array(entry.subarray(start)), hostFunctions, methods, reentrant, hasStart }
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(fromUtf8.decode(bytes))
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
