/**
 * What goes wrong in a devnet with `--chaos`, chosen by a seed: a node is killed and comes back, a link breaks, the network
 * falls into two halves. One thing at a time, and then some quiet, so that the chain's recovery shows.
 */

export type Trouble =
  | { readonly kind: 'kill'; readonly node: number; readonly forMs: number }
  | { readonly kind: 'cut'; readonly one: number; readonly other: number; readonly forMs: number }
  | { readonly kind: 'split'; readonly group: readonly number[]; readonly forMs: number }

export interface Upset {
  readonly afterMs: number
  readonly trouble: Trouble
}

/** Numbers in [0, 1), the same for the same seed (mulberry32, by Tommy Ettinger, public domain). */
const createRandom = (seed: number) => {
  let state = seed >>> 0
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const QUIET_MS = [3_000, 8_000] as const
const DOWN_MS = [500, 4_000] as const
const CUT_MS = [2_000, 8_000] as const
const SPLIT_MS = [2_000, 10_000] as const

/** Without end. `nodes`: how many there are, two at least. */
export function* upsets(seed: number, nodes: number): Generator<Upset, never> {
  const random = createRandom(seed)
  const between = ([least, most]: readonly [number, number]): number =>
    Math.round(least + random() * (most - least))
  const below = (count: number): number => Math.floor(random() * count)
  for (;;) {
    const afterMs = between(QUIET_MS)
    const chance = random()
    if (chance < 0.5)
      yield { afterMs, trouble: { kind: 'kill', node: below(nodes), forMs: between(DOWN_MS) } }
    else if (chance < 0.8) {
      const one = below(nodes)
      const other = (one + 1 + below(nodes - 1)) % nodes
      yield { afterMs, trouble: { kind: 'cut', one, other, forMs: between(CUT_MS) } }
    } else {
      const first = below(nodes)
      const group = Array.from({ length: Math.floor(nodes / 2) }, (_, i) => (first + i) % nodes)
      yield { afterMs, trouble: { kind: 'split', group, forMs: between(SPLIT_MS) } }
    }
  }
}

/** What it does, in words; names by place. */
export const describeTrouble = (trouble: Trouble, names: readonly string[]): string => {
  const seconds = `${(trouble.forMs / 1_000).toFixed(1)} s`
  switch (trouble.kind) {
    case 'kill':
      return `${names[trouble.node]} is killed, and starts again after ${seconds}`
    case 'cut':
      return `the link between ${names[trouble.one]} and ${names[trouble.other]} is cut for ${seconds}`
    case 'split':
      return `${trouble.group.map(place => names[place]).join(', ')} cannot reach the others for ${seconds}`
  }
}
