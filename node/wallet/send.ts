/**
 * An account that acts through the API: simulate, sign here, submit, wait for the receipt.
 *
 *   const account = createAccountClient({ client, secretKey })
 *   const result = await account.send({ kind: 'transfer', to, amount: 5n * VEX })
 *   if (result.kind === 'final') console.log(result.receipt.height)
 *
 * What would fail is not sent, so that it costs nothing: `would_fail` says why. What the node refuses, or a
 * node that does not answer, is thrown by the client (see `apiFailure`). Once the signed transaction has left,
 * only the node's refusal or a {@link WalletError} is thrown, which carries its id.
 */
import { TRPCClientError } from '@trpc/client'
import type { ApiClient } from '../api/client.ts'
import type { ReceiptView } from '../api/views.ts'
import { formatAddress, publicKeyToAddress } from '../crypto/address.ts'
import { publicKeyOf } from '../crypto/ed25519.ts'
import { type Address, type Amount, type Gas, type Height, toHex } from '../types/primitives.ts'
import { evidenceCodec } from '../types/evidence.ts'
import type { Action, SimpleAction, TransactionBody } from '../types/transaction.ts'
import { signTransaction } from './sign.ts'

export const DEFAULT_TIP = 1n
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
  simulate(action: Action, gasLimit?: Gas): Promise<SimulationView>
}

export type WalletErrorCode =
  /** The connection broke while the transaction was handed over: the node may have it or not. */
  | 'no_answer'
  /** The node has the transaction, but its receipt did not come. */
  | 'no_receipt'

/** What became of a signed transaction is not known: look for its id before anything is sent again. */
export class WalletError extends Error {
  override readonly name = 'WalletError'
  readonly code: WalletErrorCode
  readonly transactionId: string
  constructor(code: WalletErrorCode, transactionId: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.transactionId = transactionId
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** An answer of the node has data; a broken connection has none. */
const isAnswer = (error: unknown): boolean => error instanceof TRPCClientError && error.data != null

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
    case 'registerValidator':
      return {
        kind: action.kind,
        voteKey: hex(action.voteKey),
        proofOfPossession: hex(action.proofOfPossession),
        vrfKey: hex(action.vrfKey),
        vrfProof: hex(action.vrfProof),
        commissionBps: action.commissionBps,
        stake: String(action.stake),
      }
    case 'editValidator':
      return { kind: action.kind, commissionBps: action.commissionBps }
    case 'delegate':
      return {
        kind: action.kind,
        validator: formatAddress(action.validator),
        amount: String(action.amount),
      }
    case 'undelegate':
      return {
        kind: action.kind,
        validator: formatAddress(action.validator),
        amount: action.amount === undefined ? undefined : String(action.amount),
      }
    case 'withdraw':
      return { kind: action.kind, validator: formatAddress(action.validator) }
    case 'claimRewards':
      return { kind: action.kind, validator: formatAddress(action.validator) }
    case 'unjail':
      return { kind: action.kind }
    case 'submitEvidence':
      return { kind: action.kind, evidence: hex(evidenceCodec.encode(action.evidence)) }
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
  client: ApiClient
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
    const signed = signTransaction(secretKey, body)
    const id = hex(signed.id)
    try {
      await api.transaction.submit.mutate({ transaction: hex(signed.bytes) })
    } catch (cause) {
      if (isAnswer(cause)) throw cause
      throw new WalletError(
        'no_answer',
        id,
        `the node did not answer when transaction ${id} was submitted (${reasonOf(cause)}): it may have it. Ask for it by its id before you send again`,
        { cause },
      )
    }
    return { id, body }
  }

  const simulate = (action: Action, gasLimit?: Gas): Promise<SimulationView> =>
    api.transaction.simulate.query({
      sender,
      action: actionToInput(action),
      gasLimit: gasLimit === undefined ? undefined : String(gasLimit),
    })

  const submitSimulated = async (
    action: Action,
    simulation: SimulationView,
    sendOptions: SendOptions,
  ): Promise<SubmitOutcome> => {
    if (simulation.status === 'failed' && sendOptions.force !== true)
      return { kind: 'would_fail', simulation }
    const gasLimit = sendOptions.gasLimit ?? withMargin(BigInt(simulation.gasLimit))
    return { kind: 'submitted', ...(await signAndSubmit(action, gasLimit, sendOptions)), simulation }
  }

  const submit = (action: Action, sendOptions: SendOptions = {}): Promise<SubmitOutcome> => {
    const simulated = simulate(action, sendOptions.gasLimit)
    const turn = previous.then(async () => submitSimulated(action, await simulated, sendOptions))
    // Whoever called hears of an error through `turn`; the next in line only waits for the end, good or bad.
    simulated.catch(() => undefined)
    previous = turn.catch(() => undefined)
    return turn
  }

  const waitForReceipt = async (id: string, timeoutMs: number): Promise<ReceiptView> => {
    try {
      return await api.transaction.wait.query({ id, timeoutMs })
    } catch (cause) {
      throw new WalletError(
        'no_receipt',
        id,
        `transaction ${id} was submitted, but its receipt did not come (${reasonOf(cause)}). It may still be in a later block: ask for it by its id`,
        { cause },
      )
    }
  }

  return {
    address,
    publicKey,
    simulate,
    submit,
    async send(action, sendOptions = {}) {
      const outcome = await submit(action, sendOptions)
      if (outcome.kind === 'would_fail') return outcome
      const receipt = await waitForReceipt(outcome.id, sendOptions.timeoutMs ?? DEFAULT_WAIT_MS)
      return { ...outcome, kind: 'final', receipt }
    },
  }
}
