/**
 * The API: one tRPC router, read and written by type. Inputs are checked by zod (inputs.ts), outputs are the
 * JSON of views.ts. Errors carry `data.vex = {code, message}`, never a stack trace.
 */
import { tracked } from '@trpc/server'
import { z } from 'zod'
import { AbiError } from '../abi/error.ts'
import { type Abi, abiFromCode } from '../abi/types.ts'
import type { StoredBlock } from '../chain/store.ts'
import { formatAddress } from '../crypto/address.ts'
import { genesisHash } from '../types/genesis.ts'
import type { Address, Height } from '../types/primitives.ts'
import { LIMITS } from '../params.ts'
import { ApiError, answered } from './api-error.ts'
import type { ApiBackend } from './backend.ts'
import { findBlock, findReceipt, noBlock, noTransaction } from './find.ts'
import * as inputs from './inputs.ts'
import { light } from './light-router.ts'
import { network } from './network-router.ts'
import { listTransactions } from './transaction-list.ts'
import { staking } from './staking-router.ts'
import { type ApiContext, query, router } from './trpc.ts'
import { nextCommit } from './next-commit.ts'
import {
  hex,
  viewAccount,
  viewBlock,
  viewError,
  viewEvent,
  viewOutcome,
  viewReceipt,
  viewTransaction,
} from './views.ts'

const MAX_WAIT_MS = 60_000

const submitted = z.strictObject({ transaction: inputs.bytes(LIMITS.transactionBytes) })

