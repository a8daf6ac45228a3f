/**
 * The client: what applications and scripts talk to a chain with.
 *
 *   const vex = createVexClient({ url: 'http://127.0.0.1:4100' })
 *   const account = vex.account(secretKey)
 *   const token = vex.contract(address, abi, { account })
 *   await token.call.transfer({ to, amount: 5n })
 *   for await (const event of token.events({ fromHeight: 0n })) console.log(event.name, event.fields)
 *
 * `abi` is what `vex build` wrote to NAME.abi.ts: it gives methods, events and errors their types.
 */
import { SECRET_KEY_BYTES } from '#signing'
import type { ContractAbi, EventOf, InitOf, PassedToInit } from '../abi/infer.ts'
import { type Abi, type AbiMethod, abiFromCode, formatMethod, parseAbi } from '../abi/types.ts'
import { type ApiClient, type ApiClientOptions, createApiClient } from '../api/client.ts'
import type { RetryPolicy } from '../api/retry.ts'
import type { ReceiptView } from '../api/views.ts'
import { type AddressText, parseAddress } from '../crypto/address.ts'
import { type Address, fromHex, type Hash, type TimeMs, toHash } from '../types/primitives.ts'
import { type AccountClient, createAccountClient, type SendOptions } from '../wallet/send.ts'
import { type SettleOptions, settleTransaction } from '../wallet/settle.ts'
import { ArtifactError, type ContractArtifact, readCode } from './artifact.ts'
import { toCallError } from './call-error.ts'
import { type CallResult, type Contract, createContract, type ValueOption } from './contract.ts'
import { createEventSource, type EventSource } from './event-stream.ts'
import {
  createNodePort,
  findMismatch,
  type NodePortOptions,
  SEND_OPTION_NAMES,
  sendAction,
} from './node-port.ts'
import type { Light } from './light.ts'
import { checkPassed } from './passed.ts'

export type NodeContract<A extends ContractAbi> = Contract<A, NodePortOptions> & EventSource<A>

export type DeployedContract<A extends ContractAbi> = NodeContract<A> & {
  readonly deployment: CallResult<undefined, EventOf<A>>
}

export interface DeployOptions extends SendOptions {
  /** Signs and pays; calls are from it too, unless they say otherwise. */
  readonly account: AccountClient
  /** Who may upgrade the contract, `null` for nobody. Default: the account. */
  readonly owner?: AddressText | Address | null | undefined
}

export interface VexClientOptions extends Omit<ApiClientOptions, 'retry'> {
  /** How patient it is with a network or a node that fails (see retry.ts). Each field has a default. */
  readonly retry?: Partial<RetryPolicy> | undefined
}

export interface VexClient extends ApiClient {
  /** Acts with this key, 32 bytes or their hex digits; it never leaves this process. */
  account(secretKey: Uint8Array | string): AccountClient
  /** Throws an AbiError or an AddressError; whether there is such a contract shows at its first use. */
  contract<const A extends ContractAbi>(
    address: string | Address,
    abi: A,
    options?: { readonly account?: AccountClient | undefined },
  ): NodeContract<A>
  /**
   * Answers that need no trust in the node: every one is verified here, from the genesis on (see light-client.ts).
   * Throws a LightClientError for a node that says what it cannot prove.
   */
  light(options: LightSettings): Promise<Light>
  /** Sends the contract and waits until it is final. Takes the arguments of its init method, if it has any. */
  deploy<const A extends ContractAbi>(
    artifact: ContractArtifact<A>,
    ...passed: PassedToInit<A, DeployOptions & ValueOption<InitOf<A>>>
  ): Promise<DeployedContract<A>>
  /**
   * Finishes a transaction that was signed before, by this process or one that crashed: sends the same bytes and waits for
   * the receipt. Never pays twice. Throws a WalletError, or the node's refusal.
   */
  settle(transaction: Uint8Array | string, options?: SettleOptions): Promise<ReceiptView>
}

export interface LightSettings {
  /** What the user trusts: 32 bytes, or their hex digits. */
  readonly genesisHash: Hash | string
  /** How long what was verified last is trusted; shorter than stakes stay liable on the chain. */
  readonly trustingPeriodMs: bigint
  /** Default: this device's clock. */
  readonly nowMs?: () => TimeMs
}

