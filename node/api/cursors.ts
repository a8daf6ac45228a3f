/** Cursors of streams and lists: places in the chain, which every node has alike and no restart forgets. Pure. */
import type { Height } from '../types/primitives.ts'
import type { TransactionPlace } from '../types/transaction-terms.ts'
import { ApiError } from './api-error.ts'

export interface EventPlace {
  readonly height: Height
  readonly transactionIndex: number
  /** Among all events of the block. */
  readonly index: number
}

const BLOCK = /^\d{1,19}$/
const TRANSACTION = /^(\d{1,19})-(\d{1,9})$/
const EVENT = /^(\d{1,19})-(\d{1,9})-(\d{1,9})$/

const notOurs = (name: string): never => {
  throw new ApiError('bad_input', `${name} is not one that this API gave`)
}

export const readBlockCursor = (name: string, cursor: string): Height =>
  BLOCK.test(cursor) ? BigInt(cursor) : notOurs(name)

export const readTransactionCursor = (name: string, cursor: string): TransactionPlace => {
  const [, height, index] = TRANSACTION.exec(cursor) ?? []
  return height === undefined ? notOurs(name) : { height: BigInt(height), index: Number(index) }
}

export const readEventCursor = (name: string, cursor: string): EventPlace => {
  const [, height, transactionIndex, index] = EVENT.exec(cursor) ?? []
  return height === undefined
    ? notOurs(name)
    : { height: BigInt(height), transactionIndex: Number(transactionIndex), index: Number(index) }
}

export const eventCursor = ({ height, transactionIndex, index }: EventPlace): string =>
  `${height}-${transactionIndex}-${index}`

export const transactionCursor = ({ height, index }: TransactionPlace): string => `${height}-${index}`
