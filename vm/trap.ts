/** Names traps in words of our own: what goes on chain must not depend on an engine's wording. */
const TRAPS: readonly (readonly [engine: string, ours: string])[] = [
  ['unreachable', 'unreachable code was reached'],
  ['memory access out of bounds', 'memory access out of bounds'],
  ['divide by zero', 'division by zero'],
  ['remainder by zero', 'division by zero'],
  ['divide result unrepresentable', 'integer overflow in a division'],
  ['float unrepresentable', 'a float does not fit the integer it is converted to'],
  ['table index is out of bounds', 'indirect call outside the table'],
  [
    'null function or function signature mismatch',
    'indirect call to a missing function or one of another type',
  ],
]

export function nameTrap(engineMessage: string): string {
  return TRAPS.find(([engine]) => engineMessage.includes(engine))?.[1] ?? 'trap'
}
