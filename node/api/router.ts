/**
 * The API: one tRPC router, read and written by type. Inputs are checked by zod (inputs.ts), outputs are the
 * JSON of views.ts. Errors carry `data.vex = {code, message}`, never a stack trace.
 */
import { z } from 'zod'
import { formatAddress } from '../crypto/address.ts'
import { genesisHash } from '../types/genesis.ts'
import { LIMITS } from '../params.ts'
import { ApiError, answered } from './api-error.ts'
import { blockPage, blockRange, listBlocks } from './block-list.ts'
import { contract } from './contract-router.ts'
import { decodeTransaction } from './decoded.ts'
import { fees } from './fee-router.ts'
import { findBlock, findReceipt, noTransaction } from './find.ts'
import * as inputs from './inputs.ts'
import { MAX_SUBMIT } from './limits.ts'
import * as outputs from './outputs.ts'
import { light } from './light-router.ts'
import { mempool } from './mempool-router.ts'
import { network } from './network-router.ts'
import { listTransactions } from './transaction-list.ts'
import { staking } from './staking-router.ts'
import { subscribe } from './subscribe-router.ts'
import { query, router } from './trpc.ts'
import { answer } from './route.ts'
import { nextCommit } from './next-commit.ts'
import { parseAgain } from '../types/transaction.ts'
import { hex, viewAccount, viewBlock, viewOutcome, viewReceipt, viewTransaction } from './views.ts'

const MAX_WAIT_MS = 60_000

const submitted = z.strictObject({ transaction: inputs.bytes(LIMITS.transactionBytes) })

const chain = router({
  info: query
    .meta({ method: 'GET', path: '/chain', summary: 'The chain, its head and this node’s surroundings' })
    .output(answer(outputs.chainInfo))
    .query(({ ctx: { backend } }) => {
      const { head, genesis } = backend.chain
      return {
        version: backend.version,
        chainId: genesis.chainId,
        genesisHash: hex(genesisHash(genesis)),
        head: {
          height: String(head.header.height),
          hash: hex(head.hash),
          timeMs: String(head.header.timeMs),
        },
        /** Blocks below this, but for block 0, are not kept any more. */
        keptFrom: String(backend.chain.store.keptFrom()),
        /** Of the next block. */
        baseFee: String(backend.queries.baseFee()),
        blockGasLimit: String(genesis.params.blockGasLimit),
        supply: String(backend.queries.supply()),
        /** Who votes on the next block. */
        validators: backend.queries.epoch().validators.map(({ address, power }) => ({
          address: formatAddress(address),
          power: String(power),
        })),
        pool: backend.poolStats(),
        warnings: backend.warnings(),
      }
    }),
})

const block = router({
  get: query
    .meta({ method: 'GET', path: '/blocks/{block}', summary: 'A final block', parameters: inputs.blockPath })
    .input(inputs.blockSelector)
    .output(answer(outputs.block))
    .query(({ ctx: { backend }, input }) => {
      const found = findBlock(backend, input)
      return viewBlock(found, backend.chain.store.certificate(found.block.header.height))
    }),
  /** A range of them, page by page, without their transactions. */
  list: query
    .meta({ method: 'GET', path: '/blocks', summary: 'Final blocks, page by page' })
    .input(blockRange)
    .output(answer(blockPage))
    .query(({ ctx: { backend }, input }) => listBlocks(backend, input)),

  receipts: query
    .meta({
      method: 'GET',
      path: '/blocks/{block}/receipts',
      summary: 'What the transactions of a block did',
      parameters: inputs.blockPath,
    })
    .input(inputs.blockSelector)
    .output(answer(z.array(outputs.receipt)))
    .query(({ ctx: { backend }, input }) => {
      const { block, hash } = findBlock(backend, input)
      const { height } = block.header
      return backend.chain.store
        .receipts(height)
        .map((receipt, index) => viewReceipt(receipt, { height, index }, hash))
    }),
})

const account = router({
  get: query
    .meta({ method: 'GET', path: '/accounts/{address}', summary: 'An account' })
    .input(z.strictObject({ address: inputs.address }))
    .output(answer(outputs.account))
    .query(({ ctx: { backend }, input }) => {
      const found = backend.queries.account(input.address)
      return viewAccount(input.address, found, backend.pendingNonce(input.address))
    }),
  nonce: query
    .meta({ method: 'GET', path: '/accounts/{address}/nonce', summary: 'The nonce to sign next' })
    .input(z.strictObject({ address: inputs.address }))
    .output(answer(outputs.nonces))
    .query(({ ctx: { backend }, input }) => ({
      final: String(backend.queries.account(input.address).nonce),
      /** The one to sign next. */
      pending: String(backend.pendingNonce(input.address)),
    })),
})

