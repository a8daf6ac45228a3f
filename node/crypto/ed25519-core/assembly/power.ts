/** Powers in the field: roots and inverses. */
import { FIELD } from './field'
import { multiply, square } from './multiply'

/** `count` times. */
export function squares(out: usize, a: usize, count: i32): void {
  square(out, a)
  for (let i = 1; i < count; i++) square(out, out)
}

const P58: usize = memory.data(480, 16)

/** To the power of (p - 5) / 8 = 2^252 - 3, for square roots (RFC 8032, 5.1.3). `out` may not be `a`. Takes reduced. */
export function powerForRoot(out: usize, a: usize): void {
  const a9 = P58
  const run = P58 + FIELD
  const longer = P58 + 2 * FIELD
  squares(run, a, 1)
  squares(a9, run, 2)
  multiply(a9, a9, a) // 9
  multiply(run, run, a9) // 11
  squares(run, run, 1) // 22
  multiply(run, run, a9) // 2^5 - 1
  squares(longer, run, 5)
  multiply(run, longer, run) // 2^10 - 1
  squares(longer, run, 10)
  multiply(longer, longer, run) // 2^20 - 1
  squares(out, longer, 20)
  multiply(longer, out, longer) // 2^40 - 1
  squares(longer, longer, 10)
  multiply(run, longer, run) // 2^50 - 1
  squares(longer, run, 50)
  multiply(longer, longer, run) // 2^100 - 1
  squares(out, longer, 100)
  multiply(longer, out, longer) // 2^200 - 1
  squares(longer, longer, 50)
  multiply(run, longer, run) // 2^250 - 1
  squares(run, run, 2)
  multiply(out, run, a)
}

/** 1 / a, to the power of p - 2 = 8 (2^252 - 3) + 3. `out` may not be `a`. Takes reduced. */
export function invert(out: usize, a: usize): void {
  powerForRoot(out, a)
  squares(out, out, 3)
  square(P58, a)
  multiply(P58, P58, a)
  multiply(out, out, P58)
}
