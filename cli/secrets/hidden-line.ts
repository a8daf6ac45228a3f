/** What a terminal in raw mode sends, as a line that is not shown: pure, for hidden-prompt.ts. */
export type HiddenLine =
  | { readonly kind: 'open'; readonly text: string }
  /** `rest` was typed, or pasted, behind the line. */
  | { readonly kind: 'entered'; readonly text: string; readonly rest: string }
  | { readonly kind: 'interrupted' }

const [INTERRUPT, END, ERASE_LINE, ERASE_WORD] = ['\u0003', '\u0004', '\u0015', '\u0017']
const ERASE: ReadonlySet<string> = new Set(['\u007F', '\b'])
const ENTER: ReadonlySet<string> = new Set(['\r', '\n'])
const ESCAPE = '\u001B'
/** Arrows and the marks around a pasted text. */
const SEQUENCE = new RegExp(`^${ESCAPE}(\\[[0-9;?]*[ -/]*[@-~]|O[@-~]|)`)
export const MAX_HIDDEN_CHARACTERS = 4_096

/** `text` is what was typed before. */
export const typeHidden = (text: string, keys: string): HiddenLine => {
  let line = text
  for (let at = 0; at < keys.length; ) {
    const char = String.fromCodePoint(keys.codePointAt(at) as number)
    const [sequence] = SEQUENCE.exec(keys.slice(at)) ?? []
    at += sequence?.length ?? char.length
    if (sequence !== undefined) continue
    if (char === INTERRUPT || (char === END && line === '')) return { kind: 'interrupted' }
    if (ENTER.has(char)) return { kind: 'entered', text: line, rest: keys.slice(at) }
    if (ERASE.has(char)) line = Array.from(line).slice(0, -1).join('')
    else if (char === ERASE_LINE) line = ''
    else if (char === ERASE_WORD) line = line.replace(/\S+\s*$/, '')
    else if (char >= ' ' && line.length < MAX_HIDDEN_CHARACTERS) line += char
  }
  return { kind: 'open', text: line }
}
