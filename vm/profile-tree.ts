/**
 * Gas by call path, until somebody has to know. Each path is reported as a whole: `enter`, what was spent there, what
 * it called, `leave`. Calls of one function from one place are one path however often they happen, and a call that
 * is already on the path goes on where that one stands, so that recursion does not grow the tree.
 */
import type { GasProfiler } from './execution.ts'
import type { ProbedRegion, Probe, RegionSpan } from './probe.ts'

export interface Path {
  readonly functionIndex: number
  readonly callSite: number
  readonly parent: Path | undefined
  /** By call: a path below this one, or one that it lies below itself. */
  readonly links: Map<number, Path>
  readonly below: Path[]
  /** Times that each region of the function began, since the last report; its first region has this index. */
  readonly times: Float64Array
  readonly firstRegion: number
  /** Gas of single instructions, by offset. */
  readonly extra: Map<number, number>
  /** Something is to be reported, here or below. */
  isDue: boolean
}

const NO_REGIONS: RegionSpan = { first: 0, count: 0 }
/** Beyond it, functions are reported without their callers: deep and wide call graphs have paths without end. */
const MOST_PATHS = 20_000

export class ProfileTree {
  private readonly profiler: GasProfiler
  private readonly regions: readonly ProbedRegion[]
  private readonly spans: ReadonlyMap<number, RegionSpan>
  private readonly root: Path
  private readonly open: Path[]
  /** Where the contract stands. */
  current: Path
  private paths = 0

  constructor(profiler: GasProfiler, { regions, spans }: Probe) {
    this.profiler = profiler
    this.regions = regions
    this.spans = spans
    this.root = this.path(-1, -1, undefined)
    this.open = [this.root]
    this.current = this.root
  }

  enter(functionIndex: number, callSite: number): void {
    const key = linkKey(functionIndex, callSite)
    this.current = this.current.links.get(key) ?? this.link(key, functionIndex, callSite)
    this.open.push(this.current)
  }

  leave(): void {
    this.open.pop()
    this.current = this.open.at(-1) ?? this.root
  }

  spend(offset: number, gas: number): void {
    markDue(this.current)
    this.current.extra.set(offset, (this.current.extra.get(offset) ?? 0) + gas)
  }

  report(): void {
    this.reportPath(this.root)
  }

  /** Where the contract stands now, while the host works for it. */
  during<T>(work: () => T): T {
    const path: Path[] = []
    for (let at = this.current; at.parent !== undefined; at = at.parent) path.unshift(at)
    for (const { functionIndex, callSite } of path) this.profiler.enter(functionIndex, callSite)
    try {
      return work()
    } finally {
      for (const _ of path) this.profiler.leave()
    }
  }

  private link(key: number, functionIndex: number, callSite: number): Path {
    const { current } = this
    let found: Path | undefined = current
    while (found !== undefined && (found.functionIndex !== functionIndex || found.callSite !== callSite)) {
      found = found.parent
    }
    if (found === undefined && this.paths >= MOST_PATHS) {
      found = this.root.links.get(linkKey(functionIndex, -1)) ?? this.grow(this.root, functionIndex, -1)
    }
    found ??= this.grow(current, functionIndex, callSite)
    current.links.set(key, found)
    return found
  }

  private grow(parent: Path, functionIndex: number, callSite: number): Path {
    const grown = this.path(functionIndex, callSite, parent)
    parent.below.push(grown)
    parent.links.set(linkKey(functionIndex, callSite), grown)
    this.paths++
    return grown
  }

  private path(functionIndex: number, callSite: number, parent: Path | undefined): Path {
    const { first, count } = this.spans.get(functionIndex) ?? NO_REGIONS
    return {
      functionIndex,
      callSite,
      parent,
      links: new Map(),
      below: [],
      times: new Float64Array(count),
      firstRegion: first,
      extra: new Map(),
      isDue: false,
    }
  }

  private reportPath(at: Path): void {
    if (!at.isDue) return
    at.isDue = false
    if (at.parent !== undefined) this.profiler.enter(at.functionIndex, at.callSite)
    for (const [i, times] of at.times.entries()) {
      if (times === 0) continue
      for (const { offset, gas } of this.regions[at.firstRegion + i]?.costs ?? []) {
        if (gas > 0) this.profiler.spend(offset, BigInt(gas * times))
      }
    }
    for (const [offset, gas] of at.extra) this.profiler.spend(offset, BigInt(gas))
    at.times.fill(0)
    at.extra.clear()
    for (const below of at.below) this.reportPath(below)
    if (at.parent !== undefined) this.profiler.leave()
  }
}

export function countRegion(path: Path, region: number): void {
  if (!path.isDue) markDue(path)
  const at = region - path.firstRegion
  path.times[at] = (path.times[at] as number) + 1
}

function markDue(path: Path): void {
  for (let at: Path | undefined = path; at !== undefined && !at.isDue; at = at.parent) at.isDue = true
}

/** A function and the place it is called from; offsets are below 2^18. */
function linkKey(functionIndex: number, callSite: number): number {
  return functionIndex * 2 ** 18 + callSite + 1
}
