/**
 * From a signed transaction to what became of it, over a network that loses requests and answers, and a node that may
 * end in between. Nothing is ever paid twice, because:
 *
 *  1. What is sent again is the same bytes: the same nonce, the same id. A chain holds one transaction of each nonce, so
 *     bytes that arrive ten times are in it once. Nothing in here signs anything.
 *  2. A refusal is the end if no try before it was left without an answer: the node does not have it. `busy` and
 *     `stopping` are none: it is sent again.
 *  3. Once it may have arrived, a refusal says no more than what one node thinks of it now. It is looked for by its id.
 *     In a block, or waiting: it is there. Neither: two things alone prove that it never will be, a final transaction of
 *     the same sender with the same nonce (`nonce_taken`), and a head at its last height while its nonce is unused
 *     (`expired`). A nonce that is used in a block which the node no longer keeps may be its own: nobody can tell there.
 *     Anything else, such as a full pool, may pass: it is sent again.
 *  4. What was taken may get lost: a node that is killed forgets the last moments of its pool, a full pool gives up what
 *     pays least. Whoever waits for the receipt sends it again after every break, and when some seconds have passed.
 *  5. When the time is over, or `signal` says so: `no_answer`, the node may have it or not, or `no_receipt`, it had it.
 *     Both carry the id to look for and the bytes, with which `settleTransaction` goes on, in another process if need be.
 *
 * Before anything else is signed for the same purpose, the first must be proved never to come (3). Pauses grow from
 * `backoffMs` to `maxBackoffMs`, or are what the server asks for. The node is believed; several behind one address should
 * be at the same block.
 */
import { type ApiClient, type ApiFailure, apiFailure } from '../api/client.ts'
import { backoffMs, DEFAULT_RETRY, type RetryPolicy, sleep } from '../api/retry.ts'
import type { ReceiptView } from '../api/views.ts'
import { formatAddress } from '../crypto/address.ts'
import { fromHex, toHex } from '../types/primitives.ts'
import { type ParsedTransaction, parseTransaction } from '../types/transaction.ts'

export const DEFAULT_SETTLE_MS = 60_000
/** Of one question for the receipt: what a node has lost is noticed after it. */
const WAIT_MS = 5_000
/** Of a sender's transactions. */
const PAGE = 50

export type WalletErrorCode =
  /** It was sent, and no answer said whether it arrived. */
  | 'no_answer'
  /** The node had it, but its receipt did not come. */
  | 'no_receipt'
  /** Another transaction of the sender, with the same nonce, is final: this one never will be. */
  | 'nonce_taken'
  /** The chain is past its last height: it never will be in a block. */
  | 'expired'

/** After these the same may be signed anew: the first can never be in a block. */
export const NEVER_CODES: ReadonlySet<WalletErrorCode> = new Set(['nonce_taken', 'expired'])

/** A signed transaction without a receipt. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode
  /** `0x` hex. */
  readonly transactionId: string
  /** As it was signed: what `settleTransaction` takes. */
  readonly bytes: Uint8Array
  constructor(
    code: WalletErrorCode,
    { id, bytes }: Pick<ParsedTransaction, 'id' | 'bytes'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.transactionId = hex(id)
    this.bytes = bytes
  }
}

