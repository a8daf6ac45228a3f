/**
 * Random modules by binaryen's translate-to-fuzz, made into contracts: what they log is folded into a hash, their
 * exported functions are called by methods, which return the hash and some memory. They end by a limit of their own.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Random } from '../sim/random.ts'
import { importOf } from '../unit/vm/run-wat.ts'

const WASM_OPT = join(import.meta.dirname, '../../node_modules/.bin/wasm-opt')
const FEATURES = [
  '--mvp-features',
  '--enable-sign-ext',
  '--enable-nontrapping-float-to-int',
  '--enable-bulk-memory-opt',
  '--enable-mutable-globals',
]
const METHODS = 3

/** Text of a module from as many random bytes as `random` likes. */
function translate(random: Random): string {
  const directory = mkdtempSync(join(tmpdir(), 'vex-fuzz-'))
  try {
    const [input, output] = [join(directory, 'in'), join(directory, 'out.wat')]
    const length = 100 + random.below(3_000)
    writeFileSync(
      input,
      Uint8Array.from({ length }, () => random.below(256)),
    )
    const passes = random.chance(0.3) ? ['-O1'] : []
    const { status, stderr } = spawnSync(
      process.execPath,
      [WASM_OPT, input, '-ttf', ...FEATURES, ...passes, '-S', '-o', output],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`wasm-opt failed: ${stderr}`)
    return readFileSync(output, 'utf8')
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const types = (list: string | undefined): string[] => (list ?? '').trim().split(/\s+/).filter(Boolean)

const REINTERPRET: Readonly<Record<string, string>> = {
  i32: '(i64.extend_i32_u (X))',
  i64: '(X)',
  f32: '(i64.extend_i32_u (i32.reinterpret_f32 (X)))',
  f64: '(i64.reinterpret_f64 (X))',
}

/** hash = rotl(hash, 9) xor the value's bits */
const fold = (type: string, value: string): string =>
  `(global.set $hash (i64.xor (i64.rotl (global.get $hash) (i64.const 9)) ${(REINTERPRET[type] as string).replace('(X)', value)}))`

/** A function that stands for an import: looks at every parameter, answers zero. */
const standIn = (name: string, params: readonly string[], result: string | undefined): string =>
  `(func ${name} ${params.map(type => `(param ${type})`).join(' ')} ${result === undefined ? '' : `(result ${result})`}
    ${params.map((type, i) => fold(type, `(local.get ${i})`)).join(' ')}
    ${result === undefined ? '' : `(${result}.const 0)`})`

const CONSTANTS: Readonly<Record<string, readonly string[]>> = {
  i32: ['0', '1', '-1', '1000', '2147483647', '-2147483648'],
  i64: ['0', '1', '-1', '4294967297', '-9223372036854775808'],
  f32: ['0', '-0', '1.5', 'inf', 'nan', 'nan:0x312345', '-1e20'],
  f64: ['0', '-0', '1.5', '-inf', 'nan', 'nan:0x4000000000007', '1e200'],
}

export function translatedProgram(random: Random): string {
  const source = translate(random)
  const standIns: string[] = []
  const exported: string[] = []
  const kept = source.split('\n').filter(line => {
    const imported = /^ \(import .*\(func (\S+?)((?: \(param [^)]*\))*)(?: \(result ([^)]*)\))?\)+$/.exec(
      line,
    )
    if (imported !== null) {
      const [, name = '', params = '', result] = imported
      standIns.push(standIn(name, types(params.replaceAll(/[()]|param/g, ' ')), result))
      return false
    }
    const name = /^ \(export "[^"]*" \(func (\S+)\)\)$/.exec(line)?.[1]
    if (name !== undefined) exported.push(name)
    return !/^ \((export|start) /.test(line)
  })
  const text = kept.join('\n').replace(/\(memory (\S+) \d+ \d+\)/, '(memory $1 1 16)')
  const signatures = exported.map(name => {
    const head =
      text.split('\n').find(line => line.startsWith(` (func ${name} `) || line === ` (func ${name}`) ?? ''
    return {
      name,
      params: Array.from(head.matchAll(/\(param \S+ (\w+)\)/g), match => match[1] as string),
      result: /\(result (\w+)\)/.exec(head)?.[1],
    }
  })
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)] as T
  const call = (): string => {
    if (signatures.length === 0) return ''
    const { name, params, result } = pick(signatures)
    const args = params.map(type => `(${type}.const ${pick(CONSTANTS[type] ?? ['0'])})`).join(' ')
    return result === undefined ? `(call ${name} ${args})` : fold(result, `(call ${name} ${args})`)
  }
  const methods = Array.from({ length: METHODS }, (_, i) => {
    const calls = Array.from({ length: 1 + random.below(4) }, call).join(' ')
    return `(func (export "m${i}") ${calls}
      (i64.store (i32.const 8192) (global.get $hash)) (call $return_data (i32.const 0) (i32.const 8200)))`
  })
  const memory = /\(memory (\S+)/.exec(text)?.[1]
  const body = text
    .trimEnd()
    .replace(/^\(module/, '')
    .replace(/\)$/, '')
  return `(module ${importOf('return_data')}
    ${body}
    ${memory === undefined ? '(memory (export "memory") 1 16)' : `(export "memory" (memory ${memory}))`}
    (global $hash (mut i64) (i64.const 0))
    ${standIns.join('\n')} ${methods.join('\n')})`
}
