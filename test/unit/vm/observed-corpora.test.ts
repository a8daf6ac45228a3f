/** An observer changes nothing, and what a profiler is told adds up: over all the code that the tests have. */
import { describe, expect, test } from 'vitest'
import { decodeAndValidate } from '../../../vm/decode.ts'
import type { CallOutcome, ExecuteRequest, Vm } from '../../../vm/execution.ts'
import { HOST_IMPORT_TYPES } from '../../../vm/host-table.ts'
import { methodsOf } from '../../../vm/instance.ts'
import { instrumentWithProbe } from '../../../vm/instrument.ts'
import type { WasmModule } from '../../../vm/module.ts'
import { LIMITS, ProfileError } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'
import { keptContracts } from '../../determinism/contracts.ts'
import { difference } from '../../determinism/golden.ts'
import { runHistory } from '../../determinism/history.ts'
import { makeCase } from '../../fuzz/cases.ts'
import { randomProgram } from '../../fuzz/programs.ts'
import { referenceExecute } from '../../reference/execute.ts'
import { createRandom } from '../../sim/random.ts'
import { loadSuite } from '../../spec/suite.ts'
import { observe, RecordingObserver } from './observe.ts'
import { RecordingHost } from './recording-host.ts'
import { run, type RunOptions } from './run-wat.ts'
import { wat } from './wat.ts'

const MUCH_GAS = 1n << 40n

const stateOf = ({ storage, events, traces, balances }: RecordingHost): unknown => ({
  storage,
  events,
  traces,
  balances,
})

/** Both ways, each on a host of its own. The two must agree; how it ended is the answer. */
function both(
  code: Uint8Array,
  options: Omit<RunOptions, 'host' | 'observer'>,
  hosts = [new RecordingHost(), new RecordingHost()] as const,
): { outcome: CallOutcome; told: bigint; gasSpent: bigint | undefined } {
  const plain = run(code, { ...options, host: hosts[0] })
  const { outcome, observer } = observe(code, { ...options, host: hosts[1] })
  expect(outcome).toEqual(plain)
  expect(stateOf(hosts[1])).toEqual(stateOf(hosts[0]))
  const { gasLimit = 0n } = options
  const gasSpent = observer.gasLeft === undefined ? undefined : gasLimit - observer.gasLeft
  return { outcome, told: observer.total, gasSpent }
}

/** How the outcome names the gas that was used up to the last instruction. */
function isExact(outcome: CallOutcome): boolean {
  return outcome.kind !== 'failed' || !['trapped', 'out_of_gas', 'stack_overflow'].includes(outcome.code)
}

const nameOf = (outcome: CallOutcome): string => (outcome.kind === 'failed' ? outcome.code : outcome.kind)

describe('random programs', () => {
  const ends = new Map<string, number>()

  test.each([0, 1, 2, 3])(
    'end, cost and leave the same, watched or not; their gas is told in full (%i)',
    part => {
      for (let seed = part; seed < 160; seed += 4) {
        const random = createRandom(seed)
        const code = wat(randomProgram(random))
        for (const method of ['a', 'b', 'c']) {
          const stackLimit = random.chance(0.3) ? 20 + random.below(200) : LIMITS.stackWords
          const call = { method, gasLimit: MUCH_GAS, stackLimit, args: new Uint8Array(0) }
          const { outcome, told, gasSpent } = both(code, call)
          ends.set(nameOf(outcome), (ends.get(nameOf(outcome)) ?? 0) + 1)
          if (isExact(outcome)) expect(told).toBe(outcome.gasUsed)
          else {
            const reference = referenceExecute(code, { ...call, host: new RecordingHost() })
            expect({ seed, method, gasSpent }).toEqual({ seed, method, gasSpent: reference.gasSpent })
          }
          both(code, { ...call, gasLimit: BigInt(random.below(20_000)) })
        }
      }
    },
  )

  test('end in every way', () => {
    for (const end of ['returned', 'trapped', 'stack_overflow']) expect(ends.get(end)).toBeGreaterThan(10)
  })
})

describe('modules that are not made for it', () => {
  const accepted = (code: Uint8Array): WasmModule | undefined => {
    try {
      return decodeAndValidate(code, HOST_IMPORT_TYPES)
    } catch (error) {
      if (error instanceof ProfileError) return undefined
      throw error
    }
  }

  test('the specification suite: a module can be observed if it can run, and runs the same', () => {
    let calls = 0
    const modules = loadSuite().files.flatMap(file => Object.values(file.modules))
    for (const base64 of modules) {
      const code = Uint8Array.from(Buffer.from(base64, 'base64'))
      const module = accepted(code)
      if (module === undefined) continue
      expect(WebAssembly.validate(instrumentWithProbe(module).wasm)).toBe(true)
      for (const method of methodsOf(module)) {
        // Some never end.
        const { outcome, told } = both(code, { method, gasLimit: 100_000n })
        if (isExact(outcome)) expect(told).toBe(outcome.gasUsed)
        calls++
      }
    }
    expect(calls).toBeGreaterThan(100)
  })

  test('contracts with random changes', () => {
    let calls = 0
    // Of eight cases the second and the fifth are of this kind.
    for (const { kind, modules } of Array.from(
      { length: 16 },
      (_, i) => 8 * (i >> 1) + (i % 2 === 0 ? 1 : 4),
    ).map(makeCase)) {
      expect(kind).toBe('mutants')
      for (const code of modules) {
        const module = accepted(code)
        if (module === undefined) continue
        for (const method of methodsOf(module).slice(0, 3)) {
          const { outcome, told } = both(code, { method, gasLimit: 300_000n })
          if (isExact(outcome)) expect(told).toBe(outcome.gasUsed)
          calls++
        }
      }
    }
    expect(calls).toBeGreaterThan(50)
  })
})

/** Watches every call of a VM; what each is told must be what it used, without what its callees used. */
function watched(vm: Vm): { vm: Vm; ends: Map<string, number> } {
  const ends = new Map<string, number>()
  /** Gas of the contracts that each open call called. */
  const nested: bigint[] = []
  const execute = (request: ExecuteRequest): CallOutcome => {
    const observer = new RecordingObserver()
    nested.push(0n)
    const outcome = vm.execute({ ...request, observer })
    const callees = nested.pop() as bigint
    const caller = nested.pop()
    if (caller !== undefined) nested.push(caller + outcome.gasUsed)
    const isUntold = nameOf(outcome) === 'unknown_method' || nameOf(outcome) === 'reentrancy'
    if (isExact(outcome) && !isUntold) expect(observer.total + callees).toBe(outcome.gasUsed)
    if (outcome.kind !== 'returned' && !isUntold) {
      expect(observer.frames?.length).toBeGreaterThan(0)
      expect(observer.gasLeft).toBeLessThanOrEqual(request.gasLimit)
      if (isExact(outcome)) expect(observer.gasLeft).toBe(request.gasLimit - outcome.gasUsed)
    }
    ends.set(nameOf(outcome), (ends.get(nameOf(outcome)) ?? 0) + 1)
    return outcome
  }
  return { vm: { inspect: code => vm.inspect(code), execute }, ends }
}

test('a history of blocks, every call of it watched, has the digest that it always has', () => {
  const { vm, ends } = watched(createVm())
  expect(difference(runHistory(keptContracts(), undefined, vm))).toBeUndefined()
  for (const end of ['returned', 'reverted', 'aborted', 'trapped', 'out_of_gas', 'stack_overflow']) {
    expect(ends.get(end)).toBeGreaterThan(0)
  }
})
