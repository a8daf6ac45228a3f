/**
 * The API's part for light clients: bytes that need no trust, because node/light verifies them. All in hex: BCS of
 * types/hand-over.ts and types/genesis.ts, and proofs as ICS-23 encodes them.
 */
import { z } from 'zod'
import { LIMITS } from '../params.ts'
import { genesisCodec, genesisHash } from '../types/genesis.ts'
import { finalHeaderCodec, handOverCodec } from '../types/hand-over.ts'
import { inclusionCodec } from '../types/inclusion.ts'
import { ApiError } from './api-error.ts'
import { noTransaction } from './find.ts'
import * as inputs from './inputs.ts'
import type { Height } from '../types/primitives.ts'
import { query, router } from './trpc.ts'
import { hex } from './views.ts'

const noCertificate = (height: Height): ApiError =>
  new ApiError(
    'not_found',
    `there is no certificate of block ${height}: it is not final yet, or final by that of a later block`,
  )

export const light = router({
  /** What a client that trusts its hash starts from. */
  genesis: query.query(({ ctx: { backend } }) => {
    const { genesis } = backend.chain
    return { hash: hex(genesisHash(genesis)), genesis: hex(genesisCodec.encode(genesis)) }
  }),

  /** A final block's header with its certificate; the last one's by default. */
  header: query
    .input(z.strictObject({ height: inputs.u64.optional() }).default({}))
    .query(({ ctx: { backend }, input }) => {
      const height = input.height ?? backend.chain.head.header.height
      const found = backend.light.finalHeader(height)
      if (found === undefined) throw noCertificate(height)
      return { height: String(height), final: hex(finalHeaderCodec.encode(found)) }
    }),

  /** The last header of an epoch, with those who vote on the next. */
  handOver: query.input(z.strictObject({ epoch: inputs.u64 })).query(({ ctx: { backend }, input }) => {
    const found = backend.light.handOver(input.epoch)
    if (found === undefined)
      throw new ApiError(
        'not_found',
        `epoch ${input.epoch} has not ended; the next block is of epoch ${backend.queries.epoch().epoch}`,
      )
    return hex(handOverCodec.encode(found))
  }),

  /** Proves that a final block holds a transaction, and with what receipt. */
  inclusion: query.input(z.strictObject({ id: inputs.hash })).query(({ ctx: { backend }, input }) => {
    const found = backend.light.inclusion(input.id)
    if (found === undefined) {
      const place = backend.chain.store.transactionPlace(input.id)
      throw place === undefined
        ? noTransaction(backend, input.id, 'ask again when it is final')
        : noCertificate(place.height)
    }
    return hex(inclusionCodec.encode(found))
  }),

  /** Proves an account at the last final block, or that there is none. */
  account: query
    .input(z.strictObject({ address: inputs.address }))
    .query(async ({ ctx: { backend }, input }) => {
      const { height, proof } = await backend.light.account(input.address)
      return { height: String(height), proof: hex(proof) }
    }),

  /** Proves what a contract has stored under a key (its slot and all), or that it has nothing there. */
  storage: query
    .input(z.strictObject({ contract: inputs.address, key: inputs.bytes(LIMITS.storageKeyBytes) }))
    .query(async ({ ctx: { backend }, input }) => {
      const { height, proof } = await backend.light.storage(input.contract, input.key)
      return { height: String(height), proof: hex(proof) }
    }),
})
