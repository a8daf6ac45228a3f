/** Transfers from the development accounts, at a rate, to any node that takes them; and how long one takes to be final. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, createApiClient } from '../../node/api/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { type DevAccount, devAccounts } from '../../node/dev.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { toAddress, toHex } from '../../node/types/primitives.ts'
import { type SignedTransaction, signTransaction } from '../../node/wallet/sign.ts'
import { DEVNET_CHAIN_ID } from '../../cli/devnet/plan.ts'

const TICK_MS = 50
/** Of one sender. */
const MOST_AT_ONCE = 100
const GAS_LIMIT = 400_000n
const VALID_FOR = 50_000n
/** Nobody has its key: what it holds at the end is what was sent. */
export const SINK = toAddress(sha256(Buffer.from('vex network load sink')))

export interface LoadFigures {
  readonly sent: number
  readonly refused: number
  /** From handing a transaction to a node until the same node has it in a final block. */
  readonly finalMs: readonly number[]
}

/** What the load sends. */
export const transfer = ({ secretKey, publicKey }: DevAccount, nonce: bigint) =>
  signTransaction(secretKey, {
    version: 1,
    chainId: DEVNET_CHAIN_ID,
    sender: publicKey,
    nonce,
    gasLimit: GAS_LIMIT,
    maxFee: 1_000n,
    tip: 1n,
    validUntilHeight: VALID_FOR,
    action: { kind: 'transfer', to: SINK, amount: 1n },
  })

/** One account, one node at a time; after any trouble it asks where it was, of another node. */
class Sender {
  readonly #account: DevAccount
  readonly #clients: readonly ApiClient[]
  #at: number
  #nonce: bigint | undefined
  readonly #ahead = new Map<bigint, SignedTransaction>()
  sent = 0
  refused = 0
  readonly finalMs: number[] = []

  constructor(account: DevAccount, clients: readonly ApiClient[], at: number) {
    this.#account = account
    this.#clients = clients
    this.#at = at
  }

  get #client(): ApiClient {
    return this.#clients[this.#at % this.#clients.length] as ApiClient
  }

  async #nextNonce(): Promise<bigint> {
    const { api } = this.#client
    this.#nonce ??= BigInt(
      (await api.account.get.query({ address: formatAddress(this.#account.address) })).pendingNonce,
    )
    return this.#nonce
  }

  async signAhead(count: number): Promise<void> {
    const first = await this.#nextNonce()
    for (let nonce = first; nonce < first + BigInt(count); nonce++)
      this.#ahead.set(nonce, transfer(this.#account, nonce))
  }

  #signed(nonce: bigint): SignedTransaction {
    const ahead = this.#ahead.get(nonce)
    this.#ahead.delete(nonce)
    return ahead ?? transfer(this.#account, nonce)
  }

  async send(count: number): Promise<void> {
    const { api } = this.#client
    const first = await this.#nextNonce()
    const transactions = Array.from({ length: count }, (_, i) => this.#signed(first + BigInt(i)))
    const startedMs = performance.now()
    const results = await api.transaction.submitMany.mutate({
      transactions: transactions.map(({ bytes }) => `0x${toHex(bytes)}`),
    })
    const taken = results.filter(({ accepted }) => accepted).length
    this.sent += taken
    this.refused += count - taken
    this.#nonce = first + BigInt(taken)
    const last = transactions[taken - 1]
    if (taken < count) this.trouble()
    if (last === undefined) return
    await api.transaction.wait.query({ id: `0x${toHex(last.id)}` })
    this.finalMs.push(performance.now() - startedMs)
  }

  trouble(): void {
    this.#nonce = undefined
    this.#at++
  }
}

/** Runs until the signal. */
export type Load = (signal: AbortSignal) => Promise<LoadFigures>

/**
 * `perSecond` transfers in all, none too many after a pause. Nodes may die meanwhile. `ahead` of them are signed when this
 * resolves, the others as they are sent: it takes a fifth of a millisecond of the cores that the nodes need.
 */
export const prepareLoad = async (urls: readonly string[], perSecond: number, ahead = 0): Promise<Load> => {
  const clients = urls.map(url => createApiClient({ url }))
  const senders = devAccounts().map((account, i) => new Sender(account, clients, i))
  if (ahead > 0) await Promise.all(senders.map(sender => sender.signAhead(Math.ceil(ahead / senders.length))))
  const run = async (sender: Sender, signal: AbortSignal): Promise<void> => {
    const eachMs = (1_000 * senders.length) / perSecond
    let dueMs = performance.now()
    while (!signal.aborted) {
      const nowMs = performance.now()
      const due = Math.floor((nowMs - dueMs) / eachMs)
      if (due < 1) {
        await sleep(TICK_MS)
        continue
      }
      // What was missed in a pause is not made up for.
      dueMs = due > MOST_AT_ONCE ? nowMs : dueMs + due * eachMs
      try {
        await sender.send(Math.min(due, MOST_AT_ONCE))
      } catch {
        // Its node is gone, or was just now: the next one goes on.
        sender.trouble()
        await sleep(200)
      }
    }
  }
  return async signal => {
    await Promise.all(senders.map(sender => run(sender, signal)))
    for (const client of clients) client.close()
    return {
      sent: senders.reduce((sum, { sent }) => sum + sent, 0),
      refused: senders.reduce((sum, { refused }) => sum + refused, 0),
      finalMs: senders.flatMap(({ finalMs }) => finalMs),
    }
  }
}

export const runLoad = async (
  urls: readonly string[],
  perSecond: number,
  signal: AbortSignal,
): Promise<LoadFigures> => (await prepareLoad(urls, perSecond))(signal)
