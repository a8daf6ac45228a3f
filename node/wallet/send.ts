/**
 * An account that acts through the API: simulate, sign here, submit, wait for the receipt.
 *
 *   const account = createAccountClient({ client, secretKey })
 *   const result = await account.send({ kind: 'transfer', to, amount: 5n * VEX })
 *   if (result.kind === 'final') console.log(result.receipt.height)
 *
 * What would fail is not sent, so that it costs nothing: `would_fail` says why. What the node refuses, or a
 * node that does not answer, is thrown by the client (see `apiFailure`). Once the signed transaction has left,
 * it is sent again until it is settled (settle.ts), and only the node's refusal or a {@link WalletError} is thrown,
 * which carries its id.
 *
 * Nonces: each is asked of the node when the transaction before it is taken or refused, so that neither a refusal nor
 * many calls at a time leave a gap; and it is above those that this account still sees to, which the node may have lost
 * for a moment. Fees: what is paid is the base fee of the block and the tip; `maxFee` is the most. By default it
 * survives five full blocks in a row: twice the base fee, or six units more where that is little, and the tip.
 */
import { publicKeyOf } from '#signing'
import type { ApiClient } from '../api/client.ts'
import type { ReceiptView } from '../api/views.ts'
import { formatAddress, publicKeyToAddress } from '../crypto/address.ts'
import { type Address, type Amount, type Gas, type Height, toHex } from '../types/primitives.ts'
import { type Action, parseTransaction, type TransactionBody } from '../types/transaction.ts'
import { actionToInput } from './action-input.ts'
import { createSettlement, type Settlement, type SettleOptions } from './settle.ts'
import { signTransaction } from './sign.ts'

export const DEFAULT_TIP = 1n
/** How many blocks a transaction may wait; after that it can never be in one. */
const DEFAULT_VALIDITY_BLOCKS = 1_000n

export interface SendOptions extends SettleOptions {
  /** Default: what the simulation needs, and a tenth more. */
  readonly gasLimit?: Gas | undefined
  /** The most that is paid, units per gas, base fee and tip together. Default: see above. */
  readonly maxFee?: Amount | undefined
  /** Units per gas for the proposer. Default: 1. */
  readonly tip?: Amount | undefined
  /** Default: 1,000 blocks after the latest. */
  readonly validUntilHeight?: Height | undefined
  /**
   * Default: the next. That of a transaction which waits takes its place, for at least a tenth more `maxFee` and `tip`:
   * one of the two will be in the chain, never both.
   */
  readonly nonce?: bigint | undefined
  /** Send it although the simulation fails: it is charged and leaves a receipt. */
  readonly force?: boolean | undefined
  /**
   * Called, and waited for, before the transaction leaves: who keeps its bytes can settle it after a crash
   * (`settleTransaction`). What it throws keeps the transaction from being sent.
   */
  readonly onSigned?: ((signed: SignedAction) => void | Promise<void>) | undefined
}

export interface SignedAction {
  /** `0x` hex. */
  readonly id: string
  readonly bytes: Uint8Array
  readonly nonce: bigint
}

export type SimulationView = Awaited<ReturnType<ApiClient['api']['transaction']['simulate']['query']>>

export interface SubmittedTransaction {
  /** `0x` hex. */
  readonly id: string
  readonly body: TransactionBody
  readonly simulation: SimulationView
}

export type SubmitOutcome =
  | ({ readonly kind: 'submitted' } & SubmittedTransaction)
  | { readonly kind: 'would_fail'; readonly simulation: SimulationView }

export type SendResult =
  /** In a block; `receipt.status` says whether it did what it should. */
  | ({ readonly kind: 'final'; readonly receipt: ReceiptView } & SubmittedTransaction)
  /** Nothing was sent. */
  | { readonly kind: 'would_fail'; readonly simulation: SimulationView }

