/** A curve of bytes over blocks as an SVG: a light ground, one line, axes with three marks each, a dashed one at `kept` blocks. */
export interface CurvePoint {
  readonly blocks: number
  readonly bytes: number
}

const WIDTH = 720
const HEIGHT = 320
const LEFT = 70
const RIGHT = 20
const TOP = 40
const BOTTOM = 45
const MB = 1_000_000

const text = (x: number, y: number, anchor: 'start' | 'middle' | 'end', content: string): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${content}</text>`

export const drawCurve = (
  points: readonly CurvePoint[],
  { title, kept = Number.POSITIVE_INFINITY }: { title: string; kept?: number },
): string => {
  const mostBlocks = Math.max(1, ...points.map(({ blocks }) => blocks))
  const mostBytes = Math.max(1, ...points.map(({ bytes }) => bytes))
  const x = (blocks: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * blocks) / mostBlocks
  const y = (bytes: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * bytes) / mostBytes
  const line = points.map(({ blocks, bytes }) => `${x(blocks).toFixed(1)},${y(bytes).toFixed(1)}`).join(' ')
  const marks = [0, 0.5, 1].flatMap(share => [
    text(
      x(mostBlocks * share),
      HEIGHT - BOTTOM + 18,
      'middle',
      Math.round(mostBlocks * share).toLocaleString('en-US'),
    ),
    text(
      LEFT - 8,
      y(mostBytes * share) + 4,
      'end',
      `${Math.round((mostBytes * share) / MB).toLocaleString('en-US')} MB`,
    ),
  ])
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 22, 'start', title),
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#999"/>`,
    kept < mostBlocks
      ? `<path d="M${x(kept).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#bbb" stroke-dasharray="4 4"/>`
      : '',
    `<polyline points="${line}" fill="none" stroke="#2563eb" stroke-width="2"/>`,
    ...marks,
    '</svg>',
    '',
  ].join('\n')
}
