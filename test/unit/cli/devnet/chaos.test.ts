import { expect, it } from 'vitest'
import { describeTrouble, type Upset, upsets } from '../../../../cli/devnet/chaos.ts'

const take = (seed: number, nodes: number, count: number): Upset[] => {
  const all = upsets(seed, nodes)
  return Array.from({ length: count }, () => all.next().value)
}

it('a seed repeats its troubles, and another has others', () => {
  expect(take(7, 4, 50)).toEqual(take(7, 4, 50))
  expect(take(7, 4, 50)).not.toEqual(take(8, 4, 50))
})

it('troubles are of every kind, about nodes that there are, and leave some quiet between them', () => {
  for (const nodes of [2, 3, 7]) {
    const all = take(3, nodes, 500)
    expect(new Set(all.map(({ trouble }) => trouble.kind)).size).toBe(3)
    for (const { afterMs, trouble } of all) {
      expect(afterMs).toBeGreaterThanOrEqual(3_000)
      expect(trouble.forMs).toBeGreaterThan(0)
      const places =
        trouble.kind === 'kill'
          ? [trouble.node]
          : trouble.kind === 'cut'
            ? [trouble.one, trouble.other]
            : trouble.group
      expect(new Set(places).size).toBe(places.length)
      expect(places.every(place => place >= 0 && place < nodes)).toBe(true)
    }
  }
})

it('is told in words', () => {
  const names = ['a', 'b', 'c']
  expect(describeTrouble({ kind: 'kill', node: 1, forMs: 500 }, names)).toBe(
    'b is killed, and starts again after 0.5 s',
  )
  expect(describeTrouble({ kind: 'cut', one: 0, other: 2, forMs: 2_000 }, names)).toBe(
    'the link between a and c is cut for 2.0 s',
  )
  expect(describeTrouble({ kind: 'split', group: [0, 1], forMs: 3_000 }, names)).toBe(
    'a, b cannot reach the others for 3.0 s',
  )
})