export interface AccountClient {
  readonly address: Address
  readonly publicKey: Uint8Array
  /** Hands the transaction to the node and does not wait. Calls at the same time get nonces in their order. */
  submit(action: Action, options?: SendOptions): Promise<SubmitOutcome>
  send(action: Action, options?: SendOptions): Promise<SendResult>
  /** What the action would do in the next block. Default limit: what a block has room for. */
  simulate(action: Action, gasLimit?: Gas, signal?: AbortSignal): Promise<SimulationView>
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** A tenth more than the simulation needed: others may change the state before the transaction runs. */
const withMargin = (gas: Gas): Gas => gas + gas / 10n

/** See the top. The base fee rises by an eighth with a full block, and at least by one. */
const feeCap = (baseFee: Amount): Amount => (baseFee < 6n ? baseFee + 6n : 2n * baseFee)

export const createAccountClient = (options: {
  client: ApiClient
  /** Ed25519, 32 bytes. */
  secretKey: Uint8Array
}): AccountClient => {
  const { client, secretKey } = options
  const { api } = client
  const publicKey = publicKeyOf(secretKey)
  const address = publicKeyToAddress(publicKey)
  const sender = formatAddress(address)
  /** The submission before this one: a nonce is asked for only when the one before it is taken. */
  let previous: Promise<unknown> = Promise.resolve()
  /** Nonces of transactions that are seen to until they are final: the node may lose one, and get it again. */
  const seenTo = new Set<bigint>()

  const nextNonce = (pending: bigint): bigint =>
    [...seenTo].reduce((next, nonce) => (nonce < next ? next : nonce + 1n), pending)

  const sign = async (action: Action, gasLimit: Gas, given: SendOptions): Promise<TransactionBody> => {
    const { tip = DEFAULT_TIP, maxFee, validUntilHeight, signal } = given
    const request = signal === undefined ? {} : { signal }
    const [info, nonces] = await Promise.all([
      api.chain.info.query(undefined, request),
      api.account.nonce.query({ address: sender }, request),
    ])
    return {
      version: 1,
      chainId: info.chainId,
      sender: publicKey,
      nonce: given.nonce ?? nextNonce(BigInt(nonces.pending)),
      gasLimit: smaller(gasLimit, BigInt(info.blockGasLimit)),
      maxFee: maxFee ?? feeCap(BigInt(info.baseFee)) + tip,
      tip,
      validUntilHeight: validUntilHeight ?? BigInt(info.head.height) + DEFAULT_VALIDITY_BLOCKS,
      action,
    }
  }

  const simulate = (action: Action, gasLimit?: Gas, signal?: AbortSignal): Promise<SimulationView> =>
    api.transaction.simulate.query(
      {
        sender,
        action: actionToInput(action),
        gasLimit: gasLimit === undefined ? undefined : String(gasLimit),
      },
      signal === undefined ? {} : { signal },
    )

  /** Of what was handed over. */
  type Sent = Extract<SubmitOutcome, { kind: 'submitted' }> & { readonly settlement: Settlement }

  const signAndHandOver = async (
    action: Action,
    simulation: SimulationView,
    sendOptions: SendOptions,
  ): Promise<Sent | Extract<SubmitOutcome, { kind: 'would_fail' }>> => {
    if (simulation.status === 'failed' && sendOptions.force !== true)
      return { kind: 'would_fail', simulation }
    const gasLimit = sendOptions.gasLimit ?? withMargin(BigInt(simulation.gasLimit))
    const body = await sign(action, gasLimit, sendOptions)
    const signed = signTransaction(secretKey, body)
    await sendOptions.onSigned?.({ id: hex(signed.id), bytes: signed.bytes, nonce: body.nonce })
    const settlement = createSettlement(client, parseTransaction(signed.bytes), sendOptions)
    if (sendOptions.nonce === undefined) seenTo.add(body.nonce)
    try {
      await settlement.handOver()
    } catch (error) {
      seenTo.delete(body.nonce)
      throw error
    }
    return { kind: 'submitted', id: hex(signed.id), body, simulation, settlement }
  }

  const inTurn = (action: Action, sendOptions: SendOptions) => {
    const simulated = simulate(action, sendOptions.gasLimit, sendOptions.signal)
    const turn = previous.then(async () => signAndHandOver(action, await simulated, sendOptions))
    // Whoever called hears of an error through `turn`; the next in line only waits for the end, good or bad.
    simulated.catch(() => undefined)
    previous = turn.catch(() => undefined)
    return turn
  }

  return {
    address,
    publicKey,
    simulate,
    async submit(action, sendOptions = {}) {
      const outcome = await inTurn(action, sendOptions)
      if (outcome.kind === 'would_fail') return outcome
      const { settlement: _, ...submitted } = outcome
      seenTo.delete(submitted.body.nonce)
      return submitted
    },
    async send(action, sendOptions = {}) {
      const outcome = await inTurn(action, sendOptions)
      if (outcome.kind === 'would_fail') return outcome
      const { settlement, ...submitted } = outcome
      try {
        return { ...submitted, kind: 'final', receipt: await settlement.receipt() }
      } finally {
        seenTo.delete(submitted.body.nonce)
      }
    },
  }
}
