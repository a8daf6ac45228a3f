import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { formatAddress } from '../../../node/crypto/address.ts'
import { drawFlameGraph } from '../../../node/diagnostics/flame-graph.ts'
import { buildGasTree, type GasFrame, type GasFrameKind } from '../../../node/diagnostics/gas-tree.ts'
import { parseXml, type XmlElement } from '../../support/xml.ts'
import { TracedChain } from './traced-chain.ts'

interface Box {
  readonly hover: string
  readonly labels: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
}

const numberOf = (element: XmlElement | undefined, name: string): number => {
  const value = Number(element?.attributes[name])
  if (!Number.isFinite(value)) throw new Error(`${name} is no number`)
  return value
}

const boxesOf = (svg: XmlElement): Box[] =>
  svg.children
    .filter(({ name }) => name === 'g')
    .map(({ children }) => {
      const rectangle = children.find(({ name }) => name === 'rect')
      return {
        hover: children.find(({ name }) => name === 'title')?.text ?? '',
        labels: children.filter(({ name }) => name === 'text').map(({ text }) => text),
        x: numberOf(rectangle, 'x'),
        y: numberOf(rectangle, 'y'),
        width: numberOf(rectangle, 'width'),
      }
    })

/** Rounded to hundredths. */
const SLACK = 0.02

/** Every box but the first lies under one of the row above, and none over another. */
const expectNested = (boxes: readonly Box[]): void => {
  const rows = [...new Set(boxes.map(({ y }) => y))].toSorted((a, b) => a - b)
  for (const [i, y] of rows.entries()) {
    const row = boxes.filter(box => box.y === y).toSorted((a, b) => a.x - b.x)
    for (const [j, box] of row.entries()) {
      const before = row[j - 1]
      if (before !== undefined) expect(before.x + before.width).toBeLessThanOrEqual(box.x + SLACK)
      if (i === 0) continue
      const above = boxes.find(
        ({ y: at, x, width }) =>
          at === rows[i - 1] && x <= box.x + SLACK && x + width >= box.x + box.width - SLACK,
      )
      expect(above, `${box.hover} hangs in the air`).toBeDefined()
    }
  }
}

const frame = (
  own: bigint,
  name = 'a',
  children: GasFrame[] = [],
  kind: GasFrameKind = 'line',
): GasFrame => ({
  kind,
  name,
  details: [],
  gas: children.reduce((sum, child) => sum + child.gas, own),
  own,
  children,
})
const draw = (root: GasFrame, title = 'Gas', lost = 0n): XmlElement =>
  parseXml(drawFlameGraph({ root, lost, withoutSymbols: [] }, title))

describe('a flame graph', () => {
  let chain: TracedChain
  let boxes: Box[]
  let gasUsed: bigint
  beforeAll(async () => {
    chain = await TracedChain.with('faulty', 'relay')
    const relay = chain.deploy('relay', [formatAddress(chain.deploy('faulty'))])
    const { trace, receipt } = chain.trace(chain.callOf('relay', relay, 'fill', [20]))
    gasUsed = receipt.gasUsed
    const tree = buildGasTree(trace, gasUsed, chain.symbols)
    boxes = boxesOf(parseXml(drawFlameGraph(tree, 'Gas of a transaction')))
  })

  it('is as wide as the gas used, and each frame as its part of it', () => {
    const [root, ...others] = boxes
    expect(root?.hover).toMatch(/^transaction\n/)
    const scale = (root?.width ?? 0) / Number(gasUsed)
    for (const { hover, width } of [root as Box, ...others]) {
      const gas = Number(/([\d,]+) gas, [\d.]+ %/.exec(hover)?.[1]?.replaceAll(',', ''))
      expect(Math.abs(width - gas * scale)).toBeLessThan(SLACK)
    }
  })

  it('has every frame under the one that called it', () => {
    expect(boxes.length).toBeGreaterThan(10)
    expectNested(boxes)
  })

  it('says what a frame is where there is room, and all of it on hovering', () => {
    const write = boxes.find(({ hover }) => hover.startsWith('storage_write\n'))
    expect(write?.labels).toEqual(['storage_write', expect.stringMatching(/^\d+\.\d %$/)])
    const line = boxes.find(({ labels }) => /^faulty\.ts:\d+ Faulty\.fill$/.test(labels[0] ?? ''))
    expect(line?.hover).toMatch(
      /^faulty\.ts:\d+ Faulty\.fill\ntest\/fixtures\/contracts\/faulty\.ts:\d+\n.*squares.*\n[\d,]+ gas, [\d.]+ %, [\d,]+ of it its own$/,
    )
  })

  it('needs nothing but itself: no script, no link', () => {
    const text = drawFlameGraph({ root: frame(1n), lost: 0n, withoutSymbols: [] }, 'Gas')
    expect(text).not.toMatch(/<script|href|url\(|@import|on\w+=/)
    expect(text.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
  })

  it('leaves out what could not be seen, and cuts names that do not fit', () => {
    const wide = frame(90_000n, 'x'.repeat(400))
    const svg = draw(
      frame(0n, 'root', [wide, frame(9_999n, 'tall'), frame(1n, 'a millionth')], 'transaction'),
    )
    const drawn = boxesOf(svg)
    expect(drawn.map(({ hover }) => hover.split('\n')[0])).toEqual(['root', 'x'.repeat(400), 'tall'])
    expect(drawn[1]?.labels[0]).toMatch(/^x{50,399}…$/)
  })

  it('says what a trap took', () => {
    const texts = draw(frame(5n), 'Gas', 1_234n)
      .children.filter(({ name }) => name === 'text')
      .map(({ text }) => text)
    expect(texts.join('\n')).toContain('1,234 more, lost when a call trapped, are not drawn')
  })

  it('is XML whatever the names are, which are strangers’', () => {
    const evil = '</title><script>alert(1)</script>&amp;"\'\0\u0008\ud800\ufffe'
    const svg = draw(frame(1n, evil), evil)
    expect(boxesOf(svg)[0]?.hover.split('\n')[0]).toBe('</title><script>alert(1)</script>&amp;"\'����')
    const tree: fc.Memo<GasFrame> = fc.memo(depth =>
      fc
        .record({
          own: fc.bigInt({ min: 0n, max: 10n ** 9n }),
          name: fc.string({ unit: 'binary' }),
          kind: fc.constantFrom<GasFrameKind>('call', 'line', 'function', 'host', 'rest'),
          children: depth > 1 ? fc.array(tree(), { maxLength: 3 }) : fc.constant<GasFrame[]>([]),
        })
        .map(({ own, name, kind, children }) => frame(own, name, children, kind)),
    )
    fc.assert(
      fc.property(tree(4), fc.string({ unit: 'binary' }), (root, title) => {
        fc.pre(root.gas > 0n)
        const boxes = boxesOf(draw(root, title))
        expect(boxes[0]?.width).toBeGreaterThan(1_000)
        expectNested(boxes)
      }),
      { numRuns: 200 },
    )
  })
})
