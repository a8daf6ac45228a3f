/** Runs a call with an observer that keeps all it is told, and checks that the profiler is told sense. */
import type { CallObserver, CallOutcome, CodeFrame } from '../../../vm/execution.ts'
import { run, type RunOptions } from './run-wat.ts'

export class RecordingObserver implements CallObserver {
  readonly profile = {
    enter: (functionIndex: number, callSite: number): void => this.#enter(functionIndex, callSite),
    leave: (): void => this.#leave(),
    spend: (offset: number, gas: bigint): void => this.#spend(String(offset), gas),
    host: (name: string, gas: bigint, offset: number): void => this.#spend(`${name}@${offset}`, gas),
  }
  frames: readonly CodeFrame[] | undefined
  gasLeft: bigint | undefined
  /** By path, `function@call site` joined with a space; then by offset or host function. */
  readonly spent = new Map<string, Map<string, bigint>>()
  total = 0n
  readonly #open: string[] = []

  failed(frames: readonly CodeFrame[], gasLeft: bigint): void {
    if (this.frames !== undefined) throw new Error('failed was called twice')
    this.frames = frames
    this.gasLeft = gasLeft
  }

  get depth(): number {
    return this.#open.length
  }

  #enter(functionIndex: number, callSite: number): void {
    this.#open.push(`${functionIndex}@${callSite}`)
  }

  #leave(): void {
    if (this.#open.pop() === undefined) throw new Error('leave without enter')
  }

  #spend(where: string, gas: bigint): void {
    if (this.#open.length === 0) throw new Error(`gas at ${where} outside every function`)
    if (gas < 0n) throw new Error(`${gas} gas at ${where}`)
    this.total += gas
    const path = this.#open.join(' ')
    const here = this.spent.get(path) ?? new Map<string, bigint>()
    this.spent.set(path, here.set(where, (here.get(where) ?? 0n) + gas))
  }
}

export interface Observed {
  readonly outcome: CallOutcome
  readonly observer: RecordingObserver
}

export function observe(code: Uint8Array, options: RunOptions = {}): Observed {
  const observer = new RecordingObserver()
  const outcome = run(code, { ...options, observer })
  if (observer.depth !== 0) throw new Error(`${observer.depth} functions were never left`)
  return { outcome, observer }
}
