/**
 * The VM as its embedder sees it. A module is inspected once, when it is deployed, and executed any number
 * of times; compiled modules and idle instances are kept, which is never visible in a result.
 *
 * How a call ends, and what it costs:
 * - it comes back: `returned`, exact gas
 * - it calls revert, abort, or a host function refuses: `reverted` or `failed`, exact gas
 * - it traps, runs out of gas or of contract stack: `failed`, all of its gas
 * - anything else (engine out of memory or native stack, an exception of the Host) is thrown, never a result
 */
import { decodeAndValidate } from './decode.ts'
import type { CallOutcome, ExecuteRequest, ModuleInfo, Vm } from './execution.ts'
import { MAX_GAS_LIMIT } from './gas.ts'
import { HOST_IMPORT_TYPES } from './host-table.ts'
import { type CompiledModule, compile, compileCached, Instance, methodsOf } from './instance.ts'
import { instrument } from './instrument.ts'
import type { InstrumentedCache } from './instrumented-cache.ts'
import { NodeFault } from './node-fault.ts'
import { ObservedCache, runObserved } from './observed-call.ts'
import { LIMITS, ProfileError } from './profile.ts'
import { failed, runCall } from './run-call.ts'

export interface VmOptions {
  /** Compiled modules kept, least recently used out first. */
  readonly moduleCacheSize?: number
  /** Instances kept for later calls, all modules together; 0 makes a fresh one for each call. Each reserves 8 GiB of address space. */
  readonly idleInstances?: number
  /** Where instrumented code outlives the process. Without one it is instrumented again after each start. */
  readonly instrumentedCache?: InstrumentedCache | undefined
}

export function createVm({
  moduleCacheSize = 128,
  idleInstances = 128,
  instrumentedCache,
}: VmOptions = {}): Vm {
  const cache = new ModuleCache(moduleCacheSize, idleInstances, instrumentedCache)
  const observedCache = new ObservedCache()
  return { inspect, execute: request => execute(cache, observedCache, request) }
}

function inspect(code: Uint8Array): ModuleInfo {
  const module = decodeAndValidate(code, HOST_IMPORT_TYPES)
  if (!WebAssembly.validate(instrument(module))) {
    throw new ProfileError('invalid', 'the module cannot be metered')
  }
  return { methods: methodsOf(module), customSections: module.customSections }
}

class ModuleCache {
  private readonly modules = new Map<string, CompiledModule>()
  private readonly moduleLimit: number
  private readonly idleLimit: number
  private readonly instrumented: InstrumentedCache | undefined
  private idleCount = 0

  constructor(moduleLimit: number, idleLimit: number, instrumented: InstrumentedCache | undefined) {
    this.moduleLimit = moduleLimit
    this.idleLimit = idleLimit
    this.instrumented = instrumented
  }

  get(codeHash: string, code: () => Uint8Array): CompiledModule {
    let compiled = this.modules.get(codeHash)
    if (compiled !== undefined) this.modules.delete(codeHash)
    else if (this.instrumented === undefined) compiled = compile(code())
    else compiled = compileCached(codeHash, code, this.instrumented)
    this.modules.set(codeHash, compiled)
    if (this.modules.size > this.moduleLimit) this.dropOldest()
    return compiled
  }

  private dropOldest(): void {
    for (const [hash, { idle }] of this.modules) {
      this.modules.delete(hash)
      this.idleCount -= idle.length
      idle.length = 0
      return
    }
  }

  takeIdle(compiled: CompiledModule): Instance | undefined {
    const instance = compiled.idle.pop()
    if (instance !== undefined) this.idleCount--
    return instance
  }

  /** Keeps the instance if it can be put back and the module is still cached, making room if need be. */
  release(codeHash: string, compiled: CompiledModule, instance: Instance): void {
    if (this.idleLimit === 0 || this.modules.get(codeHash) !== compiled || !instance.restore()) return
    if (this.idleCount >= this.idleLimit) {
      for (const { idle } of this.modules.values()) {
        if (idle.pop() === undefined) continue
        this.idleCount--
        break
      }
    }
    compiled.idle.push(instance)
    this.idleCount++
  }
}

/** More than any native stack holds; keeps the counter far from wrapping. */
const MAX_STACK_WORDS = 1 << 24

function execute(cache: ModuleCache, observedCache: ObservedCache, request: ExecuteRequest): CallOutcome {
  const { method, gasLimit, stackLimit, codeHash } = request
  if (gasLimit < 0n || gasLimit >= MAX_GAS_LIMIT) throw new NodeFault(`gas limit ${gasLimit} is out of range`)
  if (!Number.isInteger(stackLimit) || stackLimit < 0 || stackLimit > MAX_STACK_WORDS) {
    throw new NodeFault(`stack limit ${stackLimit} is out of range`)
  }
  const observed = request.observer && observedCache.get(codeHash, request.code)
  const compiled = observed?.compiled ?? cache.get(codeHash, request.code)
  if (!compiled.methods.has(method)) {
    return failed('unknown_method', `the contract has no method ${JSON.stringify(method)}`, 0n)
  }
  if (request.isReentered === true && !compiled.reentrant.has(method)) {
    return failed(
      'reentrancy',
      `the contract is already running, and ${JSON.stringify(method)} is not marked as one that can be called again from within`,
      0n,
    )
  }
  if (observed !== undefined) return runObserved(observed, request)
  // An idle instance has run `_start` with this much stack; with less it could have ended otherwise.
  const mayReuse = !compiled.hasStart || stackLimit >= LIMITS.startStackWords
  const idle = mayReuse ? cache.takeIdle(compiled) : undefined
  const instance = idle ?? new Instance(compiled)
  const outcome = runCall(instance, request, { hasStart: compiled.hasStart, isNew: idle === undefined })
  cache.release(codeHash, compiled, instance)
  return outcome
}
