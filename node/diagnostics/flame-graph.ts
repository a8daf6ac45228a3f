/**
 * A gas tree as a picture: an SVG that needs nothing but itself, no script either. The transaction is on top; under each
 * frame stands what it called, as wide as the gas it took. What is too narrow for a word says on hovering what it is,
 * what is too narrow to be seen is left out.
 */
import type { Gas } from '../types/primitives.ts'
import { formatInteger } from './format-integer.ts'
import type { GasFrame, GasFrameKind, GasTree } from './gas-tree.ts'

const WIDTH = 1_200
const MARGIN = 12
const ROW = 19
const TITLE_Y = 26
const SUBTITLE_Y = 45
const LEGEND_Y = 56
const TOP = 82
const FONT_SIZE = 11
/** Of the font below. */
const CHARACTER = FONT_SIZE * 0.602
const TEXT_MARGIN = 4
const LEAST_WIDTH = 0.4
const LEAST_CHARACTERS = 3

interface Colour {
  readonly legend: string
  readonly hue: number
  /** Hues around it are its too, so that a frame is told from the next. */
  readonly width: number
  readonly saturation: number
  readonly lightness: number
}

const COLOURS: Readonly<Record<GasFrameKind, Colour>> = {
  transaction: { legend: 'transaction', hue: 220, width: 0, saturation: 12, lightness: 82 },
  call: { legend: 'call of a contract', hue: 212, width: 24, saturation: 70, lightness: 76 },
  line: { legend: 'line of source', hue: 36, width: 32, saturation: 88, lightness: 70 },
  function: {
    legend: 'function of the SDK or of code without symbols',
    hue: 48,
    width: 16,
    saturation: 28,
    lightness: 84,
  },
  host: { legend: 'host function', hue: 146, width: 28, saturation: 42, lightness: 72 },
  rest: { legend: 'before any contract runs', hue: 220, width: 0, saturation: 8, lightness: 90 },
}

const spreadOf = (name: string): number => {
  let hash = 0
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000
  return hash / 1_000 - 0.5
}

/** `spread`: from -0.5 to 0.5. */
const fillOf = (kind: GasFrameKind, spread = 0): string => {
  const { hue, width, saturation, lightness } = COLOURS[kind]
  return `hsl(${Math.round(hue + width * spread)} ${saturation}% ${lightness}%)`
}

/** XML 1.0 has no way to write most control characters. */
const NOT_XML = /(?![\t\n\r])[\p{Cc}\ufffe\uffff]/gu
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const escape = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(NOT_XML, '\ufffd')
    .replaceAll(/[&<>"]/g, character => ENTITIES[character] as string)

const short = (value: number): string => String(Math.round(value * 100) / 100)

const percent = (gas: Gas, total: Gas): string => `${((Number(gas) / Number(total)) * 100).toFixed(1)} %`

const hoverText = (frame: GasFrame, total: Gas): string => {
  const own = frame.children.length === 0 ? '' : `, ${formatInteger(frame.own)} of it its own`
  const cost = `${formatInteger(frame.gas)} gas, ${percent(frame.gas, total)}${own}`
  return [frame.name, ...frame.details, cost].join('\n')
}

/** The name as far as there is room, and behind it how much of the whole it is. */
const drawLabel = ({ frame, x, width }: Placed, baseline: number, total: Gas): string => {
  const { name, gas } = frame
  const room = Math.floor((width - 2 * TEXT_MARGIN) / CHARACTER)
  if (room < Math.min(name.length, LEAST_CHARACTERS)) return ''
  const label = name.length <= room ? name : `${name.slice(0, room - 1)}…`
  const share = percent(gas, total)
  const text = `<text x="${short(x + TEXT_MARGIN)}" y="${baseline}">${escape(label)}</text>`
  if (name.length + share.length + 2 > room) return text
  return `${text}<text class="share" x="${short(x + width - TEXT_MARGIN)}" y="${baseline}">${share}</text>`
}

interface Placed {
  readonly frame: GasFrame
  readonly x: number
  readonly width: number
  readonly row: number
}

const place = (root: GasFrame): Placed[] => {
  const scale = (WIDTH - 2 * MARGIN) / Number(root.gas)
  const placed: Placed[] = []
  const visit = (frame: GasFrame, x: number, row: number): void => {
    const width = Number(frame.gas) * scale
    if (!(width >= LEAST_WIDTH)) return
    placed.push({ frame, x, width, row })
    let at = x
    for (const child of frame.children) {
      visit(child, at, row + 1)
      at += Number(child.gas) * scale
    }
  }
  visit(root, MARGIN, 0)
  return placed
}

const drawFrame = (placed: Placed, total: Gas): string => {
  const { frame, x, width, row } = placed
  const y = TOP + row * ROW
  const fill = fillOf(frame.kind, spreadOf(frame.name))
  const box = `<rect x="${short(x)}" y="${y}" width="${short(width)}" height="${ROW - 1}" fill="${fill}"/>`
  return `<g><title>${escape(hoverText(frame, total))}</title>${box}${drawLabel(placed, y + ROW - 6, total)}</g>`
}

const drawLegend = (kinds: ReadonlySet<GasFrameKind>): string => {
  let x = MARGIN
  return (Object.keys(COLOURS) as GasFrameKind[])
    .filter(kind => kind !== 'transaction' && kinds.has(kind))
    .map(kind => {
      const { legend } = COLOURS[kind]
      const mark = `<rect x="${short(x)}" y="${LEGEND_Y}" width="11" height="11" fill="${fillOf(kind)}"/>`
      const text = `<text x="${short(x + 16)}" y="${LEGEND_Y + 10}">${legend}</text>`
      x += 16 + legend.length * CHARACTER + 20
      return mark + text
    })
    .join('\n')
}

const STYLE = `text{font:${FONT_SIZE}px ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#222}.title{font-size:15px;font-weight:bold}.faint,.share{fill:#555}.share{text-anchor:end}g rect{rx:1.5px}g:hover rect{stroke:#222}`

/** `title` is the picture's first line. */
export const drawFlameGraph = ({ root, lost }: GasTree, title: string): string => {
  const placed = place(root)
  const rows = Math.max(0, ...placed.map(({ row }) => row)) + 1
  const height = TOP + rows * ROW + MARGIN
  const trapped = lost === 0n ? '' : `; ${formatInteger(lost)} more, lost when a call trapped, are not drawn`
  const subtitle = `${formatInteger(root.gas)} gas${trapped}. As wide as its gas; hover for numbers and places.`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}">`,
    `<title>${escape(title)}</title>`,
    `<style>${escape(STYLE)}</style>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text class="title" x="${MARGIN}" y="${TITLE_Y}">${escape(title)}</text>`,
    `<text class="faint" x="${MARGIN}" y="${SUBTITLE_Y}">${escape(subtitle)}</text>`,
    drawLegend(new Set(placed.map(({ frame }) => frame.kind))),
    ...placed.map(each => drawFrame(each, root.gas)),
    '</svg>',
    '',
  ].join('\n')
}
