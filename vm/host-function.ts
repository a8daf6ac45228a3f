/** What a row of the host table is, and the limits of what crosses. The table itself is host-table.ts. */
import type { Frame, HostGas } from './frame.ts'

export const HOST_LIMITS = {
  storageKeyBytes: 256,
  storageValueBytes: 32 * 1024,
  topics: 4,
  topicBytes: 64,
  eventDataBytes: 4 * 1024,
  returnDataBytes: 32 * 1024,
  argumentsBytes: 32 * 1024,
  methodNameBytes: 64,
  /** Keys or pairs of points in one call. */
  curveItems: 256,
  /** UTF-16 units of an abort's or a trace's text, and of the file an abort names. */
  messageUnits: 256,
  fileUnits: 64,
} as const

export type HostType = 'i32' | 'i64' | 'f64'
type ValueOf<T extends HostType> = T extends 'i64' ? bigint : number
type ValuesOf<P extends readonly HostType[]> = { -readonly [K in keyof P]: ValueOf<P[K]> }

export interface HostFunction {
  readonly name: string
  readonly params: readonly HostType[]
  readonly result: HostType | undefined
  readonly gas: HostGas
  /** The protocol version that brought it. */
  readonly since: number
  /** What it does, its result, its faults beyond those all have. */
  readonly doc: string
  readonly run: (frame: Frame, ...args: (number | bigint)[]) => number | bigint | undefined
}

interface Definition<P extends readonly HostType[], R extends HostType | undefined> {
  readonly name: string
  readonly params: P
  readonly result?: R
  readonly gas: Pick<HostGas, 'base'> & Partial<HostGas>
  readonly since: number
  readonly doc: string
  readonly run: (frame: Frame, ...args: ValuesOf<P>) => R extends HostType ? ValueOf<R> : void
}

/** One row of the table, with the types of `run` derived from `params` and `result`. */
export function define<const P extends readonly HostType[], const R extends HostType | undefined = undefined>(
  definition: Definition<P, R>,
): HostFunction {
  const { name, params, result, gas, since, doc, run } = definition
  return {
    name,
    params,
    result,
    since,
    doc,
    gas: { perByte: 0n, bytes: undefined, perItem: 0n, items: undefined, ...gas },
    // The engine passes arguments of the declared types: `params` is what imports are checked against.
    run: run as unknown as HostFunction['run'],
  }
}

/** Checks the length, charges for it, then copies: in this order everywhere. */
export function readCharged(
  frame: Frame,
  pointer: number,
  length: number,
  max: number,
  what: string,
): Uint8Array {
  frame.limit(length >>> 0, max, what)
  frame.chargeBytes(length >>> 0)
  return frame.read(pointer, length)
}

export function readKey(frame: Frame, pointer: number, length: number): Uint8Array {
  if (length === 0) throw frame.fault('limit_exceeded', 'the key is empty')
  return readCharged(frame, pointer, length, HOST_LIMITS.storageKeyBytes, 'the key')
}
