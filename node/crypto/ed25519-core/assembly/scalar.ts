/**
 * Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point: eight words of 32 bits,
 * little-endian, below L unless said otherwise.
 */
const SCALAR: usize = 32
const WORDS: usize = 8
const WORD: usize = 4

// prettier-ignore
const ORDER: usize = memory.data<u32>([
  0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0x00000000, 0x00000000, 0x00000000, 0x10000000,
])
/** -1 / L modulo 2^32 */
const ORDER_FACTOR: u32 = 0x12547e1b
/** 2^512 modulo L */
// prettier-ignore
const R2: usize = memory.data<u32>([
  0x449c0f01, 0xa40611e3, 0x68859347, 0xd00e1ba7, 0x17f5be65, 0xceec73d2, 0x7c309a3d, 0x0399411b,
])
/** 2^768 modulo L */
// prettier-ignore
const R3: usize = memory.data<u32>([
  0x7b83a2db, 0x2a9e4968, 0xaef7f3ec, 0x278324e6, 0x04ec5b65, 0x8065dc6c, 0x3599cec7, 0x0e530b77,
])

const WIDE: usize = memory.data(48, 16)
const LOW: usize = memory.data(32, 16)
const HIGH: usize = memory.data(32, 16)

/**
 * a b / 2^256 modulo L (Montgomery, 1985; word by word as in Koç, Acar and Kaliski, 1996). `a` may be any number of 256
 * bits. The result may lie where the operands do.
 */
function montgomery(out: usize, a: usize, b: usize): void {
  memory.fill(WIDE, 0, 48)
  for (let i: usize = 0; i < WORDS; i++) {
    const word = <u64>load<u32>(a + i * WORD)
    let carry: u64 = 0
    for (let j: usize = 0; j < WORDS; j++) {
      const sum = word * <u64>load<u32>(b + j * WORD) + <u64>load<u32>(WIDE + j * WORD) + carry
      store<u32>(WIDE + j * WORD, <u32>sum)
      carry = sum >> 32
    }
    const top = <u64>load<u32>(WIDE + WORDS * WORD) + carry
    const quotient: u32 = load<u32>(WIDE) * ORDER_FACTOR
    const factor = <u64>quotient
    carry = (factor * <u64>load<u32>(ORDER) + <u64>load<u32>(WIDE)) >> 32
    for (let j: usize = 1; j < WORDS; j++) {
      const sum = factor * <u64>load<u32>(ORDER + j * WORD) + <u64>load<u32>(WIDE + j * WORD) + carry
      store<u32>(WIDE + (j - 1) * WORD, <u32>sum)
      carry = sum >> 32
    }
    const rest = top + carry
    store<u32>(WIDE + (WORDS - 1) * WORD, <u32>rest)
    store<u32>(WIDE + WORDS * WORD, <u32>(rest >> 32))
  }
  // Below 2 L, so of 254 bits.
  subtractOrder(out, WIDE)
}

/** `a` is below 2 L. */
function subtractOrder(out: usize, a: usize): void {
  let borrow: i64 = 0
  for (let i: usize = 0; i < WORDS; i++) {
    borrow += <i64>load<u32>(a + i * WORD) - <i64>load<u32>(ORDER + i * WORD)
    store<u32>(LOW + i * WORD, <u32>borrow)
    borrow >>= 32
  }
  memory.copy(out, borrow < 0 ? a : LOW, SCALAR)
}

const ONE: usize = memory.data<u32>([1, 0, 0, 0, 0, 0, 0, 0])

/** A number of 512 bits modulo L. */
export function reduceWide(out: usize, wide: usize): void {
  montgomery(HIGH, wide + SCALAR, R3)
  montgomery(out, wide, R2)
  let carry: u64 = 0
  for (let i: usize = 0; i < WORDS; i++) {
    carry += <u64>load<u32>(out + i * WORD) + <u64>load<u32>(HIGH + i * WORD)
    store<u32>(WIDE + i * WORD, <u32>carry)
    carry >>= 32
  }
  subtractOrder(HIGH, WIDE)
  montgomery(out, HIGH, ONE)
}

/**
 * 64 digits of 4 bits or 32 of 8, each between minus half of what these could be and one less than half, a byte each. The
 * number is below 2^255.
 */
export function putDigits(out: usize, scalar: usize, bits: usize): void {
  const half = 1 << (<i32>bits - 1)
  let carry = 0
  for (let i: usize = 0; i < 256 / bits; i++) {
    const at = i * bits
    const digit = carry + ((<i32>load<u8>(scalar + (at >> 3)) >> <i32>(at & 7)) & (2 * half - 1))
    carry = digit >= half ? 1 : 0
    store<i8>(out + i, <i8>(digit - carry * 2 * half))
  }
}
