/** The API's part about contracts: their code, ABI and storage, and views. */
import { z } from 'zod'
import { AbiError } from '../abi/error.ts'
import { type Abi, abiFromCode } from '../abi/types.ts'
import { formatAddress } from '../crypto/address.ts'
import { LIMITS } from '../params.ts'
import type { Address } from '../types/primitives.ts'
import { ApiError, answered } from './api-error.ts'
import { listContracts, viewCode, viewContract } from './contract-list.ts'
import * as inputs from './inputs.ts'
import * as outputs from './outputs.ts'
import { answer } from './route.ts'
import { query, router } from './trpc.ts'
import { hex, viewError } from './views.ts'

/** A deployer may put anything where the ABI belongs: not this node's fault. */
const readAbi = (code: Uint8Array, address: Address): Abi | undefined => {
  try {
    return abiFromCode(code)
  } catch (error) {
    if (!(error instanceof AbiError)) throw error
    throw new ApiError(
      'not_found',
      `the ABI inside the contract at ${formatAddress(address)} is damaged: ${error.message}`,
    )
  }
}

const noContract = (address: Address): ApiError =>
  new ApiError('not_found', `there is no contract at ${formatAddress(address)}`)

const MAX_LISTED = 200
const MAX_STORED = 200
/** Of one page: it ends with the value that goes beyond. */
const MAX_STORED_BYTES = 256 * 1024

export const contract = router({
  /** By their addresses, which say nothing of when they were made. */
  list: query
    .meta({ method: 'GET', path: '/contracts', summary: 'All contracts, page by page' })
    .input(
      z.strictObject({
        limit: z.int().min(1).max(MAX_LISTED).default(50),
        /** Of the page before. A page may be short, or empty, and yet have one. */
        cursor: inputs.address.optional(),
      }),
    )
    .output(answer(outputs.contractPage))
    .query(({ ctx: { backend }, input }) => listContracts(backend, input)),

  get: query
    .meta({ method: 'GET', path: '/contracts/{contract}', summary: 'A contract’s code, owner and deposit' })
    .input(z.strictObject({ contract: inputs.address }))
    .output(answer(outputs.contract))
    .query(({ ctx: { backend }, input }) => {
      const { contract: found } = backend.queries.account(input.contract)
      const code = backend.queries.contractCode(input.contract)
      if (found === undefined || code === undefined) throw noContract(input.contract)
      return viewContract(input.contract, found, viewCode(code))
    }),

  /** What it has stored at the last block, key by key; light.storage proves each. */
  storage: query
    .meta({
      method: 'GET',
      path: '/contracts/{contract}/storage',
      summary: 'What a contract has stored, page by page',
    })
    .input(
      z.strictObject({
        contract: inputs.address,
        limit: z.int().min(1).max(MAX_STORED).default(50),
        /** Of the page before: the last key that it gave. */
        cursor: inputs.bytes(LIMITS.storageKeyBytes).optional(),
      }),
    )
    .output(answer(outputs.storagePage))
    .query(({ ctx: { backend }, input: { contract: address, limit, cursor } }) => {
      if (backend.queries.account(address).contract === undefined) throw noContract(address)
      const from = cursor === undefined ? new Uint8Array(0) : Uint8Array.of(...cursor, 0)
      const found = backend.queries.storage(address, { from, limit: limit + 1, maxBytes: MAX_STORED_BYTES })
      const last = found.at(-1)
      const isMore = found.length > limit || backend.queries.hasStorageAfter(address, last?.key)
      const entries = found.slice(0, limit).map(({ key, value }) => ({ key: hex(key), value: hex(value) }))
      return {
        height: String(backend.chain.head.header.height),
        entries,
        cursor: isMore ? (entries.at(-1)?.key ?? null) : null,
      }
    }),

  abi: query
    .meta({ method: 'GET', path: '/contracts/{contract}/abi', summary: 'A contract’s ABI' })
    .input(z.strictObject({ contract: inputs.address }))
    .output(answer(outputs.contractAbi))
    .query(({ ctx: { backend }, input }) => {
      const code = backend.queries.contractCode(input.contract)
      if (code === undefined) {
        throw noContract(input.contract)
      }
      const abi = readAbi(code, input.contract)
      if (abi === undefined) {
        throw new ApiError(
          'not_found',
          `the contract at ${formatAddress(input.contract)} was built without an ABI`,
        )
      }
      return abi
    }),

  view: query
    .meta({
      method: 'GET',
      path: '/contracts/{contract}/views/{method}',
      summary: 'Asks a contract something; args are in BCS',
      isOfHead: true,
    })
    .input(
      z.strictObject({
        contract: inputs.address,
        method: z.string().max(LIMITS.methodNameBytes),
        args: inputs.bytes(LIMITS.callArgumentsBytes).optional(),
        caller: inputs.address.optional(),
        gasLimit: inputs.u64.optional(),
      }),
    )
    .output(answer(outputs.viewed))
    .query(async ({ ctx: { backend }, input }) => {
      const { contract, method, args = new Uint8Array(0), caller, gasLimit } = input
      const { outcome, logs, failure } = await answered(
        backend.contracts.view({ contract, method, args, caller, gasLimit }, backend.chain.head.header),
      )
      switch (outcome.kind) {
        case 'returned':
          return { returnData: hex(outcome.data), gasUsed: String(outcome.gasUsed), logs }
        case 'reverted': {
          const error = viewError({ code: 'reverted', message: 'the contract reverted', data: outcome.data })
          const message = failure?.at(-1)?.message ?? error.message
          throw new ApiError('call_failed', message, 'reverted', {
            data: error.data,
            failure,
          })
        }
        case 'failed':
          throw new ApiError('call_failed', outcome.message, outcome.code, { failure })
      }
    }),
})
