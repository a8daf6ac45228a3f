/** Elements and the 32 bytes that they are written as: one lane at a time, and the one number below 2^255 - 19. */
import { LIMBS, VECTOR } from './field'

/** Of a number of 255 bits in 32 bytes, little-endian. */
@inline
function limbOf(bytes: usize, i: usize): u32 {
  const bit: usize = (51 * i + 1) >> 1
  // Not beyond the 32 bytes.
  const from = min(bit >> 3, 24)
  const word = load<u64>(bytes + from) >> <u64>(bit - from * 8)
  return <u32>word & ((i & 1) != 0 ? 0x1ffffff : 0x3ffffff)
}

/** A number of 255 bits, little-endian, into one lane. The top bit of its 32 bytes is left out. */
export function putBytes(out: usize, lane: usize, bytes: usize): void {
  for (let i: usize = 0; i < LIMBS; i++)
    store<u32>(out + lane * sizeof<u32>() + i * VECTOR, limbOf(bytes, i))
}

/** The limbs of one lane as they are below 2^255 - 19. */
const CANONICAL: usize = memory.data(80, 16)

/** Takes e <= 5. */
function canonical(a: usize, lane: usize): void {
  const at = a + lane * sizeof<u32>()
  // What goes over the top comes back times 19: up to 2^12 the first time, up to 1 the second, after which it is below 2^255.
  let carry: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++)
    carry = putLimb(i, carry + load<u32>(at + i * VECTOR))
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
  // Is it 2^255 - 19 or more? Then adding 19 goes over the top, which is left out.
  carry = 19
  for (let i: usize = 0; i < LIMBS; i++)
    carry = (carry + load<u64>(CANONICAL + i * sizeof<u64>())) >> ((i & 1) != 0 ? 25 : 26)
  carry *= 19
  for (let i: usize = 0; i < LIMBS; i++) carry = putLimb(i, carry + load<u64>(CANONICAL + i * sizeof<u64>()))
}

@inline
function putLimb(i: usize, limb: u64): u64 {
  const isOdd = (i & 1) != 0
  store<u64>(CANONICAL + i * sizeof<u64>(), limb & (isOdd ? 0x1ffffff : 0x3ffffff))
  return limb >> (isOdd ? 25 : 26)
}

export function isZero(a: usize, lane: usize): bool {
  canonical(a, lane)
  let all: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++) all |= load<u64>(CANONICAL + i * sizeof<u64>())
  return all == 0
}

/** Are these the 255 bits of its smallest number? */
export function hasBytes(a: usize, lane: usize, bytes: usize): bool {
  canonical(a, lane)
  let difference: u64 = 0
  for (let i: usize = 0; i < LIMBS; i++)
    difference |= load<u64>(CANONICAL + i * sizeof<u64>()) ^ <u64>limbOf(bytes, i)
  return difference == 0
}

export function isOdd(a: usize, lane: usize): bool {
  canonical(a, lane)
  return (load<u64>(CANONICAL) & 1) != 0
}
