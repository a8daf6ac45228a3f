/**
 * A log line for each transaction that failed in a final block, with the place in the contract's source. For nodes that
 * know sources, which is development: to learn the place, the transaction is run once more on the state before its
 * block, in the thread of the queries, when the block is final and nobody waits for it any more. Consensus never does.
 */
import type { Logger } from 'pino'
import type { BlockStore } from './chain/store.ts'
import type { TransactionPlace } from './types/transaction-terms.ts'
import type { Failure } from './diagnostics/failure.ts'
import type { CommittedBlock } from './execution/blocks.ts'
import { type ContractQueries, QueryError } from './execution/query.ts'
import { toHex } from './types/primitives.ts'
import type { Receipt } from './types/receipt.ts'

/** More wait for nothing: who sends failing transactions faster than they run again has seen enough of them. */
const MOST_WAITING = 16

interface Failed {
  readonly receipt: Receipt
  readonly place: TransactionPlace
  readonly block: CommittedBlock
}

/** `undefined`: no contract failed. */
const placeOf = (failure: Failure): string | undefined => {
  const [innermost] = failure
  if (innermost === undefined) return undefined
  const { contract, contractName, method, frames } = innermost
  const position = frames[0]?.position
  const name = `${contractName ?? contract}.${method}`
  return position ? `in ${name} at ${position.file}:${position.line}:${position.column}` : `in ${name}`
}

/** Call it with each block as it becomes final. */
export const createFailureLog = ({
  logger,
  store,
  contracts,
}: {
  logger: Logger
  store: BlockStore
  contracts: Pick<ContractQueries, 'trace'>
}): ((block: CommittedBlock) => void) => {
  const waiting: Failed[] = []
  let isRunning = false

  const trace = async ({ place, block }: Failed): Promise<Failure> => {
    const answer = await contracts.trace({ place, trace: 'calls' }, block.header)
    return answer.kind === 'traced' ? (answer.trace.failure ?? []) : []
  }

  const tell = async (failed: Failed): Promise<void> => {
    const { receipt, place } = failed
    const id = `0x${toHex(receipt.transactionId)}`
    const note = { transaction: id, height: String(place.height), code: receipt.error?.code }
    try {
      const failure = await trace(failed)
      const message = failure.at(-1)?.message ?? receipt.error?.message
      const where = placeOf(failure)
      logger.info(
        { ...note, failure },
        `transaction ${id} failed${where === undefined ? '' : ` ${where}`}: ${message}`,
      )
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      if (error.code === 'stopping') return
      logger.info({ ...note, error }, `transaction ${id} failed; where is not known`)
    }
  }

  const giveUp = (error: unknown): void =>
    logger.error({ error }, 'the places of failed transactions are not logged')

  const run = async (): Promise<void> => {
    isRunning = true
    try {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await tell(next)
    } catch (error) {
      giveUp(error)
    } finally {
      isRunning = false
    }
  }

  const take = (block: CommittedBlock): void => {
    const { height } = block.header
    const failed = store
      .receipts(height)
      .flatMap((receipt, index) =>
        receipt.status === 'failed' ? [{ receipt, place: { height, index }, block }] : [],
      )
    const taken = failed.slice(0, Math.max(0, MOST_WAITING - waiting.length))
    const left = failed.length - taken.length
    if (left > 0)
      logger.info({ height: String(height) }, `${left} more transactions failed in block ${height}`)
    waiting.push(...taken)
  }

  return block => {
    if (!logger.isLevelEnabled('info')) return
    // The block is final whatever goes wrong here.
    try {
      take(block)
    } catch (error) {
      giveUp(error)
    }
    if (!isRunning && waiting.length > 0) void run()
  }
}
