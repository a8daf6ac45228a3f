/**
 * Follows one observed call by the events its module writes down (probe.ts): which functions are open and from where
 * they were called, and the gas of every region that began.
 */
import type { CallOutcome, CodeFrame, GasProfiler } from './execution.ts'
import type { HostWatch, Instance } from './instance.ts'
import { EVENT, EVENT_SHIFT, type ProbedRegion, PROBE_EXPORT, type Probe } from './probe.ts'
import { countRegion, ProfileTree } from './profile-tree.ts'

/** A call that has begun, and no function yet: it is the host, or what is called is not there. */
const NOBODY = -1
/** The VM's own call. */
const NO_SITE = -1

export class CallTrack implements HostWatch {
  private readonly probe: Probe
  private readonly profiler: GasProfiler | undefined
  private readonly tree: ProfileTree | undefined
  /** By region: how often it began, and whether a function begins with it. */
  private readonly times: Float64Array
  private readonly isEntry: Uint8Array
  private words = new Uint32Array(0)
  private position: { value: number } = { value: 0 }
  /** Open calls, innermost last: the function, the offset of the call, the region the caller was in. */
  private readonly functions: number[] = []
  private readonly sites: number[] = []
  private readonly lastRegions: number[] = []
  /** The region that began last in the innermost function. */
  private lastRegion = 0
  /** Words that belong to the priced instruction at this offset, and the first of them. */
  private pricedWords = 0
  private pricedOffset = 0
  private pricedGas = 0
  private pricedSpent = 0
  /** Of the host, other contracts included. */
  private hostSpent = 0n
  /** The engine's own, if it ended the call. */
  private trap: WebAssembly.RuntimeError | undefined
  /** What the observer itself threw. */
  broken: { readonly error: unknown } | undefined

  constructor(probe: Probe, profiler: GasProfiler | undefined) {
    this.probe = probe
    this.times = new Float64Array(probe.regions.length)
    this.isEntry = Uint8Array.from(probe.regions, ({ isEntry }) => (isEntry ? 1 : 0))
    if (profiler === undefined) return
    const tell = this.tell.bind(this)
    this.profiler = {
      enter: (functionIndex, callSite) => tell(() => profiler.enter(functionIndex, callSite)),
      leave: () => tell(() => profiler.leave()),
      spend: (offset, gas) => tell(() => profiler.spend(offset, gas)),
      host: (name, gas, offset) => tell(() => profiler.host(name, gas, offset)),
    }
    this.tree = new ProfileTree(this.profiler, probe)
  }

  /** Before anything of the instance runs. */
  attach(exports: WebAssembly.Exports): void {
    const memory = exports[PROBE_EXPORT.events] as WebAssembly.Memory
    this.words = new Uint32Array(memory.buffer)
    this.position = exports[PROBE_EXPORT.position] as WebAssembly.Global & { value: number }
    const drain = toTableEntry(() => this.drain())
    ;(exports[PROBE_EXPORT.drain] as WebAssembly.Table).set(0, drain)
  }

  /** The VM calls an export. */
  begins(): void {
    this.drain()
    while (this.functions.length > 0) this.pop()
    this.push(NO_SITE)
  }

  /** Around a host function, which settles its gas in the frame. */
  host<T>(name: string, instance: Pick<Instance, 'frame' | 'gas'>, work: () => T): T {
    const { frame } = instance
    if (frame === undefined) return work()
    this.drain()
    const site = this.sites.at(-1) ?? NO_SITE
    const gasBefore = instance.gas
    const { nestedGas } = frame
    const settled = (): T => {
      try {
        return work()
      } finally {
        const gasAfter = frame.gas < 0n ? 0n : frame.gas
        const nested = frame.nestedGas - nestedGas
        this.hostSpent += gasBefore - gasAfter
        const own = gasBefore - gasAfter - nested
        this.profiler?.host(name, own < 0n ? 0n : own, site)
      }
    }
    const { tree } = this
    if (tree === undefined) return settled()
    tree.report()
    return tree.during(settled)
  }

  /** All that is left to report. */
  ends(): void {
    this.drain()
    this.tree?.report()
  }

  /** What ended it. */
  caught(error: unknown): void {
    this.drain()
    this.trap = error instanceof WebAssembly.RuntimeError ? error : undefined
  }

  /** Where the call stands. */
  frames(): CodeFrame[] {
    const { functions, sites } = this
    let top = functions.length - 1
    let offset = NO_SITE
    if (functions[top] === NOBODY) offset = sites[top--] as number
    else if (top >= 0) offset = this.trapOffset() ?? this.probe.regions[this.lastRegion]?.offset ?? NO_SITE
    const frames: CodeFrame[] = []
    for (; top >= 0; top--) {
      frames.push({ functionIndex: functions[top] as number, offset })
      offset = sites[top] as number
    }
    return frames
  }

