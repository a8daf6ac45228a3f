/** Pure computation, for measuring what metering costs and how many instructions a second a node runs. */

const SEED: u64 = 0x0123_4567_89ab_cdef
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15

@contract
export class Compute {
  /** Repeats `x = (x ^ (x >> 13)) * K + i` modulo 2^64, from a fixed seed. */
  @view
  mix(iterations: u32): u64 {
    return this.mixed(iterations)
  }

  @unchecked
  private mixed(iterations: u32): u64 {
    let x = SEED
    for (let i: u64 = 0; i < iterations; i++) x = (x ^ (x >> 13)) * MULTIPLIER + i
    return x
  }
}
