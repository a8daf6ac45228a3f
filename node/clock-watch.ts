/**
 * Says when the clock is wrong. Nothing in the node depends on its being right: what must happen after a while is timed
 * by a clock that never jumps, and a block's time is at least the least that its parent allows. But block times come from
 * it, and among several validators a clock that is behind makes this node vote late, one ahead makes the others do so.
 */
import { formatDuration } from './format-duration.ts'
import type { Height, TimeMs } from './types/primitives.ts'

/** Below this nobody has to be told. */
const TOLERANCE_MS = 10_000

export interface ClockWatch {
  /** Once a second, say. */
  check(): void
  /** What is wrong now. */
  readonly problem: string | undefined
}

export interface ClockWatchOptions {
  /** Wall clock, ms since 1970. */
  readonly nowMs: () => number
  /** Of a clock that does not jump. */
  readonly steadyMs: () => number
  readonly head: () => { readonly height: Height; readonly timeMs: TimeMs }
  /** Hears a sentence when something begins or ends. */
  readonly warn: (sentence: string) => void
}

/** For systems that take their time from the network. */
export const SET_CLOCK = 'timedatectl set-ntp true'
const ADVICE = `If the clock is wrong, set it: ${SET_CLOCK}`

const iso = (ms: number): string => {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms after 1970` : date.toISOString()
}

/** `undefined` where the clock has passed the head's time, or nearly. */
export const clockProblem = (
  nowMs: number,
  head: { readonly height: Height; readonly timeMs: TimeMs },
): string | undefined => {
  const aheadMs = Number(head.timeMs) - nowMs
  if (aheadMs <= TOLERANCE_MS) return undefined
  return `the clock says ${iso(nowMs)}, and block ${head.height} was made ${formatDuration(aheadMs)} after that: the clock is behind, or was ahead when the block was made. Until it has passed that time, blocks made here are dated just after their parents, and those of others are voted for late. ${ADVICE}`
}

export const createClockWatch = ({ nowMs, steadyMs, head, warn }: ClockWatchOptions): ClockWatch => {
  let problem: string | undefined
  let offsetMs = nowMs() - steadyMs()

  const checkJump = (): void => {
    const before = offsetMs
    offsetMs = nowMs() - steadyMs()
    const jumpMs = offsetMs - before
    if (Math.abs(jumpMs) <= TOLERANCE_MS) return
    const now = nowMs()
    warn(
      jumpMs > 0
        ? `the clock went ahead by ${formatDuration(jumpMs)}, to ${iso(now)}, or this machine slept: blocks take their times from it. ${ADVICE}`
        : `the clock went back by ${formatDuration(-jumpMs)}, to ${iso(now)}: blocks take their times from it. ${ADVICE}`,
    )
  }

  return {
    check() {
      checkJump()
      const found = clockProblem(nowMs(), head())
      if (found !== undefined && problem === undefined) warn(found)
      if (found === undefined && problem !== undefined)
        warn(`the clock has passed the time of block ${head().height}: block times come from it again`)
      problem = found
    },
    get problem() {
      return problem
    },
  }
}
