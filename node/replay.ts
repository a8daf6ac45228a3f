/**
 * Blocks that are final in the consensus log and not in the database are committed again by consensus itself. Until
 * then the chain looks shorter than what this node has told: a database that lost the end of its own log (damage, not
 * a crash) would be believed. Hence nobody is answered before the head has come that far.
 */
import { recordCodec } from './consensus/records.ts'
import { StorageError } from './storage/database.ts'
import { type Height, toHex } from './types/primitives.ts'

/** The highest block of the log that it proves final; 0 if there is none. Alone, the own vote is the whole quorum. */
export const finalHeightOfLog = (records: readonly Uint8Array[], isAlone: boolean): Height => {
  const heights = new Map<string, Height>()
  const final: string[] = []
  for (const bytes of records) {
    const record = recordCodec.decode(bytes)
    if (record.kind === 'block') heights.set(toHex(record.block.hash), record.block.height)
    const statement =
      record.kind === 'certificate'
        ? record.certificate
        : record.kind === 'vote' && isAlone
          ? record.statement
          : undefined
    if (statement?.kind === 'finalize' && statement.hash !== undefined) final.push(toHex(statement.hash))
  }
  return final.reduce((highest, hash) => {
    const height = heights.get(hash) ?? 0n
    return height > highest ? height : highest
  }, 0n)
}

/** Resolves when `head` has reached `height`; throws if nothing moves any more, or on `failed`. */
export const awaitReplay = async (options: {
  readonly height: Height
  readonly head: () => Height
  readonly logPath: string
  /** Without a block in this time the log's blocks do not stand on the database's. */
  readonly idleMs: number
  readonly failed: () => unknown
}): Promise<void> => {
  const { height, head, idleMs, logPath, failed } = options
  let [last, lastAtMs] = [head(), performance.now()]
  while (head() < height) {
    await new Promise(resolve => setTimeout(resolve, 10))
    if (failed() !== undefined) throw failed()
    if (head() !== last) [last, lastAtMs] = [head(), performance.now()]
    if (performance.now() - lastAtMs > idleMs)
      throw new StorageError(
        'corrupt',
        `the database ends at block ${last}, and ${logPath} says that block ${height} is final: what lies between them is lost. Restore the data directory from a copy`,
      )
  }
}
