/**
 * An account that acts through the API: simulate, sign here, submit, wait for the receipt.
 *
 *   const account = createAccountClient({ client, secretKey })
 *   const result = await account.send({ kind: 'transfer', to, amount: 5n * VEX })
 *   if (result.kind === 'final') console.log(result.receipt.height)
 *
 * What would fail is not sent, so that it costs nothing: `would_fail` says why. What the node refuses, or a
 * node that does not answer, is thrown by the client (see `apiFailure`). Once the transaction is submitted
 * nothing is thrown but a {@link WalletError}, which carries its id.
 */
import type { VexClient } from '../api/client.ts'
import type { ReceiptView } from '../api/views.ts'
import { formatAddress, publicKeyToAddress } from '../crypto/address.ts'
import { publicKeyOf } from '../crypto/ed25519.ts'
import { type Address, type Amount, type Gas, type Height, toHex } from '../types/primitives.ts'
import type { Action, SimpleAction, TransactionBody } from '../types/transaction.ts'
import { signTransaction } from './sign.ts'

const DEFAULT_TIP = 1n
/** How many blocks a transaction may wait; after that it can never be in one. */
const DEFAULT_VALIDITY_BLOCKS = 1_000n
const DEFAULT_WAIT_MS = 60_000

export interface SendOptions {
  /** Default: what the simulation needs, and a tenth more. */
  readonly gasLimit?: Gas | undefined
  /** Units per gas, base fee and tip together. Default: twice the base fee and the tip. */
  readonly maxFee?: Amount | undefined
  /** Units per gas for the proposer. Default: 1. */
  readonly tip?: Amount | undefined
  /** Default: 1,000 blocks after the latest. */
  readonly validUntilHeight?: Height | undefined
  /** Send it although the simulation fails: it is charged and leaves a receipt. */
  readonly force?: boolean | undefined
  /** How long to wait for the receipt, at most 60,000. */
  readonly timeoutMs?: number | undefined
}

export type SimulationView = Awaited<ReturnType<VexClient['api']['transaction']['simulate']['query']>>

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
}

/** The transaction is with the node, but its receipt did not come. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code = 'no_receipt'
  readonly transactionId: string
  constructor(transactionId: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.transactionId = transactionId
  }
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

const simpleActionToInput = (action: SimpleAction) => {
  switch (action.kind) {
    case 'transfer':
      return { kind: action.kind, to: formatAddress(action.to), amount: String(action.amount) }
    case 'deploy':
      return {
        kind: action.kind,
        code: hex(action.code),
        args: hex(action.args),
        value: String(action.value),
        owner: action.owner === undefined ? undefined : formatAddress(action.owner),
      }
    case 'call':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        method: action.method,
        args: hex(action.args),
        value: String(action.value),
      }
    case 'upgrade':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        code: hex(action.code),
        args: hex(action.args),
      }
    case 'setOwner':
      return {
        kind: action.kind,
        contract: formatAddress(action.contract),
        owner: action.owner === undefined ? undefined : formatAddress(action.owner),
      }
  }
}

/** The action as the API takes it (api/inputs.ts). */
const actionToInput = (action: Action) =>
  action.kind === 'batch'
    ? { kind: action.kind, actions: action.actions.map(simpleActionToInput) }
    : simpleActionToInput(action)

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** A tenth more than the simulation needed: others may change the state before the transaction runs. */
const withMargin = (gas: Gas): Gas => gas + gas / 10n

export const createAccountClient = (options: {
  client: VexClient
  /** Ed25519, 32 bytes. */
  secretKey: Uint8Array
}): AccountClient => {
  const { api } = options.client
  const { secretKey } = options
  const publicKey = publicKeyOf(secretKey)
  const address = publicKeyToAddress(publicKey)
  const sender = formatAddress(address)
  /** The submission before this one: a nonce is asked for only when the one before it is taken. */
  let previous: Promise<unknown> = Promise.resolve()

  const signAndSubmit = async (
    action: Action,
    gasLimit: Gas,
    { tip = DEFAULT_TIP, maxFee, validUntilHeight }: SendOptions,
  ) => {
    const [info, nonce] = await Promise.all([
      api.chain.info.query(),
      api.account.nonce.query({ address: sender }),
    ])
    const body: TransactionBody = {
      version: 1,
      chainId: info.chainId,
      sender: publicKey,
      nonce: BigInt(nonce.pending),
      gasLimit: smaller(gasLimit, BigInt(info.blockGasLimit)),
      maxFee: maxFee ?? 2n * BigInt(info.baseFee) + tip,
      tip,
      validUntilHeight: validUntilHeight ?? BigInt(info.head.height) + DEFAULT_VALIDITY_BLOCKS,
      action,
    }
    const { bytes } = signTransaction(secretKey, body)
    const { id } = await api.transaction.submit.mutate({ transaction: hex(bytes) })
    return { id, body }
  }

  const submit = async (action: Action, sendOptions: SendOptions = {}): Promise<SubmitOutcome> => {
    const simulation = await api.transaction.simulate.query({
      sender,
      action: actionToInput(action),
      gasLimit: sendOptions.gasLimit === undefined ? undefined : String(sendOptions.gasLimit),
    })
    if (simulation.status === 'failed' && sendOptions.force !== true)
      return { kind: 'would_fail', simulation }
    const gasLimit = sendOptions.gasLimit ?? withMargin(BigInt(simulation.gasLimit))
    const turn = previous.then(() => signAndSubmit(action, gasLimit, sendOptions))
    // The next one waits for this one's end, good or bad; this one's caller hears of the error.
    previous = turn.catch(() => undefined)
    return { kind: 'submitted', ...(await turn), simulation }
  }

  const waitForReceipt = async (id: string, timeoutMs: number): Promise<ReceiptView> => {
    try {
      return await api.transaction.wait.query({ id, timeoutMs })
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new WalletError(
        id,
        `transaction ${id} was submitted, but its receipt did not come (${reason}). It may still be in a later block: ask for it by its id`,
        { cause },
      )
    }
  }

  return {
    address,
    publicKey,
    submit,
    async send(action, sendOptions = {}) {
      const outcome = await submit(action, sendOptions)
      if (outcome.kind === 'would_fail') return outcome
      const receipt = await waitForReceipt(outcome.id, sendOptions.timeoutMs ?? DEFAULT_WAIT_MS)
      return { ...outcome, kind: 'final', receipt }
    },
  }
}
