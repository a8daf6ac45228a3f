import { CarefulSplitter } from '../adversaries/careful-splitter.ts'
import { InvariantError } from '../invariants.ts'
import { drawFaulty, drawPowers } from '../populations.ts'
import type { Plan, Scenario } from '../plan.ts'
import type { Random } from '../random.ts'
import { toHex } from '../../../node/types/primitives.ts'

/** More than a vote, and the answer to it, take. */
const ANSWERED_MS = 300
/** The end of an epoch takes with it what was under way. */
const ONE_EPOCH = 1_000_000

const drawPlan = (random: Random): Plan => {
  const powers = drawPowers(random, 13)
  const faulty = drawFaulty(random, powers, 1 + random.below(2))
  const splitters = new Map<number, CarefulSplitter>()
  /** By `epoch/view`: the first block that an honest validator voted for. */
  const first = new Map<string, string>()
  /** Views in which honest validators have voted for two, and since when. */
  const torn = new Map<string, number>()
  return {
    powers,
    faultsMs: 2_000,
    epochBlocks: ONE_EPOCH,
    link: { maxDelayMs: 20 + random.below(60) },
    adversaries: new Map(
      faulty.map(identity => [
        identity,
        (...of) => {
          const splitter = new CarefulSplitter(...of)
          splitters.set(identity, splitter)
          return splitter
        },
      ]),
    ),
    script: ({ watch, schedule }) => {
      watch.onHonestVote = (_identity, { kind, epoch, view, hash }) => {
        if (kind !== 'notarize' || hash === undefined) return
        const name = `${epoch}/${view}`
        const block = toHex(hash)
        if (!first.has(name)) first.set(name, block)
        else if (first.get(name) !== block && !torn.has(name)) torn.set(name, schedule.now)
      }
    },
    reached: ({ convicted }) => convicted.size > 0,
    verify: ({ convicted, schedule }) => {
      for (const [identity, { split, whispered }] of splitters) {
        if (convicted.has(identity)) continue
        const isKnown = (sinceMs: number) => sinceMs < schedule.now - ANSWERED_MS
        const known = [
          ...[...torn].filter(([view, sinceMs]) => split.has(view) && isKnown(sinceMs)),
          ...[...whispered].filter(([view, sinceMs]) => first.has(view) && isKnown(sinceMs)),
        ]
        if (known.length > 0)
          throw new InvariantError(
            `validator ${identity} signed two blocks in view ${known[0]?.[0]}, honest nodes know of both, and nobody can prove it`,
          )
      }
    },
  }
}

export const carefulSplit: Scenario = {
  number: 35,
  name: 'careful-split',
  attacks: 'evidence: two blocks for two halves, and never a word to a half that gives the other one away',
  plan: drawPlan,
}
