/**
 * The bomb corpus with times: modules that are small to send and as dear to a node as somebody could make them.
 *
 *   node test/vm-bombs/bombs.ts
 *
 * Columns in ms: decoding and validating, instrumenting, compiling with the baseline compiler as a deployment waits
 * for it; then compiling all functions with the optimising compiler, which a node does in the background and only for
 * functions that are hot, with and without V8's inlining. Exit code 1 if a module takes longer than the ceiling.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CEILING_MS, type Measured, measure, totalMs } from './measure.ts'
import { REFUSED } from './refused.ts'

const CHILD = fileURLToPath(new URL('./children/measure-all.ts', import.meta.url))
type Named = Measured & { readonly name: string }

function measureWith(attempts: number, ...flags: string[]): Named[] {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-wasm-lazy-compilation', ...flags, CHILD, String(attempts)],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`measuring with ${flags.join(' ')} failed: ${stderr}`)
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Named)
}

const cell = (value: string, width: number): string => value.padStart(width)
const ms = (value: number): string => cell(value.toFixed(1), 10)
let tooSlow = 0
const judge = (measured: Measured): string => {
  if (totalMs(measured) <= CEILING_MS) return ''
  tooSlow++
  return '  TOO SLOW'
}

console.log(`\naccepted${' '.repeat(54)} bytes  metered    decode    instr.  baseline optimised   no inl.`)
const optimised = measureWith(1, '--no-liftoff')
const notInlined = measureWith(1, '--no-liftoff', '--no-wasm-inlining')
for (const [i, found] of measureWith(3, '--liftoff-only').entries()) {
  const sizes = cell(String(found.bytes), 7) + cell(String(found.instrumentedBytes), 9)
  const own = ms(found.decodeMs) + ms(found.instrumentMs) + ms(found.compileMs)
  const others = ms(optimised[i]?.compileMs ?? 0) + ms(notInlined[i]?.compileMs ?? 0)
  console.log(`${found.name.padEnd(60)}${sizes}${own}${others}${judge(found)}`)
}

console.log(`\nrefused${' '.repeat(55)} bytes      total`)
for (const [name, { make }] of Object.entries(REFUSED)) {
  const found = measure(make())
  console.log(`${name.padEnd(60)}${cell(String(found.bytes), 7)}${ms(totalMs(found))}${judge(found)}`)
}
console.log(`\n${tooSlow} above the ceiling of ${CEILING_MS} ms`)
process.exitCode = tooSlow > 0 ? 1 : 0