export interface SettleOptions {
  /** How long it is sent and waited for from now on; the first try is made in any case. Default: 60,000. */
  readonly timeoutMs?: number | undefined
  /** Ends it with a {@link WalletError} that says what is known. */
  readonly signal?: AbortSignal | undefined
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

const GIVEN_UP = 'its sender gave up'

/** What one try came to. */
type Offered =
  | { readonly kind: 'there' }
  | { readonly kind: 'refused'; readonly failure: ApiFailure; readonly cause: unknown }
  /** `mayBeThere`: it may have arrived all the same. */
  | {
      readonly kind: 'again'
      readonly mayBeThere: boolean
      readonly reason: string
      readonly pauseMs: number | undefined
      readonly cause: unknown
    }

/** A refusal of what the node has already. */
const THERE_CODES: ReadonlySet<string | undefined> = new Set(['duplicate', 'already_final'])

/** What is in the bytes themselves: no block of this chain ever holds them. */
const HOPELESS_CODES: ReadonlySet<string | undefined> = new Set([
  'malformed',
  'too_large',
  'bad_signature',
  'wrong_chain',
  'gas_limit_too_low',
  'tip_above_max_fee',
])

export interface Settlement {
  /** Until the node has it. Throws a {@link WalletError}, or the node's refusal if it certainly has it not. */
  handOver(): Promise<void>
  /** Until it is final. Throws a {@link WalletError}. */
  receipt(): Promise<ReceiptView>
}

export const createSettlement = (
  client: ApiClient,
  parsed: ParsedTransaction,
  { timeoutMs = DEFAULT_SETTLE_MS, signal }: SettleOptions,
  /** It was sent before now. */
  wasSent = false,
): Settlement => {
  const { api } = client
  const policy: RetryPolicy = client.retry ?? DEFAULT_RETRY
  const { body } = parsed.transaction
  const id = hex(parsed.id)
  const endMs = performance.now() + timeoutMs
  let mayBeThere = wasSent
  let hadIt = false
  let failures = 0

  const leftMs = (): number => endMs - performance.now()
  const isOver = (): boolean => signal?.aborted === true || leftMs() <= 0
  /** Of one request. */
  const limit = (ms: number): { signal: AbortSignal } => {
    const late = AbortSignal.timeout(Math.max(1, Math.ceil(ms)))
    return { signal: signal === undefined ? late : AbortSignal.any([signal, late]) }
  }
  const questionLimit = () => limit(Math.min(policy.requestTimeoutMs, leftMs()))

  const pause = async (askedMs = 0): Promise<void> => {
    const ms = Math.max(askedMs, backoffMs(policy, ++failures, Math.random()))
    await sleep(Math.max(0, Math.min(ms, leftMs())), signal)
  }

  const unsettled = (reason: string, cause: unknown): WalletError => {
    const why = signal?.aborted === true ? GIVEN_UP : reason
    return hadIt
      ? new WalletError(
          'no_receipt',
          parsed,
          `transaction ${id} was submitted, but its receipt did not come (${why}). It may still be in a later block: ask for it by its id`,
          { cause },
        )
      : new WalletError(
          'no_answer',
          parsed,
          `the node did not answer when transaction ${id} was submitted (${why}): it may have it. Ask for it by its id before you send again`,
          { cause },
        )
  }

  const offer = async (): Promise<Offered> => {
    try {
      await api.transaction.submit.mutate({ transaction: hex(parsed.bytes) }, limit(policy.requestTimeoutMs))
      return { kind: 'there' }
    } catch (cause) {
      const failure = apiFailure(cause, client.url)
      if (failure === undefined) throw cause
      const { code, detail, message: reason, retryAfterMs: pauseMs } = failure
      if (THERE_CODES.has(detail)) return { kind: 'there' }
      const again = { kind: 'again', reason, pauseMs, cause } as const
      if (code === 'busy' || code === 'stopping') return { ...again, mayBeThere: false }
      if (code === 'unreachable' || code === 'not_vex' || code === 'aborted' || code === 'internal')
        return { ...again, mayBeThere: true }
      return { kind: 'refused', failure, cause }
    }
  }

  const isThere = async (): Promise<boolean> => {
    try {
      await api.transaction.get.query({ id }, questionLimit())
      return true
    } catch (error) {
      if (apiFailure(error)?.code === 'not_found') return false
      throw error
    }
  }

  /** The id of the final transaction that has our sender and nonce, if the node still knows it. */
  const holderOfNonce = async (): Promise<string | undefined> => {
    const by = { sender: formatAddress(parsed.sender) }
    for (let cursor: string | undefined; ; ) {
      const page = await api.transaction.list.query(
        { by, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
        questionLimit(),
      )
      const holder = page.transactions.find(({ nonce }) => BigInt(nonce) === body.nonce)
      const last = page.transactions.at(-1)
      if (holder !== undefined) return holder.id
      if (page.cursor === null || (last !== undefined && BigInt(last.nonce) < body.nonce)) return undefined
      cursor = page.cursor
    }
  }

  /** The nonce is used. `undefined`: by itself, or by nobody that the node knows of yet. */
  const whoTookNonce = async (keptFrom: string): Promise<WalletError | undefined> => {
    const holder = await holderOfNonce()
    if (holder === id) return undefined
    if (holder !== undefined)
      return new WalletError(
        'nonce_taken',
        parsed,
        `transaction ${id} can never be in a block: transaction ${holder} has its nonce ${body.nonce}. Nothing was paid for it, and it may be sent anew`,
      )
    if (BigInt(keptFrom) <= 1n) return undefined
    return new WalletError(
      'no_answer',
      parsed,
      `transaction ${id} may be in a block or not: its nonce ${body.nonce} is used, and this node keeps blocks from ${keptFrom} on. Ask a node that keeps more before you send anything again`,
    )
  }

  /** Throw what it returns: nothing is to be learnt here by trying again. */
  const lastWord = async (code: string | undefined): Promise<WalletError | undefined> => {
    if (code !== 'nonce_too_low' && code !== 'expired') return undefined
    const { head, keptFrom } = await api.chain.info.query(undefined, questionLimit())
    if (code === 'nonce_too_low') return whoTookNonce(keptFrom)
    if (BigInt(head.height) < body.validUntilHeight) return undefined
    // Asked after the height: what is unused now was not used before it.
    const nonces = await api.account.nonce.query({ address: formatAddress(parsed.sender) }, questionLimit())
    if (BigInt(nonces.final) > body.nonce) return whoTookNonce(keptFrom)
    return new WalletError(
      'expired',
      parsed,
      `transaction ${id} can never be in a block: it was valid until height ${body.validUntilHeight}, and the chain is at ${head.height}. Nothing was paid for it, and it may be sent anew`,
    )
  }

  /** Of one that may have arrived, and is refused now. Throws the last word on it. */
  const lookForIt = async (code: string | undefined): Promise<boolean> => {
    try {
      if (await isThere()) return true
      const last = await lastWord(code)
      if (last !== undefined) throw last
    } catch (error) {
      if (apiFailure(error) === undefined) throw error
    }
    return false
  }

  /** Of a refusal: whether it is there all the same. Throws where trying again is of no use. */
  const isThereThough = async ({ code, detail, message }: ApiFailure, cause: unknown): Promise<boolean> => {
    if (!mayBeThere) throw cause
    failures = 0
    if (await lookForIt(detail)) return true
    if (HOPELESS_CODES.has(detail)) throw cause
    if (code !== 'refused') throw unsettled(message, cause)
    return false
  }

  const handOver = async (): Promise<void> => {
    for (;;) {
      const offered = await offer()
      const isHad =
        offered.kind === 'there' ||
        (offered.kind === 'refused' && (await isThereThough(offered.failure, offered.cause)))
      if (isHad) {
        failures = 0
        hadIt = true
        mayBeThere = true
        return
      }
      const isRefused = offered.kind === 'refused'
      mayBeThere ||= !isRefused && offered.mayBeThere
      if (!isOver()) await pause(isRefused ? undefined : offered.pauseMs)
      // Answers to submissions may be all that gets lost.
      if (mayBeThere && !isRefused && !isOver() && (await lookForIt(undefined))) {
        hadIt = true
        return
      }
      if (!isOver()) continue
      const reason = isRefused ? offered.failure.message : offered.reason
      throw mayBeThere ? unsettled(reason, offered.cause) : offered.cause
    }
  }

  const receipt = async (): Promise<ReceiptView> => {
    for (let reason = 'the time is over', cause: unknown; ; ) {
      if (isOver()) throw unsettled(reason, cause)
      const waitMs = Math.max(1, Math.min(WAIT_MS, Math.floor(leftMs())))
      try {
        return await api.transaction.wait.query(
          { id, timeoutMs: waitMs },
          limit(waitMs + policy.requestTimeoutMs),
        )
      } catch (error) {
        const failure = apiFailure(error, client.url)
        if (failure === undefined) throw error
        reason = failure.message
        cause = error
        if (failure.code !== 'timeout' && !isOver()) await pause(failure.retryAfterMs)
      }
      if (!isOver()) await handOver()
    }
  }

  return { handOver, receipt }
}

/**
 * Finishes what was signed before, here or in another process: sends the same bytes again and waits for the receipt.
 * Throws a {@link WalletError}, or a CodecError if `bytes` is no transaction.
 */
export const settleTransaction = async (
  client: ApiClient,
  bytes: Uint8Array | string,
  options: SettleOptions = {},
): Promise<ReceiptView> => {
  const parsed = parseTransaction(typeof bytes === 'string' ? fromHex(bytes) : bytes)
  const settlement = createSettlement(client, parsed, options, true)
  await settlement.handOver()
  return settlement.receipt()
}
