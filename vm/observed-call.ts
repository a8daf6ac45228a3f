/**
 * A call that somebody watches: it runs in a module of its own kind (probe.ts) and in a new instance, so that nothing of
 * it reaches the calls that count. Its outcome is the same.
 */
import { CallTrack } from './call-track.ts'
import type { CallOutcome, ExecuteRequest } from './execution.ts'
import { compileObserved, Instance, type ObservedModule } from './instance.ts'
import { runCall } from './run-call.ts'

/** Modules kept, least recently used out first. */
const MOST_MODULES = 16

export class ObservedCache {
  private readonly modules = new Map<string, ObservedModule>()

  get(codeHash: string, code: () => Uint8Array): ObservedModule {
    const found = this.modules.get(codeHash) ?? compileObserved(code())
    this.modules.delete(codeHash)
    this.modules.set(codeHash, found)
    const [oldest] = this.modules.keys()
    if (this.modules.size > MOST_MODULES && oldest !== undefined) this.modules.delete(oldest)
    return found
  }
}

/** Enough for the helper functions above the one that trapped. */
const ENGINE_FRAMES = 10

export function runObserved({ compiled, probe }: ObservedModule, request: ExecuteRequest): CallOutcome {
  const { observer, gasLimit } = request
  const track = new CallTrack(probe, observer?.profile)
  const instance = new Instance(compiled, track)
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = Math.max(stackTraceLimit ?? 0, ENGINE_FRAMES)
  let outcome: CallOutcome
  try {
    outcome = runCall(instance, request, { hasStart: compiled.hasStart, isNew: true, track })
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
  track.ends()
  if (track.broken !== undefined) throw track.broken.error
  if (outcome.kind === 'returned') return outcome
  const frames = track.frames()
  const gasLeft = gasLimit - track.gasUsed(frames, outcome)
  observer?.failed?.(frames, gasLeft < 0n ? 0n : gasLeft)
  return outcome
}
