const MAX_TYPING_ERRORS = 3

/** How many letters to add, drop or change to get from `a` to `b` (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1]
    for (const [j, other] of Array.from(b).entries()) {
      const change = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** Which of `known` somebody meant who wrote `name`; `undefined` if none is close. */
export const nearestName = (name: string, known: readonly string[]): string | undefined => {
  const [nearest] = known
    .map(each => ({ each, errors: distance(name.toLowerCase(), each.toLowerCase()) }))
    .toSorted((a, b) => a.errors - b.errors)
  return nearest !== undefined && nearest.errors <= Math.min(MAX_TYPING_ERRORS, name.length / 2)
    ? nearest.each
    : undefined
}