  /**
   * What had been used where a call stands, of which the outcome says nothing if it trapped: up to the instruction
   * that trapped, or what entering the function cost if there was no stack for it.
   */
  gasUsed(frames: readonly CodeFrame[], outcome: CallOutcome): bigint {
    const { trap } = this
    const code = outcome.kind === 'failed' ? outcome.code : undefined
    if (trap === undefined || code === 'out_of_gas') return outcome.gasUsed
    const isEntry = (i: number): boolean => i === 0 && code === 'stack_overflow'
    const ahead = frames.map((frame, i) => this.gasAhead(frame, isEntry(i)))
    const began = this.probe.regions.map(({ gas }, i) => gas * (this.times[i] as number))
    const ran = sum(began) - sum(ahead) + this.pricedSpent
    return BigInt(ran) + this.hostSpent
  }

  /** Charged at the heads of regions, for instructions that were still to come. */
  private gasAhead({ functionIndex, offset }: CodeFrame, isEntry: boolean): number {
    let ahead = 0
    const { first, count } = this.probe.spans.get(functionIndex) ?? { first: 0, count: 0 }
    for (const region of this.probe.regions.slice(first, first + count)) {
      if (region.offset > offset) continue
      if (!isEntry) for (const cost of region.costs) ahead += cost.offset > offset ? cost.gas : 0
      else if (region.isEntry) ahead += region.gas - (region.costs[0]?.gas ?? 0)
    }
    return ahead
  }

  private drain(): void {
    const count = this.position.value >>> 2
    this.position.value = 0
    const { words, times, isEntry, tree } = this
    let path = tree?.current
    let last = this.lastRegion
    for (let i = 0; i < count; i++) {
      const word = words[i] as number
      if (this.pricedWords > 0) {
        this.takePriced(word)
        continue
      }
      const value = word >>> EVENT_SHIFT
      switch (word & ((1 << EVENT_SHIFT) - 1)) {
        case EVENT.region:
          if (isEntry[value] === 1) {
            this.enter(value)
            path = tree?.current
          }
          last = value
          times[value] = (times[value] as number) + 1
          if (path !== undefined) countRegion(path, value)
          break
        case EVENT.call:
          this.lastRegion = last
          this.push(value)
          break
        case EVENT.back:
          this.pop()
          last = this.lastRegion
          path = tree?.current
          break
        case EVENT.priced:
          this.pricedOffset = value
          this.pricedWords = 2
          break
        default:
      }
    }
    this.lastRegion = last
  }

  private enter(region: number): void {
    const { functionIndex } = this.probe.regions[region] as ProbedRegion
    const top = this.functions.length - 1
    this.functions[top] = functionIndex
    this.tree?.enter(functionIndex, this.sites[top] as number)
  }

  private takePriced(gas: number): void {
    if (--this.pricedWords === 1) {
      this.pricedGas = gas
      return
    }
    const units = (this.pricedGas - gas) >>> 0
    if (units === 0) return
    this.pricedSpent += units
    this.tree?.spend(this.pricedOffset, units)
  }

  private push(site: number): void {
    this.functions.push(NOBODY)
    this.sites.push(site)
    this.lastRegions.push(this.lastRegion)
  }

  private pop(): void {
    if (this.functions.pop() !== NOBODY) this.tree?.leave()
    this.sites.pop()
    this.lastRegion = this.lastRegions.pop() ?? 0
  }

  private trapOffset(): number | undefined {
    const own = this.functions.at(-1)
    for (const [, index, offset] of (this.trap?.stack ?? '').matchAll(ENGINE_FRAME)) {
      if (Number(index) === own) return this.probe.positions.originalOf(Number.parseInt(offset as string, 16))
    }
    return undefined
  }

  /** What the observer throws must not look like the contract's end. */
  private tell(report: () => void): void {
    if (this.broken !== undefined) return
    try {
      report()
    } catch (error) {
      this.broken = { error }
    }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

const ENGINE_FRAME = /wasm-function\[(\d+)\]:0x([0-9a-f]+)/g

/** `(module (import "e" "d" (func)) (export "d" (func 0)))`: makes a table's entry of a function. */
const BRIDGE = Uint8Array.from([
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x65, 1, 0x64, 0, 0, 7, 5, 1, 1, 0x64,
  0, 0,
])
let bridge: WebAssembly.Module | undefined

function toTableEntry(fn: () => void): WebAssembly.ExportedFunction {
  bridge ??= new WebAssembly.Module(BRIDGE)
  return new WebAssembly.Instance(bridge, { e: { d: fn } }).exports['d'] as WebAssembly.ExportedFunction
}
