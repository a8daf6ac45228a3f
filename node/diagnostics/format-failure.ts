/** A failure as lines of text. What says what went wrong stands above it: these lines say where. */
import type { FailedCall, Failure } from './failure.ts'
import { formatInteger } from './format-integer.ts'
import type { Excerpt, SourceFrame } from './symbols.ts'

/** More are counted: a recursion repeats itself. */
const SHOWN_FRAMES = 12

/** How each kind of text is set off; by default not at all. */
export interface FailureStyle {
  readonly position: (text: string) => string
  readonly faint: (text: string) => string
  readonly strong: (text: string) => string
}

const PLAIN: FailureStyle = { position: text => text, faint: text => text, strong: text => text }

const place = ({ functionIndex, offset, position }: SourceFrame): string =>
  position === null
    ? `function ${functionIndex}, byte ${offset}`
    : `${position.file}:${position.line}:${position.column}`

/** The line alone. */
const narrow = ({ file, line, column, firstLine, lines }: Excerpt): Excerpt => ({
  file,
  line,
  column,
  firstLine: line,
  lines: lines.slice(line - firstLine, line - firstLine + 1),
})

const excerptLines = ({ firstLine, lines, line, column }: Excerpt, style: FailureStyle): string[] => {
  const width = String(firstLine + lines.length - 1).length
  return lines.flatMap((text, i) => {
    const number = firstLine + i
    const shown = `    ${style.faint(`${String(number).padStart(width)} │`)} ${text}`.trimEnd()
    if (number !== line || column > text.length + 1) return [shown]
    // A tab stays one, so that the caret stands under its character.
    const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, ' ')
    return [shown, `    ${style.faint(`${' '.repeat(width)} │`)} ${indent}${style.strong('^')}`]
  })
}

const frameLines = ({ frames, framesCut }: FailedCall, style: FailureStyle): string[] => {
  const shown = frames.slice(0, SHOWN_FRAMES)
  const width = Math.max(...shown.map(frame => place(frame).length))
  const hidden = frames.length - shown.length + framesCut
  return [
    ...shown.map(frame =>
      `  ${style.position(place(frame).padEnd(width))}  ${frame.function ?? ''}`.trimEnd(),
    ),
    ...(hidden > 0 ? [style.faint(`  … and ${formatInteger(String(hidden))} more`)] : []),
  ]
}

const callLine = ({ contract, contractName, method, gasLeft }: FailedCall, style: FailureStyle): string => {
  const name = contractName === null ? `${contract}.${method}` : `${contractName}.${method}`
  const where = contractName === null ? '' : style.faint(` in ${contract}`)
  const gas = gasLeft === null ? '' : style.faint(`, ${formatInteger(gasLeft)} gas left`)
  return `${name}${where}${gas}`
}

/** What the caller made of it may say less, or something else. Who runs out of gas takes its callers along. */
const ownReason = ({ message, code }: FailedCall, caller: FailedCall | undefined): string => {
  const isTold =
    caller === undefined ||
    caller.message.includes(message) ||
    (code === 'out_of_gas' && caller.code === 'out_of_gas')
  return isTold ? '' : `: ${message} (${code})`
}

const hint = (failure: Failure): string | undefined => {
  const bare = failure.find(call => !call.hasSymbols && call.frames.length > 0)
  if (bare === undefined) return undefined
  return `No lines are known for ${bare.contractName ?? bare.contract}: build this version of it in this folder with "vex build"`
}

const isSamePlace = (a: Excerpt | null, b: Excerpt | null): boolean =>
  a !== null && b !== null && a.file === b.file && a.line === b.line && a.column === b.column

/** The lines around the innermost place, and of each one further out its line; none twice. */
const excerptOf = (failure: Failure, i: number): Excerpt | undefined => {
  const own = failure[i]?.excerpt ?? null
  const inner = failure.slice(0, i).map(({ excerpt }) => excerpt)
  if (own === null || inner.some(excerpt => isSamePlace(excerpt, own))) return undefined
  return inner.every(excerpt => excerpt === null) ? own : narrow(own)
}

/** Innermost call first, then those that called it, each with its stack and what stands at the top of it. */
export const formatFailure = (failure: Failure, style: FailureStyle = PLAIN): string[] => {
  const lines = failure.flatMap((call, i) => {
    const excerpt = excerptOf(failure, i)
    return [
      `${i === 0 ? 'in' : 'called by'} ${callLine(call, style)}${ownReason(call, failure[i + 1])}`,
      ...(call.frames.length === 0 ? [] : frameLines(call, style)),
      ...(excerpt === undefined ? [] : excerptLines(excerpt, style)),
    ]
  })
  const advice = hint(failure)
  return advice === undefined ? lines : [...lines, style.faint(advice)]
}
