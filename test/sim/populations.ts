/** Validators of a seed: how many, how heavy, and which of them are faulty. */
import type { Link } from './network.ts'
import type { Random } from './random.ts'

const MAX_WEIGHT = 10

/** Mostly a handful, now and then up to 32; some who have no vote yet. */
export const drawPowers = (random: Random, most = 32): bigint[] => {
  const draw = random.next()
  const range = draw < 0.7 ? [4, 7] : draw < 0.95 ? [7, 13] : [14, 32]
  const [from = 4, to = 32] = range
  const count = Math.min(most, from + random.below(to - from + 1))
  const isEven = random.chance(0.3)
  const later = random.chance(0.4) && count < 16 ? 1 + random.below(2) : 0
  return Array.from({ length: count + later }, (_, i) =>
    i >= count ? 0n : isEven ? 1n : BigInt(1 + random.below(MAX_WEIGHT)),
  )
}

const sum = (powers: Iterable<bigint>): bigint => [...powers].reduce((total, power) => total + power, 0n)

/** At least one validator, all together below a third of the power: as many as fit, or as `most` allows. */
export const drawFaulty = (random: Random, powers: readonly bigint[], most = powers.length): number[] => {
  const total = sum(powers)
  const faulty: number[] = []
  let power = 0n
  for (const identity of shuffle(random, [...powers.keys()])) {
    const more = power + (powers[identity] ?? 0n)
    if (faulty.length === most || more === power || 3n * more >= total) continue
    faulty.push(identity)
    power = more
  }
  return faulty
}

export const drawOneFaulty = (random: Random, powers: readonly bigint[]): number =>
  drawFaulty(random, powers, 1)[0] ?? 0

export const shuffle = <T>(random: Random, items: readonly T[]): T[] => {
  const shuffled = [...items]
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T]
  }
  return shuffled
}

/** A random half of the numbers below `size`. */
export const drawHalf = (random: Random, size: number): ReadonlySet<number> =>
  new Set(shuffle(random, [...Array(size).keys()]).slice(0, size >> 1))

/** 30 % loss, repetition, and delays that reorder. */
export const ROUGH: Partial<Link> = { loss: 0.3, duplication: 0.2, maxDelayMs: 80 }

/** The powers of a later epoch: some gain, some lose, some have no vote; the faulty ones gain nothing. */
export const drawChurn = (
  random: Random,
  powers: readonly bigint[],
  isFaulty: (identity: number) => boolean,
): bigint[] => {
  const churned = powers.map((power, identity) => {
    const draw = random.next()
    const more = power + BigInt(random.below(MAX_WEIGHT))
    if (draw < 0.4) return power
    if (isFaulty(identity)) return draw < 0.8 ? power : 0n
    return draw < 0.8 ? more : draw < 0.9 ? (power + 1n) / 2n : 0n
  })
  const faulty = sum(churned.filter((_, identity) => isFaulty(identity)))
  return sum(churned) > 3n * faulty ? churned : [...powers]
}
