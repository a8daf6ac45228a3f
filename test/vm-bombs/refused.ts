/** Modules that would be dear if they were let in, with words of the reason they are refused for. */
import { LIMITS } from '../../vm/profile.ts'
import { body, bytes, leb, oneFunction, section, text, vec } from '../unit/vm/bytes.ts'
import { NAN_CHAIN } from './accepted.ts'
import { assemble, locals, NOTHING_TO_NOTHING, OP, times } from './assemble.ts'

const NOTHING = section(1, vec([NOTHING_TO_NOTHING]))
const { block, loop, end, zero } = OP
const empty = body([0], [])

const manyFunctions = (count: number, code: number[]): Uint8Array =>
  bytes(
    NOTHING,
    section(3, vec(times(count, [0]).map(type => [type]))),
    section(10, vec(times(count, [0]).map(() => code))),
  )

export const REFUSED: Readonly<Record<string, { readonly make: () => Uint8Array; readonly reason: string }>> =
  {
    'a module above 128 KiB': {
      make: () => new Uint8Array(LIMITS.moduleBytes + 1),
      reason: 'the module has',
    },
    '50,000 locals': { make: () => oneFunction([], locals(50_000)), reason: 'parameters and locals' },
    '4,294,967,295 locals': {
      make: () => oneFunction([], locals(0xffff_ffff)),
      reason: 'parameters and locals',
    },
    'many declarations of no locals': {
      make: () => oneFunction([], [...leb(5_000), ...times(5_000, [0, 0x7f])]),
      reason: 'local declarations',
    },
    '20,000 types': {
      make: () => bytes(section(1, [...leb(20_000), ...times(20_000, NOTHING_TO_NOTHING)])),
      reason: 'types',
    },
    'a type of 60,000 parameters': {
      make: () => bytes(section(1, [1, 0x60, ...leb(60_000), ...times(60_000, [0x7f]), 0])),
      reason: 'parameters',
    },
    'announced but absent types': { make: () => bytes(section(1, leb(0xffff_ffff))), reason: 'types' },
    'announced but absent functions': {
      make: () => bytes(NOTHING, section(3, leb(0xffff_ffff))),
      reason: 'functions',
    },
    'announced but absent br_table entries': {
      make: () => oneFunction([...zero, 0x0e, ...leb(0xffff_ffff)]),
      reason: 'br_table',
    },
    '5,000 functions': { make: () => manyFunctions(5_000, empty), reason: 'functions' },
    'blocks nested 10,000 deep': {
      make: () => oneFunction([...times(10_000, block), ...times(10_000, end)]),
      reason: 'nest deeper',
    },
    'blocks nested 10,000 deep in dead code': {
      make: () => oneFunction([...OP.unreachable, ...times(10_000, block), ...times(10_000, end)]),
      reason: 'nest deeper',
    },
    'loops nested 65 deep': {
      make: () => oneFunction([...times(65, loop), ...times(65, end)]),
      reason: 'nest deeper',
    },
    '257 loops': { make: () => oneFunction(times(257, [...loop, ...end])), reason: 'loops in a function' },
    'loops in many functions': {
      make: () => manyFunctions(17, body([0], times(256, [...loop, ...end]))),
      reason: 'loops in the module',
    },
    'a br_table of 10,000': {
      make: () => oneFunction([...zero, 0x0e, ...leb(10_000), ...times(10_001, [0])]),
      reason: 'br_table',
    },
    '257 operands': {
      make: () => oneFunction([...times(257, zero), ...times(257, OP.drop)]),
      reason: 'operands',
    },
    'a body above 32 KiB': {
      make: () => oneFunction(times(33_000, [0x01])),
      reason: 'bytes in a function body',
    },
    'locals times control instructions': {
      make: () => oneFunction(times(4_500, [...block, ...end]), locals(256)),
      reason: 'locals times control',
    },
    'locals times control instructions in many functions': {
      make: () => manyFunctions(5, body(locals(256), times(3_700, [...block, ...end]))),
      reason: 'in the module',
    },
    '300 globals': {
      make: () => bytes(section(6, vec(times(300, [0]).map(() => [0x7f, 0, ...zero, 0x0b])))),
      reason: 'globals',
    },
    'a name of 100,000 bytes': {
      make: () => bytes(NOTHING, section(2, vec([[...text('x'.repeat(100_000))]]))),
      reason: 'module of an import',
    },
    '1,000 custom sections': {
      make: () => bytes(...times(1_000, [0]).map(() => section(0, text('x')))),
      reason: 'custom sections',
    },
    '20,000 empty data segments': {
      make: () =>
        bytes(
          section(5, vec([[0, 1]])),
          section(11, [...leb(20_000), ...times(20_000, [0, ...zero, 0x0b, 0])]),
        ),
      reason: 'data segments',
    },
    '65,536 pages of memory': {
      make: () => bytes(section(5, vec([[0, ...leb(65_536)]]))),
      reason: 'pages',
    },
    'what metering makes larger than 1 MiB': {
      make: () =>
        assemble({ bodies: times(4, [0]).map(() => body([0], NAN_CHAIN.slice(0, 32_000).concat(OP.drop))) }),
      reason: 'with metering',
    },
  }