const transaction = router({
  get: query
    .meta({ method: 'GET', path: '/transactions/{id}', summary: 'A transaction, final or waiting' })
    .input(z.strictObject({ id: inputs.hash }))
    .output(answer(outputs.transaction))
    .query(({ ctx: { backend }, input }) => {
      const final = backend.chain.store.transaction(input.id)
      if (final !== undefined) {
        const { height, index } = final.place
        return {
          state: 'final' as const,
          ...viewTransaction(final.parsed),
          height: String(height),
          index,
          blockHash: hex(final.blockHash),
        }
      }
      const pending = backend.pendingTransaction(input.id)
      if (pending !== undefined) return { state: 'pending' as const, ...viewTransaction(parseAgain(pending)) }
      throw noTransaction(backend, input.id)
    }),

  /** Its calls and events by name, where the contracts have an ABI now. */
  decoded: query
    .meta({
      method: 'GET',
      path: '/transactions/{id}/decoded',
      summary: 'The calls and events of a final transaction, by the ABIs of its contracts',
    })
    .input(z.strictObject({ id: inputs.hash }))
    .output(answer(outputs.decodedTransaction))
    .query(({ ctx: { backend }, input }) => {
      const { store } = backend.chain
      const final = store.transaction(input.id)
      const receipt = final && store.receipt(final.place)
      if (final === undefined || receipt === undefined)
        throw noTransaction(backend, input.id, 'ask again when it is final')
      return {
        transactionId: hex(input.id),
        height: String(final.place.height),
        index: final.place.index,
        status: receipt.status,
        ...decodeTransaction(backend, final.parsed.transaction.body.action, receipt),
      }
    }),

  /** Final ones by sender, by whom they have to do with, or by a contract's events; newest first unless asked otherwise. */
  list: query
    .meta({
      method: 'GET',
      path: '/transactions',
      summary: 'Final transactions by sender, by party or by the topic of an event',
      parameters: inputs.transactionQuery,
    })
    .input(inputs.transactionList)
    .output(answer(outputs.transactionPage))
    .query(({ ctx: { backend }, input }) => listTransactions(backend, input)),

  receipt: query
    .meta({ method: 'GET', path: '/transactions/{id}/receipt', summary: 'What a transaction did' })
    .input(z.strictObject({ id: inputs.hash }))
    .output(answer(outputs.receipt))
    .query(({ ctx: { backend }, input }) => {
      const found = findReceipt(backend, input.id)
      if (found !== undefined) return found
      throw noTransaction(backend, input.id, 'ask again or use transaction.wait')
    }),

  /** Answers when the transaction is final, or with `timeout`. */
  wait: query
    .meta({
      method: 'GET',
      path: '/transactions/{id}/wait',
      summary: 'The receipt, as soon as the transaction is final',
    })
    .input(
      z.strictObject({
        id: inputs.hash,
        timeoutMs: z.number().int().min(1).max(MAX_WAIT_MS).default(30_000),
      }),
    )
    .output(answer(outputs.receipt))
    .query(async ({ ctx: { backend }, input, signal }) => {
      const deadline = AbortSignal.timeout(input.timeoutMs)
      const ends = AbortSignal.any([deadline, backend.stopping, ...(signal ? [signal] : [])])
      for (;;) {
        const found = findReceipt(backend, input.id)
        if (found !== undefined) return found
        if (backend.stopping.aborted) throw new ApiError('stopping', 'the node is stopping')
        if (ends.aborted) {
          throw new ApiError(
            'timeout',
            `transaction ${hex(input.id)} was not final after ${input.timeoutMs} ms`,
          )
        }
        await nextCommit(backend, ends)
      }
    }),

  submit: query
    .meta({ method: 'POST', path: '/transactions', summary: 'Sends a signed transaction' })
    .input(submitted)
    .output(answer(outputs.submitted))
    .mutation(async ({ ctx: { backend }, input }) => {
      const [result] = await backend.submit([input.transaction])
      if (result === undefined) throw new Error('submit gave no result')
      if (!result.accepted) throw new ApiError('refused', result.message, result.code)
      return { id: hex(result.id) }
    }),

  submitMany: query
    .meta({
      method: 'POST',
      path: '/transactions/batch',
      summary: 'Sends signed transactions; each is taken or refused by itself',
    })
    .input(
      z.strictObject({
        transactions: z.array(inputs.bytes(LIMITS.transactionBytes)).min(1).max(MAX_SUBMIT),
      }),
    )
    .output(answer(outputs.submittedMany))
    .mutation(async ({ ctx: { backend }, input }) => {
      const results = await backend.submit(input.transactions)
      return results.map(result =>
        result.accepted
          ? { accepted: true as const, id: hex(result.id) }
          : { accepted: false as const, code: result.code, message: result.message },
      )
    }),

  simulate: query
    .meta({
      method: 'POST',
      path: '/simulations',
      summary: 'What an action would do, and the gas that it takes; changes nothing',
    })
    .input(
      z.strictObject({
        sender: inputs.address,
        action: inputs.action,
        gasLimit: inputs.u64.optional(),
        trace: inputs.traceDetail.optional(),
      }),
    )
    .output(answer(outputs.simulation))
    .query(async ({ ctx: { backend }, input }) => {
      const { sender, action, gasLimit, trace: detail } = input
      const { simulation, logs, failure, trace } = await answered(
        backend.contracts.simulate({ sender, action, gasLimit, trace: detail }, backend.chain.head.header),
      )
      if (simulation.kind === 'refused') {
        throw new ApiError('refused', simulation.refusal.message, simulation.refusal.code)
      }
      return {
        ...viewOutcome(simulation.receipt),
        /** Set this as the transaction's gas limit; add a margin if the state may change before it runs. */
        gasLimit: String(simulation.gasLimit),
        logs,
        /** Where a contract failed; `null` if none did. */
        failure: failure ?? null,
        /** Call by call, if that was asked for. */
        trace: trace ?? null,
      }
    }),

  /** A final transaction call by call: run once more on the state before its block, which nodes keep for a while. */
  trace: query
    .meta({ method: 'GET', path: '/transactions/{id}/trace', summary: 'A final transaction call by call' })
    .input(z.strictObject({ id: inputs.hash, detail: inputs.traceDetail.default('calls') }))
    .output(answer(outputs.transactionTrace))
    .query(async ({ ctx: { backend }, input }) => {
      const place = backend.chain.store.transactionPlace(input.id)
      if (place === undefined) {
        throw noTransaction(backend, input.id, 'there is nothing to trace yet')
      }
      const answer = await answered(
        backend.contracts.trace({ place, trace: input.detail }, backend.chain.head.header),
      )
      if (answer.kind === 'no_history') throw new ApiError('not_found', answer.message, 'no_history')
      const { height, index } = place
      return {
        transactionId: hex(input.id),
        height: String(height),
        index,
        /** What ran now left the receipt that is on the chain, byte by byte. */
        isExact: answer.isExact,
        ...answer.trace,
      }
    }),
})

