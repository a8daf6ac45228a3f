/** Blocks, transactions and receipts by what a caller names them, or the sentence that says why they are not there. */
import type { z } from 'zod'
import type { StoredBlock } from '../chain/store.ts'
import { type Hash, type Height, toHex } from '../types/primitives.ts'
import { ApiError } from './api-error.ts'
import type { ApiBackend } from './backend.ts'
import type * as inputs from './inputs.ts'
import { hex, viewReceipt } from './views.ts'

/** Said where something may have been pruned. */
const keptHere = ({ chain }: ApiBackend): string => {
  const keptFrom = chain.store.keptFrom()
  return keptFrom === 1n ? '' : `; this node keeps blocks from ${keptFrom} on`
}

export const noBlock = (backend: ApiBackend, height: Height): ApiError => {
  const { height: latest } = backend.chain.head.header
  return new ApiError(
    'not_found',
    height > latest
      ? `there is no block ${height} yet; the latest is ${latest}`
      : `block ${height} is not kept any more${keptHere(backend)}`,
  )
}

export const findBlock = (
  backend: ApiBackend,
  selector: z.output<typeof inputs.blockSelector>,
): StoredBlock => {
  const { store, head } = backend.chain
  if ('hash' in selector) {
    const found = store.blockByHash(selector.hash)
    if (found !== undefined) return found
    throw new ApiError('not_found', `no final block has the hash ${hex(selector.hash)}${keptHere(backend)}`)
  }
  const height = 'height' in selector ? selector.height : selector.tag === 'genesis' ? 0n : head.header.height
  const found = store.blockByHeight(height)
  if (found !== undefined) return found
  throw noBlock(backend, height)
}

/** Of one that waits, `advice` says what to do. */
export const noTransaction = (backend: ApiBackend, id: Hash, advice?: string): ApiError =>
  new ApiError(
    'not_found',
    backend.pendingTransaction(id) === undefined
      ? `no transaction ${hex(id)} is final or waiting here${keptHere(backend)}`
      : `transaction ${hex(id)} waits for a block${advice === undefined ? '' : `: ${advice}`}`,
  )

export const findReceipt = (backend: ApiBackend, id: Hash) => {
  const { store } = backend.chain
  const place = store.transactionPlace(id)
  if (place === undefined) return undefined
  const receipt = store.receipt(place)
  const blockHash = store.hashAt(place.height)
  if (receipt !== undefined && blockHash !== undefined) return viewReceipt(receipt, place, blockHash)
  // Pruned between two of the reads.
  if (place.height < store.keptFrom()) return undefined
  throw new Error(`the index names transaction ${toHex(id)} in block ${place.height}, which lacks it`)
}
