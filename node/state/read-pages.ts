/** A column from its first key to its last, in pages of about {@link PAGE_BYTES}: it need not fit in memory. */
import type { Column, Database } from '../storage/database.ts'

const PAGE_BYTES = 4 << 20
const FIRST_PAGE_ENTRIES = 16
const MAX_PAGE_ENTRIES = 10_000

/** Each page is read at its own moment: of a database that is written meanwhile, they do not fit together. */
export function* readPages(db: Database, column: Column): Generator<[key: Uint8Array, value: Uint8Array][]> {
  let from: Uint8Array = new Uint8Array(0)
  let limit = FIRST_PAGE_ENTRIES
  for (;;) {
    const page = db.range(column, { from, limit })
    const last = page.at(-1)?.[0]
    if (last === undefined) return
    yield page
    if (page.length < limit) return
    from = Buffer.concat([last, Uint8Array.of(0)])
    const bytes = page.reduce((sum, [key, value]) => sum + key.length + value.length, 0)
    limit = Math.min(MAX_PAGE_ENTRIES, limit * 4, Math.max(1, Math.floor((PAGE_BYTES * page.length) / bytes)))
  }
}
