/** A typed contract's way to a node: asks its API, signs with an account, waits until a transaction is final. */
import { compareInterfaces } from '../abi/interface.ts'
import type { Abi } from '../abi/types.ts'
import { type ApiClient, type ApiFailure, apiFailure } from '../api/client.ts'
import type { ReceiptView } from '../api/views.ts'
import { type AddressText, formatAddress } from '../crypto/address.ts'
import { type Address, fromHex, type Gas, toHex } from '../types/primitives.ts'
import type { Action } from '../types/transaction.ts'
import { type AccountClient, type SendOptions, type SimulationView } from '../wallet/send.ts'
import { NEVER_CODES, WalletError } from '../wallet/settle.ts'
import { toContractEvent } from './contract.ts'
import type { CallFailure, ContractPort, Executed, SendAnswer, SimulationAnswer, ViewAnswer } from './port.ts'

/** What keeps a contract with its `own` ABI from being used by the one `given`; it may have more than that says. */
export const findMismatch = (given: Abi, own: Abi): string | undefined =>
  compareInterfaces(given, own).find(({ kind }) => kind !== 'added')?.message

export interface NodeCallOptions extends SendOptions {
  /** Signs and pays. Default: the account that the contract was opened with. */
  readonly from?: AccountClient | undefined
}

export interface NodeViewOptions {
  /** Who asks, for a view that wants to know. Default: the account that the contract was opened with. */
  readonly from?: AccountClient | AddressText | Address | undefined
  /** Default: what the node allows. */
  readonly gasLimit?: Gas | undefined
  readonly signal?: AbortSignal | undefined
}

/** What every transaction takes. */
export const SEND_OPTION_NAMES = [
  'gasLimit',
  'maxFee',
  'tip',
  'validUntilHeight',
  'nonce',
  'force',
  'timeoutMs',
  'signal',
  'onSigned',
] as const satisfies readonly (keyof SendOptions)[]

const requestOf = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal }

export interface NodePortOptions {
  readonly call: NodeCallOptions
  readonly view: NodeViewOptions
}

const hex = (bytes: Uint8Array): string => `0x${toHex(bytes)}`

const toExecuted = ({ returnData, gasUsed, events }: ReceiptView | SimulationView): Executed => ({
  error: undefined,
  returnData: fromHex(returnData),
  gasUsed: BigInt(gasUsed),
  events: events.map(toContractEvent),
})

const executionFailure = (
  { code, message, data }: NonNullable<ReceiptView['error']>,
  { failure }: Partial<SimulationView> = {},
): CallFailure => ({ code, message, data: fromHex(data), trace: failure ?? undefined })

export const toCallFailure = ({ code, detail, message, call }: ApiFailure, cause: unknown): CallFailure => ({
  code: detail ?? code,
  message,
  data: call?.data === undefined ? undefined : fromHex(call.data),
  trace: call?.failure,
  cause,
})

const NO_ACCOUNT: CallFailure = {
  code: 'no_account',
  message: 'nobody signs: give an account where the contract is opened, or as the option "from"',
}

const callerOf = (from: NodeViewOptions['from']): string | undefined => {
  if (from === undefined || typeof from === 'string') return from
  return formatAddress('address' in from ? from.address : from)
}

/** How an action ended that an account was to send. */
export const sendAction = async (
  url: string,
  account: AccountClient | undefined,
  action: Action,
  options: SendOptions,
): Promise<SendAnswer> => {
  if (account === undefined) return { error: NO_ACCOUNT, state: 'not_sent' }
  try {
    const result = await account.send(action, options)
    const { simulation } = result
    if (result.kind === 'would_fail') {
      if (simulation.error === null) throw new Error('a simulation failed without an error')
      return { error: executionFailure(simulation.error, simulation), state: 'not_sent' }
    }
    const { receipt } = result
    return receipt.error === null
      ? { ...toExecuted(receipt), receipt }
      : { error: executionFailure(receipt.error, simulation), state: 'failed', receipt }
  } catch (cause) {
    if (cause instanceof WalletError) {
      const { code, message, transactionId } = cause
      return {
        error: { code, message, cause },
        state: NEVER_CODES.has(code) ? 'never' : 'unknown',
        transactionId,
      }
    }
    const failure = apiFailure(cause, url)
    if (failure === undefined) throw cause
    return { error: toCallFailure(failure, cause), state: 'not_sent' }
  }
}

/** For one contract. */
export const createNodePort = (
  { api, url }: ApiClient,
  account: AccountClient | undefined,
): ContractPort<NodePortOptions> => {
  /** What an API call answers, or why it did not. */
  const answered = async <T>(ask: () => Promise<T>): Promise<T | { readonly error: CallFailure }> => {
    try {
      return await ask()
    } catch (cause) {
      const failure = apiFailure(cause, url)
      if (failure === undefined) throw cause
      return { error: toCallFailure(failure, cause) }
    }
  }

  const explainMissing = async (contract: AddressText): Promise<CallFailure | undefined> => {
    const found = await answered(() => api.account.get.query({ address: contract }))
    if ('error' in found) return found.error
    // A contract without an ABI is as good as whoever wrote down its ABI says.
    if (found.contract !== null) return undefined
    const message = `there is no contract at ${contract} on this chain`
    return { code: 'unknown_contract', message }
  }

  const compare = async (contract: AddressText, abi: Abi): Promise<CallFailure | undefined> => {
    const own = await answered<Abi>(() => api.contract.abi.query({ contract }))
    if ('error' in own) return own.error.code === 'not_found' ? explainMissing(contract) : own.error
    const lacks = findMismatch(abi, own)
    if (lacks === undefined) return undefined
    const what =
      own.name === abi.name ? `another version of ${abi.name}: ${lacks}` : `${own.name}, not ${abi.name}`
    const message = `the contract at ${contract} is ${what}. Give the ABI that it was built with`
    return { code: 'abi_mismatch', message }
  }
  let checked: Promise<CallFailure | undefined> | undefined

  return {
    optionNames: {
      view: ['from', 'gasLimit', 'signal'],
      call: ['from', ...SEND_OPTION_NAMES],
    },

    view: ({ contract, method, args }, { from = account, gasLimit, signal }) =>
      answered(async (): Promise<ViewAnswer> => {
        const answer = await api.contract.view.query(
          {
            contract: formatAddress(contract),
            method,
            args: hex(args),
            caller: callerOf(from),
            gasLimit: gasLimit === undefined ? undefined : String(gasLimit),
          },
          requestOf(signal),
        )
        return { error: undefined, returnData: fromHex(answer.returnData), gasUsed: BigInt(answer.gasUsed) }
      }),

    simulate: (request, { from = account, gasLimit, signal }) =>
      answered(async (): Promise<SimulationAnswer> => {
        if (from === undefined) return { error: NO_ACCOUNT }
        const simulation = await from.simulate({ kind: 'call', ...request }, gasLimit, signal)
        return simulation.error === null
          ? toExecuted(simulation)
          : { error: executionFailure(simulation.error, simulation) }
      }),

    send: (request, { from = account, ...options }) =>
      sendAction(url, from, { kind: 'call', ...request }, options),

    async check(contract, abi) {
      checked ??= compare(formatAddress(contract), abi)
      const failure = await checked
      // What is not there may come: the next one asks again.
      if (failure !== undefined) checked = undefined
      return failure
    },
  }
}
