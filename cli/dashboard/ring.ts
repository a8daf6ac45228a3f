/** The last of a row of things, each with a number that never changes. A value: appending gives another. Pure. */
export interface Ring<T> {
  /** The number of `items[0]`. */
  readonly first: number
  readonly items: readonly T[]
  readonly capacity: number
}

export const createRing = <T>(capacity: number): Ring<T> => ({ first: 0, items: [], capacity })

/** The number that the next one gets. */
export const nextOf = <T>({ first, items }: Ring<T>): number => first + items.length

export const append = <T>(ring: Ring<T>, added: readonly T[]): Ring<T> => {
  if (added.length === 0) return ring
  const all = added.length >= ring.capacity ? added.slice(-ring.capacity) : [...ring.items, ...added]
  const items = all.length > ring.capacity ? all.slice(all.length - ring.capacity) : all
  return { ...ring, first: nextOf(ring) + added.length - items.length, items }
}