const DEPLOY_OPTIONS = ['account', 'owner', 'value', ...SEND_OPTION_NAMES]

/** Of a contract that has none: it takes neither arguments nor value. */
const NO_INIT: AbiMethod = {
  name: 'init',
  kind: 'init',
  payable: false,
  reentrant: false,
  params: [],
  returns: 'void',
}

const initOf = (abi: Abi): AbiMethod => abi.methods.find(({ kind }) => kind === 'init') ?? NO_INIT

/** A contract that is not what its ABI says could be deployed, but not be used. */
const assertSame = (name: string, abi: Abi, code: Uint8Array): void => {
  const own = abiFromCode(code)
  if (own === undefined) return
  const [given, there] = [initOf(abi), initOf(own)].map(formatMethod)
  const lacks = given === there ? findMismatch(abi, own) : `${given} is now ${there}`
  if (lacks !== undefined)
    throw new ArtifactError(`the ABI of ${name} is not that of its code: ${lacks}. Build it with "vex build"`)
}

const resolveOwner = (owner: DeployOptions['owner'], sender: Address): Address | undefined => {
  if (owner === undefined) return sender
  if (owner === null) return undefined
  return typeof owner === 'string' ? parseAddress(owner) : owner
}

/** The key itself is never shown. */
const toSecretKey = (given: Uint8Array | string): Uint8Array => {
  if (typeof given !== 'string') return given
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(given)) return fromHex(given)
  throw new TypeError(
    `not a secret key: expected ${SECRET_KEY_BYTES} bytes as ${2 * SECRET_KEY_BYTES} hex digits, got ${given.length} characters`,
  )
}

export const createVexClient = ({ retry = {}, ...options }: VexClientOptions): VexClient => {
  const client = createApiClient({ ...options, retry })

  const contract = <const A extends ContractAbi>(
    address: string | Address,
    abi: A,
    { account }: { readonly account?: AccountClient | undefined } = {},
  ): NodeContract<A> => {
    const port = createNodePort(client, account)
    const handle = createContract({ address, abi, port })
    return { ...handle, ...createEventSource(client, port, handle) }
  }

  const deploy = async <const A extends ContractAbi>(
    artifact: ContractArtifact<A>,
    ...passed: readonly unknown[]
  ): Promise<DeployedContract<A>> => {
    const abi = parseAbi(artifact.abi)
    const init = initOf(abi)
    const { args, value, options } = checkPassed(abi, init, passed, DEPLOY_OPTIONS)
    const { account, owner, ...sending } = options as Partial<DeployOptions>
    const code = await readCode(artifact)
    assertSame(artifact.name, abi, code)
    const answer = await sendAction(
      client.url,
      account,
      { kind: 'deploy', code, args, value, owner: account && resolveOwner(owner, account.address) },
      sending,
    )
    if (answer.error !== undefined)
      throw toCallError(abi, answer.error, { ...answer, contract: undefined, method: init.name })
    const { receipt, gasUsed } = answer
    const [address] = receipt.created
    if (address === undefined) throw new Error(`transaction ${receipt.transactionId} deployed nothing`)
    const handle = contract(address, artifact.abi, { account })
    const events = handle.eventsIn(receipt)
    const { transactionId } = receipt
    return { ...handle, deployment: { returned: undefined, events, gasUsed, transactionId, receipt } }
  }

  return {
    ...client,
    account: secretKey => createAccountClient({ client, secretKey: toSecretKey(secretKey) }),
    contract,
    deploy,
    settle: (transaction, settling) => settleTransaction(client, transaction, settling),
    async light({ genesisHash, trustingPeriodMs, nowMs = () => BigInt(Date.now()) }) {
      const trusted = typeof genesisHash === 'string' ? toHash(fromHex(genesisHash)) : genesisHash
      // Whoever does not ask for it does not load its cryptography.
      const { startLight } = await import('./light.ts')
      return startLight(client.api, { genesisHash: trusted, trustingPeriodMs, nowMs })
    },
  }
}
