/** Modules as dear as the profile lets them be: each goes up to one limit or several. */
import { LIMITS } from '../../vm/profile.ts'
import { body, leb, text, vec } from '../unit/vm/bytes.ts'
import {
  assemble,
  BODY_ROOM,
  type Code,
  filled,
  locals,
  NOTHING_TO_NOTHING,
  OP,
  repeated,
  straight,
  times,
} from './assemble.ts'

const I32 = 0x7f
const F32 = 0x7d
const F64 = 0x7c
const get = (local: number): Code => [0x20, ...leb(local)]
const set = (local: number): Code => [0x21, ...leb(local)]
const ALL = LIMITS.locals
const { zero, block, loop, end, drop } = OP

const nested = (opener: Code, depth: number, inside: Code = []): number[] => [
  ...times(depth, opener),
  ...inside,
  ...times(depth, end),
]
/** Every local gets a new value. */
const setAll = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => [...get((i + 7) % count), ...set(i)]).flat()
const branchTable = (entries: number, target: (entry: number) => number): number[] => [
  ...zero,
  0x0e,
  ...leb(entries),
  ...Array.from({ length: entries + 1 }, (_, i) => leb(target(i))).flat(),
]
/** As many copies of a piece as `controls` control instructions and a body allow. */
const pieces = (piece: Code, controlsEach: number, localCount: number): number[] => {
  const most = Math.floor(LIMITS.localsTimesControlPerFunction / (localCount + 1) / controlsEach)
  return times(Math.min(most, Math.floor((BODY_ROOM - 2_000) / piece.length)), piece)
}
const HEIGHT: Code = [...text('env'), ...text('height'), 0, 1]
const hostCalls = { types: [NOTHING_TO_NOTHING, [0x60, 0, 1, 0x7e]], imports: [HEIGHT] }
const SIXTEEN: Code = [0x60, 16, ...times(16, [I32]), 1, I32]

/** Each square root is looked at by `abs`, which keeps the bits: 2 bytes become 19. */
export const NAN_CHAIN: Code = [0x44, ...times(8, [0]), ...times(16_000, [0x9f, 0x99]), ...drop]

