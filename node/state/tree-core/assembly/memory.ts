/**
 * Memory in pages of 64 KiB. Those of an update are free again when it ends; the cache keeps its own. Memory of Wasm
 * never shrinks, so a freed page waits for the next who wants one.
 *
 * An arena is a chain of pages that is filled from front to back and freed as a whole:
 *
 *   arena: u32 first page | u32 last page | u32 next free byte
 *   page:  u32 next page  | u32 end of what is used           | 8 bytes | what was allocated
 */
export const PAGE: usize = 65536
export const PAGE_HEAD: usize = 16
const ARENA: usize = 12
/** Pages that memory grows by. */
const GROWTH = 16

let freePages: usize = 0

export function takePage(): usize {
  if (freePages == 0) {
    const grown = takeRun(GROWTH)
    for (let i = 0; i < GROWTH; i++) givePage(grown + <usize>i * PAGE)
  }
  const page = freePages
  freePages = load<usize>(page)
  return page
}

export function givePage(page: usize): void {
  store<usize>(page, freePages)
  freePages = page
}

/** Pages in one piece, zeroed, for good. */
export function takeRun(pages: i32): usize {
  const at = memory.grow(pages)
  if (at < 0) throw new Error('out of memory')
  return <usize>at << 16
}

/** At most a page without its head; aligned to 8 bytes; with whatever was there before. */
export function allocate(arena: usize, bytes: usize): usize {
  const size = (bytes + 7) & ~7
  let page = load<usize>(arena, 4)
  let at = load<usize>(arena, 8)
  if (page == 0 || at + size > page + PAGE) {
    const next = takePage()
    store<usize>(next, 0)
    if (page == 0) store<usize>(arena, next)
    else store<usize>(page, next)
    page = next
    at = page + PAGE_HEAD
    store<usize>(arena, page, 4)
  }
  store<usize>(arena, at + size, 8)
  store<usize>(page, at + size, 4)
  return at
}

export function release(arena: usize): void {
  for (let page = load<usize>(arena); page != 0; ) {
    const next = load<usize>(page)
    givePage(page)
    page = next
  }
  memory.fill(arena, 0, ARENA)
}
