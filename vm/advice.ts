/** What to do about the refusals that have a known cause. */
const IMPORT_ADVICE: ReadonlyMap<string, string> = new Map([
  [
    'env.seed',
    'Contracts have no source of randomness of their own: do not use Math.random, take a seed as an argument',
  ],
  ['Date.now', 'Use the block time: time_ms() of the SDK'],
  ['env.Date.now', 'Use the block time: time_ms() of the SDK'],
  ['console.log', 'Use trace() to debug, or emit an event'],
  ['env.console.log', 'Use trace() to debug, or emit an event'],
  ['performance.now', 'Use the block time: time_ms() of the SDK'],
  ['env.memory', 'Compile without --importMemory: a contract brings its own memory'],
  ['env.table', 'Compile without --importTable: a contract brings its own table'],
  ['env.mark', 'Compile without --runtime flags that need garbage collector hooks'],
])

export function importAdvice(module: string, name: string): string {
  const known = IMPORT_ADVICE.get(`${module}.${name}`)
  if (known !== undefined) return known
  if (module === 'console') return 'Use trace() to debug, or emit an event'
  if (module === 'process' || module.startsWith('wasi')) {
    return 'Contracts cannot reach an operating system: compile without a WASI shim'
  }
  if (module === 'Math')
    return 'Use the functions of AssemblyScript’s own NativeMath: import nothing from Math'
  return 'Contracts may import the host functions of module "env" only: declare them in a file named env.ts'
}

export const START_SECTION_ADVICE =
  'Compile with --exportStart _start: the start function then runs metered, inside the call'
export const MULTI_VALUE_ADVICE = 'Compile without the multi-value feature'
export const MEMORY_ADVICE = 'Compile with --initialMemory within the limit, and without --sharedMemory'
export const TABLE_ADVICE = 'Compile without --exportTable'
export const MUTABLE_GLOBAL_ADVICE =
  'Make the exported variable a constant, or export a function that returns it'
export const PASSIVE_SEGMENT_ADVICE =
  'Compile with the bulk-memory feature off, or keep data segments active (no memory.init)'

interface OpcodeRange {
  readonly from: number
  readonly to: number
  readonly what: string
  readonly advice?: string
}

const REFUSED_OPCODES: readonly OpcodeRange[] = [
  { from: 0x06, to: 0x0a, what: 'an exception instruction', advice: 'Compile without exception-handling' },
  { from: 0x12, to: 0x13, what: 'a tail call', advice: 'Compile without tail-calls' },
  { from: 0x14, to: 0x15, what: 'a call by reference', advice: 'Compile without gc and reference-types' },
  {
    from: 0x18,
    to: 0x1f,
    what: 'an exception or typed select',
    advice: 'Compile without reference-types and exception-handling',
  },
  { from: 0x25, to: 0x26, what: 'a table access', advice: 'Compile without reference-types' },
  { from: 0xd0, to: 0xd6, what: 'a reference instruction', advice: 'Compile without reference-types' },
  { from: 0xfb, to: 0xfb, what: 'a garbage collection instruction', advice: 'Compile without gc' },
  { from: 0xfd, to: 0xfd, what: 'a SIMD instruction', advice: 'Compile without simd and relaxed-simd' },
  { from: 0xfe, to: 0xfe, what: 'an atomic instruction', advice: 'Compile without threads' },
  { from: 0x108, to: 0x109, what: 'memory.init or data.drop', advice: PASSIVE_SEGMENT_ADVICE },
  { from: 0x10c, to: 0x111, what: 'a table instruction', advice: 'Compile without reference-types' },
]

/** `code` as in opcodes.ts; prefixes other than 0xfc stand for themselves. */
export function describeRefusedOpcode(code: number): { what: string; advice: string | undefined } {
  const hex = code > 0xff ? `0xfc ${code - 0x100}` : `0x${code.toString(16).padStart(2, '0')}`
  const range = REFUSED_OPCODES.find(({ from, to }) => code >= from && code <= to)
  return range === undefined
    ? { what: `opcode ${hex} is unknown`, advice: undefined }
    : { what: `${range.what} (opcode ${hex}) is not allowed`, advice: range.advice }
}
