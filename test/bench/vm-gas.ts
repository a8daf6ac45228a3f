/**
 * Calibration of the gas schedule: how many nanoseconds one unit takes, for every host function and for some
 * kinds of contract code. A unit is meant to stay at or below about 0.5 ns (vm/gas.ts). Run it with
 * `node test/bench/vm-gas.ts`, and with `node --liftoff-only test/bench/vm-gas.ts` for the baseline compiler.
 *
 * The Host here keeps its state in a Map: what a database adds is what the margin in the storage prices is for.
 */
import type { CallOutcome, Vm } from '../../vm/execution.ts'
import type { HostFunction } from '../../vm/host-function.ts'
import { HOST_TABLE } from '../../vm/host-table.ts'
import { createVm } from '../../vm/vm.ts'
import { RecordingHost } from '../unit/vm/recording-host.ts'
import { contract, run } from '../unit/vm/run-wat.ts'

const ITERATIONS = 5_000
const ROUNDS = 12
const GAS_LIMIT = 1n << 50n

/** Arguments that make a function do its work; pointers by default. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  storage_read: '(i32.const 0) (i32.const 32)',
  storage_write: '(i32.const 0) (i32.const 32) (i32.const 64) (i32.const 100)',
  storage_delete: '(i32.const 0) (i32.const 32)',
  storage_has: '(i32.const 0) (i32.const 32)',
  emit: '(i32.const 512) (i32.const 3) (i32.const 64) (i32.const 100)',
  return_data: '(i32.const 0) (i32.const 32)',
  call: '(i32.const 0) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 32) (i64.const 0) (i64.const 0)',
  static_call: '(i32.const 0) (i32.const 512) (i32.const 1) (i32.const 0) (i32.const 32) (i64.const 0)',
  transfer: '(i32.const 0) (i64.const 0)',
  sha256: '(i32.const 0) (i32.const 64) (i32.const 128)',
}
/** They end the call, so they cannot be repeated in one. */
const ENDS_THE_CALL = new Set(['revert', 'abort'])

const CODE: Readonly<Record<string, string>> = {
  'arithmetic on locals': '(local.set $x (i32.mul (i32.add (local.get $x) (i32.const 7)) (i32.const 31)))',
  division: '(local.set $x (i32.div_u (i32.const 1000000007) (i32.or (local.get $x) (i32.const 1))))',
  'dependent loads': '(local.set $x (i32.load (i32.and (local.get $x) (i32.const 0xfff0))))',
  stores: '(i32.store (i32.const 1024) (local.get $x))',
  calls: '(call $leaf)',
  'memory.fill of 4 KiB': '(memory.fill (i32.const 4096) (i32.const 1) (i32.const 4096))',
}

function loop(statement: string, rest: string): Uint8Array {
  return contract(
    `(local.set $x (i32.const ${ITERATIONS})) (call $many)`,
    `(data (i32.const 512) "\\01\\01a") ${rest}
     (func $many (local $n i32) (local $x i32) (local.set $n (i32.const ${ITERATIONS}))
       (loop $l ${statement} (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`,
  )
}

function measure(name: string, code: Uint8Array): void {
  const vm: Vm = createVm()
  let best = Number.POSITIVE_INFINITY
  let outcome: CallOutcome | undefined
  for (let i = 0; i < ROUNDS; i++) {
    const host = new RecordingHost()
    // One object for all events: the host's own bookkeeping is not what is measured.
    host.emit = () => {}
    host.trace = () => {}
    const start = performance.now()
    outcome = run(code, { vm, host, gasLimit: GAS_LIMIT })
    best = Math.min(best, performance.now() - start)
  }
  if (outcome?.kind !== 'returned') throw new Error(`${name}: ${JSON.stringify({ ...outcome, gasUsed: 0 })}`)
  const each = (best * 1e6) / ITERATIONS
  const gas = Number(outcome.gasUsed) / ITERATIONS
  process.stdout.write(
    `${name.padEnd(22)} ${each.toFixed(0).padStart(7)} ns ${gas.toFixed(0).padStart(7)} gas ${(each / gas).toFixed(3).padStart(7)} ns/gas\n`,
  )
}

function callOf({ name, params, result }: HostFunction): string {
  const args = ARGUMENTS[name] ?? params.map(type => `(${type}.const 0)`).join(' ')
  const call = `(call $${name} ${args})`
  return result === undefined ? call : `(drop ${call})`
}

for (const fn of HOST_TABLE) if (!ENDS_THE_CALL.has(fn.name)) measure(fn.name, loop(callOf(fn), ''))
for (const [name, statement] of Object.entries(CODE)) {
  measure(name, loop(statement, '(func $leaf)'))
}
