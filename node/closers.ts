/** What has been opened, to be closed in the reverse order: at the end, or when a start fails half way. */

export interface Closers {
  add(close: () => Promise<void> | void): void
  /** A failure does not keep the rest open; the first is thrown. What was closed is not closed again. */
  closeAll(): Promise<void>
}

export const createClosers = (): Closers => {
  const closers: (() => Promise<void> | void)[] = []
  return {
    add(close) {
      closers.push(close)
    },
    async closeAll() {
      const failures: unknown[] = []
      for (const close of closers.splice(0).toReversed()) {
        try {
          await close()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw failures[0]
    },
  }
}