export const ACCEPTED: Readonly<Record<string, () => Uint8Array<ArrayBuffer>>> = {
  '2,000 functions of 256 locals': () => repeated(body(locals(ALL), [])),
  '256 declarations of one local': () =>
    repeated(body([...leb(ALL), ...Array.from({ length: ALL }, (_, i) => [1, 0x7f - (i % 4)]).flat()], [])),
  '2,000 functions of 16 parameters, each called once': () => {
    const call = [...times(16, get(0)), 0x10]
    const bodies = Array.from({ length: 1_900 }, (_, i) =>
      body([0], i === 0 ? zero : [...call, ...leb(i - 1)]),
    )
    return assemble({ types: [SIXTEEN], bodies })
  },
  'loops nested 63 deep, all that fit': () =>
    repeated(body([0], times(4, nested(loop, LIMITS.nesting - 1, [...zero, 0x0d, 0]))), { most: 16 }),
  'loops nested 63 deep over 256 locals': () =>
    repeated(
      body(locals(ALL), times(3, nested(loop, LIMITS.nesting - 1, [...setAll(ALL), ...zero, 0x0d, 40]))),
      { most: 21 },
    ),
  'blocks nested 63 deep, left from the innermost': () => {
    const leave = Array.from({ length: 63 }, (_, i) => [...zero, 0x0d, i]).flat()
    return straight(nested(block, LIMITS.nesting - 1, leave))
  },
  'ifs nested 63 deep': () => straight(nested([...zero, ...OP.if], LIMITS.nesting - 1)),
  'ifs that set all locals': () => {
    const piece = [...zero, ...OP.if, ...setAll(16), 0x05, ...setAll(16), ...end]
    return repeated(body(locals(ALL), pieces(piece, 1, ALL)))
  },
  'locals times control at the limit': () =>
    repeated(body(locals(ALL), pieces([...block, ...zero, 0x0d, 0, ...end], 2, ALL)), { most: 4 }),
  'br_tables of 512 entries': () => straight([...block, ...branchTable(512, () => 0), ...end]),
  'br_tables of 512 entries over 63 blocks': () => {
    const table = [...block, ...branchTable(512, i => i % 63), ...end]
    return repeated(body([0], nested(block, 62, filled(BODY_ROOM - 200, table))))
  },
  'br_tables of 512 entries over 256 locals': () => {
    const table = [...block, ...branchTable(512, i => i % 60), ...end]
    const before = setAll(ALL)
    const inside = filled(BODY_ROOM - 200 - before.length, table)
    return repeated(body(locals(ALL), [...before, ...nested(block, 60, inside)]))
  },
  'br_tables of 512 entries to loops over 256 locals': () => {
    const table = [...block, ...branchTable(512, i => 1 + (i % 59)), ...end]
    const before = setAll(ALL)
    const inside = [...before, ...filled(BODY_ROOM - 200 - 2 * before.length, table)]
    return repeated(body(locals(ALL), [...before, ...nested(loop, 60, inside)]))
  },
  'br_tables that carry a value': () => {
    const table = [0x02, I32, ...zero, ...branchTable(512, () => 0), ...end, ...drop]
    return straight(table)
  },
  'dead code': () => straight([...block, ...zero, 0x0e, 2, 0, 0, 0, ...end], { before: OP.unreachable }),
  'integer arithmetic': () => straight([...get(0), ...get(1), 0x6a, ...set(0)], { declare: locals(2) }),
  'one expression of additions': () =>
    straight([...get(0), 0x6a], { before: zero, after: drop, declare: locals(1) }),
  'divisions, each with its traps': () =>
    straight([...get(0), ...get(1), 0x6d, ...set(0)], { declare: locals(2) }),
  'divisions of 64 bits': () =>
    straight([...get(0), ...get(0), 0x7f, ...set(0)], { declare: locals(2, 0x7e) }),
  'loads, each with its bounds check': () => straight([0x28, 2, 0], { before: zero, after: drop }),
  'stores with large offsets': () => straight([...zero, ...zero, 0x36, 2, 0xff, 0xff, 0xff, 0xff, 0x0f]),
  select: () => straight([...get(0), ...get(1), 0x1b], { declare: locals(2), before: zero, after: drop }),
  'popcnt and rotations': () =>
    straight([0x69, ...get(0), 0x77], { declare: locals(1), before: zero, after: drop }),
  'f64.sqrt and f64.abs: a NaN made canonical every two bytes': () =>
    assemble({ bodies: times(3, [0]).map(() => body([0], NAN_CHAIN)) }),
  'f32.div into locals, made canonical': () =>
    straight([...get(0), ...get(1), 0x95, ...set(0)], { declare: locals(2, F32) }),
  'f64.min and f64.max, made canonical': () =>
    straight([...get(1), 0xa4, 0x99, ...get(0), 0xa5, 0x99], {
      declare: locals(2, F64),
      before: get(0),
      after: drop,
    }),
  'f64.nearest': () => straight([0x9e, 0x9a], { declare: locals(1, F64), before: get(0), after: drop }),
  'truncations of floats, each with its traps': () =>
    straight([...get(0), 0xaa, ...drop], { declare: locals(1, F64) }),
  'saturating truncations': () => straight([...get(0), 0xfc, 6, ...drop], { declare: locals(1, F64) }),
  'a region every four bytes': () => straight([...zero, 0x0d, 0]),
  'a region and 256 locals': () =>
    repeated(body(locals(ALL), [...setAll(ALL), ...pieces([...zero, 0x0d, 0], 1, ALL)]), { most: 4 }),
  'calls of the function by itself': () => straight([0x10, 0]),
  'host calls': () => straight([0x10, 0, ...drop], { ...hostCalls }),
  'calls of 16 parameters on 256 operands': () => {
    const one = [...times(LIMITS.operands, zero), ...times(17, [0x10, 0]), ...drop]
    const full = body([0], filled(BODY_ROOM, one))
    return assemble({
      types: [NOTHING_TO_NOTHING, SIXTEEN],
      functions: [1, 0, 0, 0],
      bodies: [body([0], zero), full, full, full],
    })
  },
  'memory.grow': () => straight([0x40, 0], { before: zero, after: drop }),
  'memory.copy and memory.fill': () =>
    straight([...zero, ...zero, ...zero, 0xfc, 10, 0, 0, ...zero, ...zero, ...zero, 0xfc, 11, 0]),
  'call_indirect of every type': () => {
    const types = Array.from({ length: LIMITS.types }, (_, i) => [
      0x60,
      8,
      ...Array.from({ length: 8 }, (__, bit) => (((i >> bit) & 1) === 1 ? 0x7e : I32)),
      0,
    ])
    const call = (i: number): number[] => [
      ...Array.from({ length: 8 }, (_, bit) => (((i >> bit) & 1) === 1 ? [0x42, 0] : zero)).flat(),
      ...zero,
      0x11,
      ...leb(i),
      0,
    ]
    const web = body(
      [0],
      filled(
        BODY_ROOM,
        types.flatMap((_, i) => call(i)),
      ),
    )
    return assemble({ types, table: LIMITS.tableEntries, bodies: [web, web, web], functions: [0, 1, 2] })
  },
  'a table of host functions': () =>
    assemble({
      ...hostCalls,
      imports: Array.from({ length: LIMITS.imports }, () => HEIGHT),
      table: LIMITS.tableEntries,
      elements: Array.from({ length: LIMITS.elementSegments }, (_, i) => [
        0,
        0x41,
        ...signed(4 * i),
        0x0b,
        ...vec(Array.from({ length: 4 }, (__, k) => [(i + k) % LIMITS.imports])),
      ]),
      bodies: [body([0], [])],
    }),
  '256 globals': () => {
    const globals = Array.from({ length: LIMITS.globals }, () => [0x7e, 1, 0x42, 0, 0x0b])
    const use = Array.from({ length: LIMITS.globals }, (_, i) => [
      0x23,
      ...leb(i),
      0x24,
      ...leb(255 - i),
    ]).flat()
    return straight(use, { globals })
  },
  '64 exports of 128 bytes': () =>
    repeated(body([0], []), {
      exports: Array.from({ length: LIMITS.exports }, (_, i) => [...text(`${i}`.padStart(128, 'x')), 0, 0]),
    }),
  '1,024 data segments': () =>
    assemble({
      memory: 1,
      bodies: [],
      data: Array.from({ length: LIMITS.dataSegments }, () => [0, ...zero, 0x0b, 90, ...times(90, [1])]),
    }),
  '126 KB of data': () =>
    assemble({ memory: 4, bodies: [], data: [[0, ...zero, 0x0b, ...leb(126_000), ...times(126_000, [7])]] }),
  '32 custom sections': () =>
    assemble({
      bodies: [],
      custom: Array.from({ length: LIMITS.customSections }, (_, i) => [
        ...text(`${i}`.padStart(64, 'n')),
        ...times(3_900, [i]),
      ]),
    }),
  'a name section of 2,000 names': () =>
    repeated(body([0], []), {
      custom: [
        [
          ...text('name'),
          1,
          ...leb(2 + 2_000 * 34),
          ...vec(Array.from({ length: 2_000 }, (_, i) => [...leb(i), ...text(`${i}`.padStart(30, 'f'))])),
        ],
      ],
    }),
  'numbers padded to five bytes': () =>
    straight([0x41, 0x80, 0x80, 0x80, 0x80, 0x00, 0x21, 0x80, 0x80, 0x80, 0x80, 0x00], {
      declare: locals(1),
    }),
  'a chain of 2,000 functions': () =>
    assemble({
      bodies: Array.from({ length: LIMITS.functions }, (_, i) =>
        body(locals(200), i === 0 ? [] : [0x10, ...leb(i - 1)]),
      ),
    }),
}

/** Signed LEB128 of a small number that is not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 0x7f) | 0x80, value >> 7]
}
