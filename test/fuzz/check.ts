/**
 * What must hold for a case, in this process: the decoder answers; metered code is valid; a contract gives the same
 * outcome, gas and state on a reused instance, on fresh ones, by the reference interpreter, and, but for gas, as it
 * was before it was instrumented. The answer is a digest, which every tier of the engine has to agree on.
 */
import { createHash } from 'node:crypto'
import { decodeAndValidate } from '../../vm/decode.ts'
import type { CallOutcome } from '../../vm/execution.ts'
import { HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { instrument } from '../../vm/instrument.ts'
import { methodsOf } from '../../vm/instance.ts'
import type { WasmModule } from '../../vm/module.ts'
import { LIMITS, ProfileError } from '../../vm/profile.ts'
import { createVm } from '../../vm/vm.ts'
import { createRandom, type Random } from '../sim/random.ts'
import { referenceExecute } from '../reference/execute.ts'
import { RecordingHost } from '../unit/vm/recording-host.ts'
import { run } from '../unit/vm/run-wat.ts'
import type { FuzzCase } from './cases.ts'
import { RawContract } from './raw-contract.ts'

export class Difference extends Error {}

const CALLS = 5
/** Above what any program of the fuzzer uses. */
const MUCH_GAS = 1n << 40n
/** For code that may loop for ever. */
const LITTLE_GAS = 200_000n
const SLOWEST_DECODE_MS = 1_000

export function checkCase({ seed, kind, modules }: FuzzCase): string {
  const digest = createHash('sha256')
  for (const [i, code] of modules.entries()) {
    const random = createRandom(seed + i)
    const module = acceptOrRefuse(code)
    if (module instanceof ProfileError) {
      if (kind !== 'mutants') throw new Difference(`a program of the fuzzer is refused: ${module.message}`)
      digest.update(`${module.code} ${module.offset}`)
    } else
      digest.update(
        kind === 'mutants' ? checkMetered(code, module, random) : checkContract(code, module, random),
      )
  }
  return digest.digest('hex')
}

function acceptOrRefuse(code: Uint8Array): WasmModule | ProfileError {
  const start = performance.now()
  const answer = decodeAndMeter(code)
  const ms = performance.now() - start
  if (ms > SLOWEST_DECODE_MS) throw new Difference(`decoding and metering took ${ms.toFixed(0)} ms`)
  return answer
}

function decodeAndMeter(code: Uint8Array): WasmModule | ProfileError {
  try {
    const module = decodeAndValidate(code, HOST_IMPORT_TYPES)
    if (!WebAssembly.validate(instrument(module))) throw new Difference('the metered module is not valid')
    return module
  } catch (error) {
    if (error instanceof ProfileError) return error
    throw error
  }
}

/** An outcome with the state it left, as text. */
function show(outcome: CallOutcome, host: RecordingHost): string {
  return JSON.stringify(
    [{ ...outcome, gasUsed: String(outcome.gasUsed) }, stateOf(host)],
    (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
  )
}

function stateOf({ storage, events }: RecordingHost): unknown {
  const entries = [...storage].map(([key, value]) => `${key}=${Buffer.from(value).toString('hex')}`)
  return [entries.toSorted((a, b) => (a < b ? -1 : 1)), events]
}

function same(what: string, found: string, expected: string): void {
  if (found === expected) return
  let at = 0
  while (found[at] === expected[at]) at++
  const from = Math.max(0, at - 100)
  throw new Difference(
    `${what}: …${found.slice(from, at + 200)}… instead of …${expected.slice(from, at + 200)}…`,
  )
}

/** Reused against fresh only: nothing says that it ends. */
function checkMetered(code: Uint8Array, module: WasmModule, random: Random): string {
  const methods = methodsOf(module)
  if (methods.length === 0) return 'no methods'
  const reused = createVm()
  const shown = Array.from({ length: 3 }, () => {
    const method = methods[random.below(methods.length)] as string
    const args = Uint8Array.from({ length: random.below(80) }, () => random.below(256))
    const answer = (vm: ReturnType<typeof createVm>): string => {
      const host = new RecordingHost()
      return show(run(code, { vm, host, method, args, gasLimit: LITTLE_GAS }), host)
    }
    const fresh = answer(createVm({ idleInstances: 0 }))
    same(`${method} on a reused instance`, answer(reused), fresh)
    return fresh
  })
  return shown.join('\n')
}

function checkContract(code: Uint8Array, module: WasmModule, random: Random): string {
  const methods = methodsOf(module)
  const seesGas = module.imports.some(({ name }) => name === 'gas_left')
  const reused = createVm()
  const hosts = { reused: new RecordingHost(), fresh: new RecordingHost(), reference: new RecordingHost() }
  let raw = seesGas ? undefined : new RawContract(code, new RecordingHost())
  const shown: string[] = []
  for (let i = 0; i < CALLS; i++) {
    const method = methods[random.below(methods.length)] as string
    // Now and then so little that frames matter.
    const stackLimit = random.chance(0.2) ? 20 + random.below(200) : LIMITS.stackWords
    const call = { method, gasLimit: MUCH_GAS, stackLimit, args: Uint8Array.of(i) }
    const outcome = run(code, { vm: reused, host: hosts.reused, ...call })
    const text = show(outcome, hosts.reused)
    const fresh = run(code, { vm: createVm({ idleInstances: 0 }), host: hosts.fresh, ...call })
    same(`${method}, a fresh instance against a reused one`, show(fresh, hosts.fresh), text)
    const reference = referenceExecute(code, { host: hosts.reference, ...call })
    same(`${method}, metered against the reference`, text, show(reference.outcome, hosts.reference))
    shown.push(text)

    // Nobody counts the raw module's stack, and the engine may have made its NaNs otherwise.
    const isComparable =
      !(outcome.kind === 'failed' && outcome.code === 'stack_overflow') && !reference.sawNan
    if (!isComparable) raw = undefined
    if (raw !== undefined) {
      const bare = raw.call(method, call.args)
      same(
        `${method}, metered against raw`,
        show({ ...outcome, gasUsed: 0n }, hosts.reused),
        show(bare, raw.host),
      )
    }
    if (outcome.kind === 'returned' && !seesGas) checkLimits(code, method, random)
  }
  return shown.join('\n')
}

/** From nothing, the exact gas is enough and any less is out of gas, all of it used. */
function checkLimits(code: Uint8Array, method: string, random: Random): void {
  const vm = createVm()
  const answer = (gasLimit: bigint): CallOutcome =>
    run(code, { vm, method, gasLimit, host: new RecordingHost() })
  const enough = answer(MUCH_GAS)
  if (enough.kind !== 'returned' || enough.gasUsed === 0n) return
  const { gasUsed } = enough
  const exact = answer(gasUsed)
  if (exact.kind !== 'returned' || exact.gasUsed !== gasUsed) {
    throw new Difference(`${method} with exactly ${gasUsed} gas: ${exact.kind}, ${exact.gasUsed} gas`)
  }
  const limit = (gasUsed * BigInt(random.below(1_000_000))) / 1_000_000n
  for (const less of [limit, gasUsed - 1n]) {
    const short = answer(less)
    if (short.kind !== 'failed' || short.code !== 'out_of_gas' || short.gasUsed !== less) {
      throw new Difference(
        `${method} needs ${gasUsed} gas; with ${less}: ${short.kind === 'failed' ? short.code : short.kind}, ${short.gasUsed} gas`,
      )
    }
  }
}
