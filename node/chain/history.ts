/**
 * A transaction of a final block once more, with a note of all that happens in it: on the state before its block,
 * which the records of replaced values give back for recent blocks.
 */
import type { Vm } from '../../vm/execution.ts'
import { stateBefore } from '../state/undo.ts'
import type { StateReader } from '../state/view.ts'
import { COLUMNS, type Database, StorageError } from '../storage/database.ts'
import { BlockExecution } from '../transition/block.ts'
import { type Trace, Tracer } from '../transition/trace.ts'
import type { Genesis } from '../types/genesis.ts'
import { bytesEqual, type Height } from '../types/primitives.ts'
import { type Receipt, receiptCodec, receiptsOf } from '../types/receipt.ts'
import { parseTransaction } from '../types/transaction.ts'
import { blockEnvironment } from './environment.ts'
import { BlockStore, heightKey } from './store.ts'
import type { TransactionPlace } from '../types/transaction-terms.ts'

const PAGE = 256
/** Of records laid over one another; more are more than a thread should hold. */
const MAX_RECORD_BYTES = 192 * 1024 * 1024

/** The state before the block is not there to be read any more, or never was. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError'
  readonly code = 'no_history'
}

/** Of the blocks after `height` up to `head`, oldest first. Throws a {@link HistoryError} if one is missing. */
export function* recordsAfter(db: Database, height: Height, head: Height): Generator<Uint8Array> {
  let bytes = 0
  let next = height + 1n
  while (next <= head) {
    const page = db.range(COLUMNS.undo, { from: heightKey(next), to: heightKey(head + 1n), limit: PAGE })
    for (const [key, record] of page) {
      if (!bytesEqual(key, heightKey(next))) break
      next += 1n
      bytes += record.length
      if (bytes > MAX_RECORD_BYTES)
        throw new HistoryError(
          `too much has changed since block ${height + 1n}: its state can no longer be put together in memory`,
        )
      yield record
    }
    if (next <= head && page.length < PAGE)
      throw new HistoryError(
        `the state before block ${height + 1n} is not kept any more: a node keeps those of its last blocks only. vex dev keeps more than others`,
      )
  }
}

export interface PastTrace {
  readonly trace: Trace
  /** As it came out now. */
  readonly receipt: Receipt
  /** The receipt is the one on the chain, byte by byte. */
  readonly isExact: boolean
}

/** `now` is the state after block `head`, which may be any since the transaction's. */
export const tracePast = (options: {
  db: Database
  genesis: Genesis
  vm: Vm
  now: StateReader
  head: Height
  place: TransactionPlace
  gas: boolean
}): PastTrace => {
  const { db, genesis, vm, now, head, place } = options
  const store = new BlockStore(db)
  const stored = store.blockByHeight(place.height)
  const parent = store.blockByHeight(place.height - 1n)
  const expected = store.receipt(place)
  const keptFrom = store.keptFrom()
  if (place.height < keptFrom || (place.height === keptFrom && keptFrom > 1n))
    throw new HistoryError(
      `block ${place.height} or its parent is not kept any more: this node has blocks from ${keptFrom} on`,
    )
  if (stored === undefined || parent === undefined || expected === undefined)
    throw new StorageError('corrupt', `block ${place.height}, its parent or its receipts are missing`)
  const execution = new BlockExecution({
    environment: blockEnvironment(genesis, parent.block.header, stored.block.header, stored.block.header),
    vm,
    state: stateBefore(now, recordsAfter(db, place.height - 1n, head)),
  })
  const tracer = new Tracer(options)
  for (const [index, bytes] of stored.block.transactions.entries()) {
    if (index > place.index) break
    const refusal = execution.apply(parseTransaction(bytes), index === place.index ? tracer : undefined)
    if (refusal !== undefined)
      throw new StorageError(
        'corrupt',
        `block ${place.height} holds transaction ${index}, which its own state refuses: ${refusal.message}`,
      )
  }
  const receipt = receiptsOf(execution.finish())[place.index]
  if (receipt === undefined) throw new RangeError(`block ${place.height} has no transaction ${place.index}`)
  return {
    trace: tracer.finish(receipt.status === 'success'),
    receipt,
    isExact: bytesEqual(receiptCodec.encode(receipt), receiptCodec.encode(expected)),
  }
}
