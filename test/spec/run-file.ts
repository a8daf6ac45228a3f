/** Runs one file of the suite: a verdict for each command. */
import { decodeAndValidate } from '../../vm/decode.ts'
import { HOST_IMPORT_TYPES } from '../../vm/host-table.ts'
import { ProfileError } from '../../vm/profile.ts'
import { FLOAT_BITS, type Value } from '../reference/numbers.ts'
import { bitsOf, type SpecAction, type SpecCommand, type SpecFile, type SpecValue } from './suite.ts'
import { type Ending, type Metered, same, sameEnding, Tracks } from './tracks.ts'

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly message: string }
  /** The profile refuses what the command needs, or the suite is older than the engine. */
  | { readonly kind: 'skipped'; readonly reason: string }

export interface JudgedCommand {
  readonly command: SpecCommand
  readonly verdict: Verdict
}

const PASSED: Verdict = { kind: 'passed' }
const failed = (message: string): Verdict => ({ kind: 'failed', message })
const skipped = (reason: string): Verdict => ({ kind: 'skipped', reason })

type ModuleState = { readonly tracks: Tracks } | { readonly refused: ProfileError['code'] }

export function runFile(file: SpecFile, differsFromEngine: ReadonlySet<string>): JudgedCommand[] {
  const run = new FileRun(file)
  const judged = file.commands.map((command): JudgedCommand => {
    const isOutdated = differsFromEngine.has(`${file.name} ${command.line} ${command.type}`)
    // A module is made all the same: later commands act on it.
    if (isOutdated && command.type !== 'module')
      return { command, verdict: skipped('the engine differs from the suite') }
    return { command, verdict: run.judge(command) }
  })
  const changed = new Map(run.replayAll().map(entry => [entry.line, entry.message]))
  return judged.map(({ command, verdict }) => {
    const message = verdict.kind === 'passed' ? changed.get(command.line) : undefined
    return { command, verdict: message === undefined ? verdict : failed(message) }
  })
}

class FileRun {
  private readonly file: SpecFile
  private current: ModuleState | undefined
  private readonly named = new Map<string, ModuleState>()
  private readonly all: Tracks[] = []
  /** Open to modules that import: by name of the module that was registered last, or of a named one. */
  private readonly registered = new Set<ModuleState>()
  /** What a refused module would have changed: it is no longer as the suite has it. */
  private readonly outOfStep = new Set<ModuleState>()

  constructor(file: SpecFile) {
    this.file = file
  }

  judge(command: SpecCommand): Verdict {
    switch (command.type) {
      case 'module':
        return this.makeModule(command)
      case 'assert_invalid':
      case 'assert_malformed':
      case 'assert_uninstantiable':
      case 'assert_unlinkable':
        return this.judgeRefusal(command)
      case 'register':
        return this.register(command)
      case 'action':
      case 'assert_return':
      case 'assert_trap':
      case 'assert_exhaustion':
        return this.act(command, command.action as SpecAction)
      default:
        return failed(`unknown command ${String(command.type)}`)
    }
  }

  replayAll(): { readonly line: number; readonly message: string }[] {
    return this.all.flatMap(tracks =>
      tracks.replay().map(({ line, before, after }) => ({
        line,
        message: `once put back: ${describe(after)}, before: ${describe(before)}`,
      })),
    )
  }

  /** It serves modules that import others, and the profile refuses those. */
  private register({ name }: SpecCommand): Verdict {
    const state = name === undefined ? this.current : this.named.get(name)
    if (state !== undefined) this.registered.add(state)
    return skipped('forbidden_import')
  }

  private refuse({ code }: ProfileError): void {
    if (code === 'forbidden_import') for (const state of this.registered) this.outOfStep.add(state)
  }

