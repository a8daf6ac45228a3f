/**
 * Strict UTF-8. The standard library decodes broken input to arbitrary characters; a contract must not
 * accept two spellings of one string, so everything that is not well-formed UTF-8 is refused here.
 */

/**
 * The number of bytes of the well-formed sequence that starts at `at`, or 0. Refuses overlong forms,
 * surrogates and code points above U+10FFFF (Unicode 15, table 3-7).
 */
function sequenceLength(at: usize, end: usize): usize {
  const first = load<u8>(at)
  if (first < 0x80) return 1
  if (first < 0xc2 || first > 0xf4) return 0
  const size: usize = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  if (at + size > end) return 0
  const second = load<u8>(at, 1)
  const low: u8 = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80
  const high: u8 = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf
  if (second < low || second > high) return 0
  for (let i: usize = 2; i < size; i++) if ((load<u8>(at + i) & 0xc0) != 0x80) return 0
  return size
}

/** Cost: about 10 gas a byte. */
export function isUtf8(ptr: usize, len: i32): bool {
  const end = ptr + len
  for (let at = ptr; at < end; ) {
    const size = sequenceLength(at, end)
    if (size == 0) return false
    at += size
  }
  return true
}
