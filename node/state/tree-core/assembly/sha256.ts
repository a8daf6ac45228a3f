/**
 * SHA-256 (FIPS 180-4) of tree nodes, four at a time: a vector's lane is a message.
 *
 * Both kinds of node are hashed from 78 to 80 bytes, so two blocks: a prefix, then two hashes. The messages lie padded
 * in memory, and a job only puts its hashes into them:
 *
 *   inner = "JMT::IntrnalNode" | left | right
 *   leaf  = "JMT::LeafNode" | hash of the key | hash of the value
 *
 * Jobs wait until there are four. None may read what another of the same four writes: {@link finish} in between.
 */
export const HASH: usize = 32

const LANES: usize = 4
const BLOCK: usize = 64
const MESSAGE: usize = 2 * BLOCK

const INNER_PREFIX: usize = 16
const LEAF_PREFIX: usize = 13
const INNER_MESSAGES: usize = memory.data(512, 16)
const LEAF_MESSAGES: usize = memory.data(512, 16)
const OUTPUTS: usize = memory.data(16, 16)
/** Eight words, four lanes. */
const STATE: usize = memory.data(128, 16)
/** 64 words, four lanes. */
const SCHEDULE: usize = memory.data(1024, 16)

// prettier-ignore
const ROUND_CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

const INNER_TEXT: usize = memory.data<u8>([74, 77, 84, 58, 58, 73, 110, 116, 114, 110, 97, 108, 78, 111, 100, 101])
const LEAF_TEXT: usize = memory.data<u8>([74, 77, 84, 58, 58, 76, 101, 97, 102, 78, 111, 100, 101])

let waiting: usize = 0
let messages: usize = INNER_MESSAGES

/** Once, before the first job. */
export function prepare(): void {
  layOut(INNER_MESSAGES, INNER_TEXT, INNER_PREFIX)
  layOut(LEAF_MESSAGES, LEAF_TEXT, LEAF_PREFIX)
}

/** Prefix and padding of four messages. */
function layOut(at: usize, prefix: usize, prefixBytes: usize): void {
  const bytes = prefixBytes + 2 * HASH
  for (let lane: usize = 0; lane < LANES; lane++) {
    const message = at + lane * MESSAGE
    memory.copy(message, prefix, prefixBytes)
    store<u8>(message + bytes, 0x80)
    store<u32>(message + MESSAGE - 4, bswap<u32>(<u32>bytes * 8))
  }
}

export function hashInner(left: usize, right: usize, out: usize): void {
  enqueue(INNER_MESSAGES, INNER_PREFIX, left, right, out)
}

export function hashLeaf(keyHash: usize, valueHash: usize, out: usize): void {
  enqueue(LEAF_MESSAGES, LEAF_PREFIX, keyHash, valueHash, out)
}

function enqueue(kind: usize, prefix: usize, first: usize, second: usize, out: usize): void {
  messages = kind
  const at = kind + waiting * MESSAGE + prefix
  v128.store(at, v128.load(first))
  v128.store(at + 16, v128.load(first + 16))
  v128.store(at + 32, v128.load(second))
  v128.store(at + 48, v128.load(second + 16))
  store<usize>(OUTPUTS + waiting * sizeof<usize>(), out)
  if (++waiting == LANES) finish()
}

/** Does the jobs that wait. */
export function finish(): void {
  if (waiting == 0) return
  for (let word: usize = 0; word < 8; word++)
    v128.store(STATE + word * 16, i32x4.splat(load<u32>(INITIAL + word * 4)))
  compress(messages)
  compress(messages + BLOCK)
  putOut()
  waiting = 0
}

@inline
function bigEndian(words: v128): v128 {
  return i8x16.shuffle(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
}

/** Four vectors of a row each to four of a column each, each word turned round. */
@inline
function transpose(a: v128, b: v128, c: v128, d: v128, at: usize): void {
  const ab = i32x4.shuffle(a, b, 0, 4, 1, 5)
  const cd = i32x4.shuffle(c, d, 0, 4, 1, 5)
  const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7)
  const cd2 = i32x4.shuffle(c, d, 2, 6, 3, 7)
  v128.store(at, bigEndian(i64x2.shuffle(ab, cd, 0, 2)))
  v128.store(at + 16, bigEndian(i64x2.shuffle(ab, cd, 1, 3)))
  v128.store(at + 32, bigEndian(i64x2.shuffle(ab2, cd2, 0, 2)))
  v128.store(at + 48, bigEndian(i64x2.shuffle(ab2, cd2, 1, 3)))
}

@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shr_u(x, bits), i32x4.shl(x, 32 - bits))
}

@inline
function sum1(e: v128): v128 {
  return v128.xor(v128.xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25))
}

