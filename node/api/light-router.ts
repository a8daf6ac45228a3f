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
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
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
  genesis: query
    .meta({ method: 'GET', path: '/light/genesis', summary: 'The genesis, in BCS' })
    .output(answer(outputs.lightGenesis))
    .query(({ ctx: { backend } }) => {
      const { genesis } = backend.chain
      return { hash: hex(genesisHash(genesis)), genesis: hex(genesisCodec.encode(genesis)) }
    }),

  /** A final block's header with its certificate; the last one's by default. */
  header: query
    .meta({
      method: 'GET',
      path: '/light/header',
      summary: 'A final header with its certificate, in BCS; the last by default',
    })
    .input(z.strictObject({ height: inputs.u64.optional() }).default({}))
    .output(answer(outputs.lightHeader))
    .query(({ ctx: { backend }, input }) => {
      const height = input.height ?? backend.chain.head.header.height
      const found = backend.light.finalHeader(height)
      if (found === undefined) throw noCertificate(height)
      return { height: String(height), final: hex(finalHeaderCodec.encode(found)) }
    }),

  /** The last header of an epoch, with those who vote on the next. */
  handOver: query
    .meta({
      method: 'GET',
      path: '/light/hand-overs/{epoch}',
      summary: 'The last header of an epoch with the validators of the next, in BCS',
    })
    .input(z.strictObject({ epoch: inputs.u64 }))
    .output(answer(outputs.hexBytes))
    .query(({ ctx: { backend }, input }) => {
      const found = backend.light.handOver(input.epoch)
      if (found === undefined)
        throw new ApiError(
          'not_found',
          `epoch ${input.epoch} has not ended; the next block is of epoch ${backend.queries.epoch().epoch}`,
        )
      return hex(handOverCodec.encode(found))
    }),

  /** Proves that a final block holds a transaction, and with what receipt. */
  inclusion: query
    .meta({
      method: 'GET',
      path: '/light/transactions/{id}',
      summary: 'Proves a transaction and its receipt',
    })
    .input(z.strictObject({ id: inputs.hash }))
    .output(answer(outputs.hexBytes))
    .query(({ ctx: { backend }, input }) => {
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
    .meta({ method: 'GET', path: '/light/accounts/{address}', summary: 'Proves an account' })
    .input(z.strictObject({ address: inputs.address }))
    .output(answer(outputs.stateProof))
    .query(async ({ ctx: { backend }, input }) => {
      const { height, proof } = await backend.light.account(input.address)
      return { height: String(height), proof: hex(proof) }
    }),

  /** Proves what a contract has stored under a key (its slot and all), or that it has nothing there. */
  storage: query
    .meta({
      method: 'GET',
      path: '/light/contracts/{contract}/storage/{key}',
      summary: 'Proves what a contract has stored under a key',
    })
    .input(z.strictObject({ contract: inputs.address, key: inputs.bytes(LIMITS.storageKeyBytes) }))
    .output(answer(outputs.stateProof))
    .query(async ({ ctx: { backend }, input }) => {
      const { height, proof } = await backend.light.storage(input.contract, input.key)
      return { height: String(height), proof: hex(proof) }
    }),
})