const chain = router({
  info: query.query(({ ctx: { backend } }) => {
    const { head, genesis } = backend.chain
    return {
      version: backend.version,
      chainId: genesis.chainId,
      genesisHash: hex(genesisHash(genesis)),
      head: { height: String(head.header.height), hash: hex(head.hash), timeMs: String(head.header.timeMs) },
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
  get: query.input(inputs.blockSelector).query(({ ctx: { backend }, input }) => {
    const found = findBlock(backend, input)
    return viewBlock(found, backend.chain.store.certificate(found.block.header.height))
  }),
  receipts: query.input(inputs.blockSelector).query(({ ctx: { backend }, input }) => {
    const { block, hash } = findBlock(backend, input)
    const { height } = block.header
    return backend.chain.store
      .receipts(height)
      .map((receipt, index) => viewReceipt(receipt, { height, index }, hash))
  }),
})

const account = router({
  get: query.input(z.strictObject({ address: inputs.address })).query(({ ctx: { backend }, input }) => {
    const found = backend.queries.account(input.address)
    return viewAccount(input.address, found, backend.pendingNonce(input.address))
  }),
  nonce: query.input(z.strictObject({ address: inputs.address })).query(({ ctx: { backend }, input }) => ({
    final: String(backend.queries.account(input.address).nonce),
    /** The one to sign next. */
    pending: String(backend.pendingNonce(input.address)),
  })),
})

const transaction = router({
  get: query.input(z.strictObject({ id: inputs.hash })).query(({ ctx: { backend }, input }) => {
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
    if (pending !== undefined) return { state: 'pending' as const, ...viewTransaction(pending) }
    throw noTransaction(backend, input.id)
  }),

  /** Final ones by sender, by whom they have to do with, or by a contract's events; newest first unless asked otherwise. */
  list: query
    .input(inputs.transactionList)
    .query(({ ctx: { backend }, input }) => listTransactions(backend, input)),

  receipt: query.input(z.strictObject({ id: inputs.hash })).query(({ ctx: { backend }, input }) => {
    const found = findReceipt(backend, input.id)
    if (found !== undefined) return found
    throw noTransaction(backend, input.id, 'ask again or use transaction.wait')
  }),

  /** Answers when the transaction is final, or with `timeout`. */
  wait: query
    .input(
      z.strictObject({
        id: inputs.hash,
        timeoutMs: z.number().int().min(1).max(MAX_WAIT_MS).default(30_000),
      }),
    )
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

  submit: query.input(submitted).mutation(async ({ ctx: { backend }, input }) => {
    const [result] = await backend.submit([input.transaction])
    if (result === undefined) throw new Error('submit gave no result')
    if (!result.accepted) throw new ApiError('refused', result.message, result.code)
    return { id: hex(result.id) }
  }),

  submitMany: query
    .input(
      z.strictObject({
        transactions: z.array(inputs.bytes(LIMITS.transactionBytes)).min(1).max(inputs.MAX_SUBMIT),
      }),
    )
    .mutation(async ({ ctx: { backend }, input }) => {
      const results = await backend.submit(input.transactions)
      return results.map(result =>
        result.accepted
          ? { accepted: true as const, id: hex(result.id) }
          : { accepted: false as const, code: result.code, message: result.message },
      )
    }),

  simulate: query
    .input(
      z.strictObject({
        sender: inputs.address,
        action: inputs.action,
        gasLimit: inputs.u64.optional(),
        trace: inputs.traceDetail.optional(),
      }),
    )
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
    .input(z.strictObject({ id: inputs.hash, detail: inputs.traceDetail.default('calls') }))
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

const contract = router({
  abi: query.input(z.strictObject({ contract: inputs.address })).query(({ ctx: { backend }, input }) => {
    const code = backend.queries.contractCode(input.contract)
    if (code === undefined) {
      throw new ApiError('not_found', `there is no contract at ${formatAddress(input.contract)}`)
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
    .input(
      z.strictObject({
        contract: inputs.address,
        method: z.string().max(LIMITS.methodNameBytes),
        args: inputs.bytes(LIMITS.callArgumentsBytes).optional(),
        caller: inputs.address.optional(),
        gasLimit: inputs.u64.optional(),
      }),
    )
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

/** Where a subscription starts: after the last one the client saw, at a height, or with the next block. */
const startHeight = (
  backend: ApiBackend,
  input: { fromHeight?: bigint | undefined; lastEventId?: string | undefined },
): Height => {
  if (input.lastEventId !== undefined) {
    const seen = /^(\d{1,19})(?:-|$)/.exec(input.lastEventId)?.[1]
    if (seen === undefined) throw new ApiError('bad_input', 'lastEventId is not one that this API gave')
    return BigInt(seen) + 1n
  }
  return input.fromHeight ?? backend.queries.nextHeight()
}

/** Every final block from `from` on, without a gap, until the node or the client ends it. */
async function* followBlocks(
  { backend, pace }: ApiContext,
  from: Height,
  signal: AbortSignal | undefined,
): AsyncGenerator<StoredBlock> {
  const ends = AbortSignal.any([backend.stopping, ...(signal ? [signal] : [])])
  for (let height = from; !ends.aborted; ) {
    if (height > backend.chain.head.header.height) {
      await nextCommit(backend, ends)
      continue
    }
    const found = backend.chain.store.blockByHeight(height)
    if (found === undefined) throw noBlock(backend, height)
    yield found
    height += 1n
    await pace(ends)
  }
  // Not the end of what was asked for: whoever follows may come back.
  if (backend.stopping.aborted) throw new ApiError('stopping', 'the node is stopping')
}

const from = { fromHeight: inputs.u64.optional(), lastEventId: z.string().optional() }

const subscribe = router({
  blocks: query.input(z.strictObject(from).default({})).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    const { backend } = ctx
    for await (const found of followBlocks(ctx, startHeight(backend, input), signal)) {
      const { height } = found.block.header
      yield tracked(String(height), viewBlock(found, backend.chain.store.certificate(height)))
    }
  }),

  /** One message a block that has matching events, so that resuming never splits a block. Ends after `toHeight`. */
  events: query
    .input(
      z
        .strictObject({
          ...from,
          toHeight: inputs.u64.optional(),
          contract: inputs.address.optional(),
          name: z.string().max(64).optional(),
        })
        .default({}),
    )
    .subscription(async function* ({ ctx, input, signal }) {
      const { backend } = ctx
      const wanted = input.contract === undefined ? undefined : formatAddress(input.contract)
      const start = startHeight(backend, input)
      if (input.toHeight !== undefined && start > input.toHeight) return
      for await (const { block, hash } of followBlocks(ctx, start, signal)) {
        const { height } = block.header
        const events = backend.chain.store
          .receipts(height)
          .flatMap((receipt, index) =>
            receipt.events.map(event => ({
              ...viewEvent(event),
              transactionId: hex(receipt.transactionId),
              transactionIndex: index,
            })),
          )
          .map((event, index) => ({ ...event, /** Among all events of the block. */ index }))
          .filter(
            event =>
              (wanted === undefined || event.contract === wanted) &&
              (input.name === undefined || event.name === input.name),
          )
        if (events.length > 0)
          yield tracked(String(height), { height: String(height), blockHash: hex(hash), events })
        if (height === input.toHeight) return
      }
    }),
})

export const apiRouter = router({
  chain,
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