@inline
function sum0(a: v128): v128 {
  return v128.xor(v128.xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22))
}

@inline
function first(e: v128, f: v128, g: v128, h: v128, word: usize): v128 {
  const constant = v128.load_splat<u32>(ROUND_CONSTANTS + word * 4)
  const scheduled = i32x4.add(constant, v128.load(SCHEDULE + word * 16))
  const choice = v128.bitselect(f, g, e)
  return i32x4.add(i32x4.add(h, scheduled), i32x4.add(sum1(e), choice))
}

@inline
function second(a: v128, b: v128, c: v128): v128 {
  const majority = v128.bitselect(c, b, v128.xor(a, b))
  return i32x4.add(sum0(a), v128.bitselect(majority, a, v128.xor(a, b)))
}

/** One block of each of four messages, which lie a message apart. */
function compress(block: usize): void {
  for (let column: usize = 0; column < BLOCK; column += 16)
    transpose(
      v128.load(block + column),
      v128.load(block + column + MESSAGE),
      v128.load(block + column + 2 * MESSAGE),
      v128.load(block + column + 3 * MESSAGE),
      SCHEDULE + column * LANES,
    )
  for (let at = SCHEDULE + 16 * 16; at < SCHEDULE + 64 * 16; at += 16) {
    const w15 = v128.load(at - 15 * 16)
    const w2 = v128.load(at - 2 * 16)
    const s0 = v128.xor(v128.xor(rotate(w15, 7), rotate(w15, 18)), i32x4.shr_u(w15, 3))
    const s1 = v128.xor(v128.xor(rotate(w2, 17), rotate(w2, 19)), i32x4.shr_u(w2, 10))
    const rest = i32x4.add(v128.load(at - 16 * 16), v128.load(at - 7 * 16))
    v128.store(at, i32x4.add(rest, i32x4.add(s0, s1)))
  }
  let a = v128.load(STATE)
  let b = v128.load(STATE + 16)
  let c = v128.load(STATE + 32)
  let d = v128.load(STATE + 48)
  let e = v128.load(STATE + 64)
  let f = v128.load(STATE + 80)
  let g = v128.load(STATE + 96)
  let h = v128.load(STATE + 112)
  // Eight rounds at a time, after which every variable is in its place again.
  for (let word: usize = 0; word < 64; word += 8) {
    let t = first(e, f, g, h, word)
    d = i32x4.add(d, t)
    h = i32x4.add(t, second(a, b, c))
    t = first(d, e, f, g, word + 1)
    c = i32x4.add(c, t)
    g = i32x4.add(t, second(h, a, b))
    t = first(c, d, e, f, word + 2)
    b = i32x4.add(b, t)
    f = i32x4.add(t, second(g, h, a))
    t = first(b, c, d, e, word + 3)
    a = i32x4.add(a, t)
    e = i32x4.add(t, second(f, g, h))
    t = first(a, b, c, d, word + 4)
    h = i32x4.add(h, t)
    d = i32x4.add(t, second(e, f, g))
    t = first(h, a, b, c, word + 5)
    g = i32x4.add(g, t)
    c = i32x4.add(t, second(d, e, f))
    t = first(g, h, a, b, word + 6)
    f = i32x4.add(f, t)
    b = i32x4.add(t, second(c, d, e))
    t = first(f, g, h, a, word + 7)
    e = i32x4.add(e, t)
    a = i32x4.add(t, second(b, c, d))
  }
  v128.store(STATE, i32x4.add(v128.load(STATE), a))
  v128.store(STATE + 16, i32x4.add(v128.load(STATE + 16), b))
  v128.store(STATE + 32, i32x4.add(v128.load(STATE + 32), c))
  v128.store(STATE + 48, i32x4.add(v128.load(STATE + 48), d))
  v128.store(STATE + 64, i32x4.add(v128.load(STATE + 64), e))
  v128.store(STATE + 80, i32x4.add(v128.load(STATE + 80), f))
  v128.store(STATE + 96, i32x4.add(v128.load(STATE + 96), g))
  v128.store(STATE + 112, i32x4.add(v128.load(STATE + 112), h))
}

/** The lanes that jobs wait for, to where they want them. */
function putOut(): void {
  for (let half: usize = 0; half < 2; half++) {
    const words = STATE + half * 64
    // The schedule has done its work: it holds the rows now.
    transpose(
      v128.load(words),
      v128.load(words + 16),
      v128.load(words + 32),
      v128.load(words + 48),
      SCHEDULE,
    )
    for (let lane: usize = 0; lane < waiting; lane++)
      v128.store(load<usize>(OUTPUTS + lane * sizeof<usize>()) + half * 16, v128.load(SCHEDULE + lane * 16))
  }
}
