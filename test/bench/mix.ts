/** The loop of contracts/compute, computed here: what the contract must return. */
const SEED = 0x0123_4567_89ab_cdefn
const MULTIPLIER = 0x9e37_79b9_7f4a_7c15n

export const mixReference = (iterations: number): bigint => {
  let x = SEED
  for (let i = 0n; i < BigInt(iterations); i++) {
    x = BigInt.asUintN(64, (x ^ (x >> 13n)) * MULTIPLIER + i)
  }
  return x
}

/** `total` in parts of at most `most`, as equal as can be. */
export const splitEvenly = (total: number, most: number): number[] => {
  const parts = Math.ceil(total / most)
  return Array.from(
    { length: parts },
    (_, index) => Math.floor((total * (index + 1)) / parts) - Math.floor((total * index) / parts),
  )
}
