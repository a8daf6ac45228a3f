/** What bombs are made of: bodies filled with one pattern, modules filled with one body. */
import { LIMITS } from '../../vm/profile.ts'
import { body, bytes, leb, section, text, vec } from '../unit/vm/bytes.ts'

export type Code = readonly number[]

export const OP = {
  unreachable: [0x00],
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  if: [0x04, 0x40],
  end: [0x0b],
  drop: [0x1a],
  select: [0x1b],
  zero: [0x41, 0x00],
} as const

export function times(count: number, code: Code): number[] {
  return Array.from({ length: count }, () => code).flat()
}

/** The pattern as often as it fits `room` bytes. */
export function filled(room: number, pattern: Code): number[] {
  return times(Math.floor(room / pattern.length), pattern)
}

/** A declaration of this many locals of one type. */
export function locals(count: number, type = 0x7f): number[] {
  return [1, ...leb(count), type]
}

/** Room for code in the largest body with so many bytes of declarations. */
export const BODY_ROOM = LIMITS.bodyBytes - 16

/** Bytes of a module that functions may take, with room for the other sections. */
const CODE_ROOM = LIMITS.moduleBytes - 1_500

interface Parts {
  /** Encoded types; type 0 is [] -> []. */
  readonly types?: readonly Code[]
  /** Encoded imports. */
  readonly imports?: readonly Code[]
  /** Type index of each function. */
  readonly functions?: readonly number[]
  readonly table?: number
  readonly memory?: number
  readonly globals?: readonly Code[]
  readonly exports?: readonly Code[]
  readonly elements?: readonly Code[]
  readonly bodies: readonly Code[]
  readonly data?: readonly Code[]
  readonly custom?: readonly Code[]
}

export const NOTHING_TO_NOTHING: Code = [0x60, 0, 0]

export function assemble(parts: Parts): Uint8Array<ArrayBuffer> {
  const { types = [NOTHING_TO_NOTHING], imports, table, memory, globals, elements, bodies, data } = parts
  const { exports, functions = bodies.map(() => 0), custom = [] } = parts
  const optional = (id: number, items: readonly Code[] | undefined): number[] =>
    items === undefined ? [] : section(id, vec(items))
  return Uint8Array.from(
    bytes(
      section(1, vec(types)),
      optional(2, imports),
      section(3, vec(functions.map(type => leb(type)))),
      optional(4, table === undefined ? undefined : [[0x70, 0, ...leb(table)]]),
      optional(5, memory === undefined ? undefined : [[0, ...leb(memory)]]),
      optional(6, globals),
      optional(7, exports),
      optional(9, elements),
      section(10, vec(bodies)),
      optional(11, data),
      ...custom.map(contents => section(0, contents)),
    ),
  )
}

/** A module of as many copies of the body as fit, at most `most`, with a memory, the first exported as `main`. */
export function repeated(
  one: Code,
  { most = LIMITS.functions, ...parts }: Partial<Parts> & { readonly most?: number } = {},
): Uint8Array<ArrayBuffer> {
  const count = Math.min(Math.floor(CODE_ROOM / (one.length + 1)), most)
  const main = [...text('main'), 0, ...leb(parts.imports?.length ?? 0)]
  return assemble({ memory: 1, exports: [main], bodies: Array.from({ length: count }, () => one), ...parts })
}

/** A module full of bodies that are full of the pattern. */
export function straight(
  pattern: Code,
  { declare = [0] as Code, before = [] as Code, after = [] as Code, ...parts }: Straight = {},
): Uint8Array<ArrayBuffer> {
  const room = BODY_ROOM - declare.length - before.length - after.length
  return repeated(body(declare, [...before, ...filled(room, pattern), ...after]), parts)
}

interface Straight extends Partial<Parts> {
  readonly declare?: Code
  readonly before?: Code
  readonly after?: Code
}
