/** A failure as lines of text. What says what went wrong stands above it: these lines say where. */
import type { FailedCall, Failure } from './failure.ts'
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

const integer = (digits: string): string => digits.replaceAll(/\B(?=(\d{3})+$)/g, ',')

const frameLines = ({ frames, framesCut }: FailedCall, style: FailureStyle): string[] => {
  const shown = frames.slice(0, SHOWN_FRAMES)
  const width = Math.max(...shown.map(frame => place(frame).length))
  const hidden = frames.length - shown.length + framesCut
  return [
    ...shown.map(frame =>
      `  ${style.position(place(frame).padEnd(width))}  ${frame.function ?? ''}`.trimEnd(),
    ),
    ...(hidden > 0 ? [style.faint(`  … and ${integer(String(hidden))} more`)] : []),
  ]
}

const callLine = ({ contract, contractName, method, gasLeft }: FailedCall, style: FailureStyle): string => {
  const name = contractName === null ? `${contract}.${method}` : `${contractName}.${method}`
  const where = contractName === null ? '' : style.faint(` in ${contract}`)
  const gas = gasLeft === null ? '' : style.faint(`, ${integer(gasLeft)} gas left`)
  return `${name}${where}${gas}`
}

const hint = (failure: Failure): string | undefined => {
  const bare = failure.find(call => !call.hasSymbols && call.frames.length > 0)
  if (bare === undefined) return undefined
  return `No lines are known for ${bare.contractName ?? bare.contract}: build this version of it in this folder with "vex build"`
}

/** Innermost call first, the lines of its top frame under it; then those that called it. */
export const formatFailure = (failure: Failure, style: FailureStyle = PLAIN): string[] => {
  const top = failure.find(({ excerpt }) => excerpt !== null)
  const lines = failure.flatMap((call, i) => [
    `${i === 0 ? 'in' : 'called by'} ${callLine(call, style)}`,
    ...(call.frames.length === 0 ? [] : frameLines(call, style)),
    ...(call === top && call.excerpt !== null ? excerptLines(call.excerpt, style) : []),
  ])
  const advice = hint(failure)
  return advice === undefined ? lines : [...lines, style.faint(advice)]
}
