/** Random mixes of faults: what nobody thought of scripting. */
import { AggregateSpoiler } from './adversaries/aggregate-spoiler.ts'
import { CarefulSplitter } from './adversaries/careful-splitter.ts'
import { Flooder } from './adversaries/flooder.ts'
import { ForkingLeader } from './adversaries/forking-leader.ts'
import { SelfNullifier } from './adversaries/self-nullifier.ts'
import { SkippingLeader } from './adversaries/skipping-leader.ts'
import { SplitProposer } from './adversaries/split-proposer.ts'
import type { Plan, Scenario } from './plan.ts'
import { drawFaulty, drawHalf, drawPowers } from './populations.ts'
import type { Random } from './random.ts'

const ADVERSARIES = [
  AggregateSpoiler,
  CarefulSplitter,
  Flooder,
  ForkingLeader,
  SelfNullifier,
  SkippingLeader,
  SplitProposer,
] as const

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const drawPlan = (random: Random): Plan => {
  const powers = drawPowers(random, 16)
  const sometimes = (value: number) => (random.chance(0.4) ? value * random.next() : 0)
  const twins: number[] = []
  const silent: number[] = []
  const badSigners: number[] = []
  const invalidBuilders: number[] = []
  const adversaries = new Map() as Mutable<NonNullable<Plan['adversaries']>> & Map<number, never>
  for (const identity of random.chance(0.8) ? drawFaulty(random, powers) : []) {
    const kind = random.below(4 + 2 * ADVERSARIES.length)
    if (kind < 4) [twins, silent, badSigners, invalidBuilders][kind]?.push(identity)
    else {
      const Kind = ADVERSARIES[kind % ADVERSARIES.length] ?? ForkingLeader
      adversaries.set(identity, ((...of: ConstructorParameters<typeof Kind>) => new Kind(...of)) as never)
    }
  }
  const partitionEveryMs = random.chance(0.4) ? 100 + random.below(600) : 0
  const crashAllEveryMs = random.chance(0.25) ? 150 + random.below(600) : 0
  return {
    powers,
    faultsMs: 1_000 + random.below(1_500),
    link: {
      loss: sometimes(0.3),
      duplication: sometimes(0.3),
      maxDelayMs: 10 + random.below(random.chance(0.3) ? 150 : 50),
    },
    crashBeforeSync: sometimes(0.05),
    crashAfterSync: sometimes(0.05),
    tornTail: sometimes(1),
    clockSkewMs: powers.map(() => (random.chance(0.2) ? random.below(2_000) : 0)),
    twins,
    silent,
    badSigners,
    invalidBuilders,
    adversaries,
    script: simulation => {
      const { network, size } = simulation
      if (partitionEveryMs > 0)
        simulation.everyMs(partitionEveryMs, () => {
          const half = drawHalf(random, size)
          const isOneWay = random.chance(0.5)
          const isWhole = random.chance(0.4)
          network.link = {
            ...network.link,
            isCut: (from, to) =>
              !isWhole && (isOneWay ? half.has(from) && !half.has(to) : half.has(from) !== half.has(to)),
          }
        })
      if (crashAllEveryMs > 0)
        simulation.everyMs(crashAllEveryMs, () => {
          simulation.crashAll()
          simulation.startAll()
        })
    },
  }
}

export const swarm: Scenario = {
  number: 0,
  name: 'swarm',
  attacks: 'everything: a random mix of faulty validators, power cuts, partitions and clocks',
  plan: drawPlan,
}