  private bytesOf({ filename = '' }: SpecCommand): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(Buffer.from(this.file.modules[filename] ?? '', 'base64'))
  }

  private makeModule(command: SpecCommand): Verdict {
    const state = this.instantiate(this.bytesOf(command))
    this.current = state
    if (command.name !== undefined) this.named.set(command.name, state)
    if ('tracks' in state) return PASSED
    // The module is valid: only the profile may refuse it.
    return ['invalid', 'malformed', 'unexpected_end'].includes(state.refused)
      ? failed(`refused as ${state.refused}`)
      : skipped(state.refused)
  }

  private instantiate(bytes: Uint8Array<ArrayBuffer>): ModuleState {
    try {
      const tracks = new Tracks(bytes)
      this.all.push(tracks)
      return { tracks }
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error
      this.refuse(error)
      return { refused: error.code }
    }
  }

  private judgeRefusal(command: SpecCommand): Verdict {
    try {
      decodeAndValidate(this.bytesOf(command), HOST_IMPORT_TYPES)
    } catch (error) {
      if (!(error instanceof ProfileError)) throw error
      this.refuse(error)
      const isAboutLinking = command.type === 'assert_unlinkable' || command.type === 'assert_uninstantiable'
      // The rule that was to be checked was never reached.
      const isBeforeTheRule = error.code === 'forbidden_import' || error.code === 'start_section'
      return isAboutLinking && isBeforeTheRule ? skipped(error.code) : PASSED
    }
    return failed('accepted')
  }

  private act(command: SpecCommand, action: SpecAction): Verdict {
    const state = action.module === undefined ? this.current : this.named.get(action.module)
    if (state === undefined) return failed('there is no module')
    if ('refused' in state) return skipped(state.refused)
    if (this.outOfStep.has(state)) return skipped('forbidden_import')
    return action.type === 'get'
      ? judgeGlobal(state.tracks, action, command.expected ?? [])
      : judgeCall(state.tracks, command, action)
  }
}

function judgeCall(tracks: Tracks, command: SpecCommand, { field, args }: SpecAction): Verdict {
  const bits = args.map(bitsOf)
  const raw = tracks.callRaw(field, bits)
  const wrong = unlike(command, raw)
  if (wrong !== undefined) return failed(`raw: ${wrong}`)
  let problem: string | undefined
  for (const track of tracks.metered) {
    const answer = tracks.callMetered(track, command.line, field, bits)
    const expected = track.expected(field, bits)
    if (!same(answer, expected)) {
      problem ??= `${track.name}: ${describe(answer)}, by the reference ${describe(expected)}`
    } else if (track.name === 'without a memory cap' && !sameUpToNan(answer.ending, raw, typeOf(command))) {
      problem ??= `${track.name}: ${describe(answer)}, raw ${describe({ ending: raw, gas: undefined })}`
    }
  }
  return problem === undefined ? PASSED : failed(problem)
}

function typeOf({ expected }: SpecCommand): SpecValue['type'] {
  return expected?.[0]?.type ?? 'i32'
}

/** What the suite says against this ending, if anything. */
function unlike({ type, expected = [] }: SpecCommand, end: Ending): string | undefined {
  if (type === 'assert_trap' || type === 'assert_exhaustion') {
    return 'trap' in end ? undefined : 'it came back'
  }
  if ('trap' in end) return `it trapped: ${end.trap}`
  if (type === 'action') return undefined
  const [wanted] = expected
  const value = wanted === undefined ? undefined : bitsOf(wanted)
  return sameUpToNan(end, { result: value }, wanted?.type ?? 'i32')
    ? undefined
    : `${String(end.result)} instead of ${String(value)}`
}

/** Where the engine may choose the bits of a NaN. */
function sameUpToNan(a: Ending, b: Ending, type: SpecValue['type']): boolean {
  if (sameEnding(a, b)) return true
  return 'result' in a && 'result' in b && isNan(a.result, type) && isNan(b.result, type)
}

function isNan(bits: Value | undefined, type: SpecValue['type']): boolean {
  if (type === 'f32') return Number.isNaN(FLOAT_BITS.f32(bits ?? 0))
  return type === 'f64' && Number.isNaN(FLOAT_BITS.f64(bits ?? 0n))
}

function judgeGlobal(tracks: Tracks, { field }: SpecAction, expected: readonly SpecValue[]): Verdict {
  const value = expected[0] === undefined ? undefined : bitsOf(expected[0])
  const found = [
    tracks.globalRaw(field),
    ...tracks.metered.flatMap(track => [track.global(field), track.expectedGlobal(field)]),
  ]
  return found.every(each => each === value)
    ? PASSED
    : failed(`${found.join(', ')} instead of ${String(value)}`)
}

function describe({ ending, gas }: Metered): string {
  return 'trap' in ending ? `trap (${ending.trap})` : `${String(ending.result)} for ${String(gas)} gas`
}