const node = router({
  status: query
    .meta({ method: 'GET', path: '/node', summary: 'This node: whether it is of use, and its surroundings' })
    .output(answer(outputs.nodeStatus))
    .query(({ ctx: { backend } }) => {
      const reasons = backend.reasonsNotReady()
      return {
        version: backend.version,
        isReady: reasons.length === 0,
        reasons,
        height: String(backend.chain.head.header.height),
        keptFrom: String(backend.chain.store.keptFrom()),
        peerId: backend.networkPlace()?.peerId ?? null,
        peers: backend.peers().length,
        pool: backend.poolStats(),
        warnings: backend.warnings(),
      }
    }),

  /** Where metrics are for the node's own machine, these are too: the admin port has them. */
  resources: query
    .meta({ method: 'GET', path: '/node/resources', summary: 'What this node takes of its machine' })
    .output(answer(outputs.resources))
    .query(({ ctx: { backend, hasMetrics } }) => {
      if (hasMetrics) return backend.resources()
      throw new ApiError('not_found', 'this node tells on its admin port alone what it takes of its machine')
    }),
})

export const apiRouter = router({
  node,
  chain,
  fees,
  mempool,
  block,
  account,
  transaction,
  contract,
  staking,
  light,
  network,
  subscribe,
})
export type ApiRouter = typeof apiRouter
