/** Runs one method of a module written as text. */
import { createHash } from 'node:crypto'
import type { CallObserver, CallOutcome, Host, Vm } from '../../../vm/execution.ts'
import { HOST_FUNCTIONS } from '../../../vm/host-table.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { RecordingHost } from './recording-host.ts'
import { wat } from './wat.ts'

export interface RunOptions {
  readonly vm?: Vm
  readonly host?: Host
  readonly method?: string
  readonly args?: Uint8Array
  readonly gasLimit?: bigint
  readonly stackLimit?: number
  readonly observer?: CallObserver
}

export function run(code: Uint8Array, options: RunOptions = {}): CallOutcome {
  return (options.vm ?? createVm()).execute({
    codeHash: createHash('sha256').update(code).digest('hex'),
    code: () => code,
    method: options.method ?? 'main',
    args: options.args ?? new Uint8Array(0),
    gasLimit: options.gasLimit ?? 10_000_000n,
    stackLimit: options.stackLimit ?? LIMITS.stackWords,
    host: options.host ?? new RecordingHost(),
    observer: options.observer,
  })
}

/** `(import "env" …)` of a host function under its own name. */
export function importOf(name: string): string {
  const fn = HOST_FUNCTIONS.get(name)
  if (fn === undefined) throw new Error(`there is no host function ${name}`)
  const params = fn.params.length === 0 ? '' : `(param ${fn.params.join(' ')})`
  const result = fn.result === undefined ? '' : `(result ${fn.result})`
  return `(import "env" "${name}" (func $${name} ${params} ${result}))`
}

/**
 * A contract whose `main` is `body`, with the host functions it names imported, one page of memory and the local
 * $x (i32).
 */
export function contract(body: string, rest = ''): Uint8Array<ArrayBuffer> {
  const isCalled = (name: string): boolean => new RegExp(`\\(call \\$${name}[\\s)]`).test(body + rest)
  return wat(`(module
    ${[...HOST_FUNCTIONS.keys()].filter(isCalled).map(importOf).join('\n')}
    (memory 1)
    ${rest}
    (func (export "main") (local $x i32) ${body}))`)
}
