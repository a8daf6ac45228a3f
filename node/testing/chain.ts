/**
 * A chain inside the test: real transactions through the node's own transition and virtual machine, with fees, nonces
 * and deposits, on a state in memory. It knows no clock and no chance: the same test does the same every time.
 *
 *   const chain = await createTestChain()
 *   const [ada, ben] = [chain.account('ada'), chain.account('ben')]
 *   const token = await chain.deploy(Token, { name: 'Gold', supply: 1_000n }, { from: ada })
 *   await token.call.transfer({ to: ben.address, amount: 5n }, { from: ada })
 *
 * Each call is a block of one transaction, unless {@link TestChain.block} makes one of several.
 */
import type { ContractAbi, EventOf, PassedToInit } from '../abi/infer.ts'
import { type Abi, parseAbi } from '../abi/types.ts'
import type { ReceiptView } from '../api/views.ts'
import type { ContractArtifact } from '../client/artifact.ts'
import { toCallError } from '../client/call-error.ts'
import { type Contract, createContract } from '../client/contract.ts'
import { checkPassed } from '../client/passed.ts'
import type { ContractPort, SendAnswer } from '../client/port.ts'
import { type AddressText, formatAddress, parseAddress } from '../crypto/address.ts'
import { DEV_BALANCE, DEV_CHAIN_ID } from '../dev.ts'
import { MAX_SUPPLY, VEX } from '../params.ts'
import { type Amount, type Gas, toAddress, toHex, ZERO_HASH } from '../types/primitives.ts'
import type { Action } from '../types/transaction.ts'
import { addressOf, createAccount, createDevAccounts, type Someone, type TestAccount } from './accounts.ts'
import { loadArtifact, type LoadedContract, loadSource } from './artifact.ts'
import { TestError } from './error.ts'
import { recordGas } from './gas-log.ts'
import { Ledger } from './ledger.ts'
import { createTestPort, type TestPortOptions, toSendAnswer } from './port.ts'
import { Sender, type SendOptions } from './sender.ts'

/** 2026-01-01T00:00Z. */
const START_MS = 1_767_225_600_000n
const BLOCK_INTERVAL_MS = 1_000n
const BLOCK_GAS_LIMIT = 1_000_000_000n
const BASE_FEE = 1n
const ACCOUNT_BALANCE = 10_000n * VEX
const MAX_MINED = 100_000_000

export interface TestChainOptions {
  /** Of block 0, in ms since 1970. Default: 2026-01-01. */
  readonly timeMs?: bigint | number
  /** Names of accounts to begin with, beside dev0 to dev9. */
  readonly accounts?: readonly string[]
  /** Default: 1,000,000,000, as on a development chain. */
  readonly blockGasLimit?: bigint | number
  /** Units per gas in block 0. It moves as on any chain; the default, 1, is the least there is. */
  readonly baseFee?: bigint | number
  /** Who gets the tips. Default: nobody. */
  readonly proposer?: Someone
}

export interface DeployOptions extends SendOptions {
  readonly value?: bigint | number | undefined
  /** Who may upgrade it; the sender if left out, nobody for `null`. */
  readonly owner?: Someone | null | undefined
}

export interface Deployment<A extends ContractAbi> {
  readonly events: readonly EventOf<A>[]
  readonly gasUsed: Gas
  /** Units. */
  readonly fee: Amount
  readonly receipt: ReceiptView
}

export type TestContract<A extends ContractAbi> = Contract<A, TestPortOptions>
export type DeployedContract<A extends ContractAbi> = TestContract<A> & { readonly deployed: Deployment<A> }

type Init<A extends ContractAbi, O> =
  PassedToInit<A, O> extends [infer Args, unknown] ? [args: Args, options?: O] : [options?: O]

export type Warp =
  /** The next block is so much later than the last. */
  | { readonly seconds: number | bigint }
  /** The next block has this time. */
  | { readonly toMs: bigint | number }
  /** Empty blocks. */
  | { readonly blocks: number }

export interface TestChain {
  /** dev0 to dev9, whose keys are those of development chains, and those that were named at the start. */
  readonly accounts: readonly TestAccount[]
  /** The account of that name, made with 10,000 VEX or `balance` units if there is none yet. */
  account(name: string, balance?: bigint): TestAccount
  /** Of the last block. */
  readonly height: bigint
  /** Of the last block, or of the next one if {@link warp} set it. */
  readonly timeMs: bigint
  /** Arguments of init by name, unless it has none, then options. A path is that of a source: untyped. */
  deploy<const A extends ContractAbi>(
    artifact: ContractArtifact<A>,
    ...passed: Init<A, DeployOptions>
  ): Promise<DeployedContract<A>>
  deploy(source: string, ...passed: unknown[]): Promise<DeployedContract<Abi>>
  /** New code for a contract, by its owner; its storage stays. Arguments are those of migrate. */
  upgrade<const A extends ContractAbi>(
    contract: Someone,
    artifact: ContractArtifact<A>,
    args?: object,
    options?: SendOptions,
  ): Promise<DeployedContract<A>>
  upgrade(
    contract: Someone,
    source: string,
    args?: object,
    options?: SendOptions,
  ): Promise<DeployedContract<Abi>>
  /** A contract that is there, such as one that another contract made. */
  contract<const A extends ContractAbi>(address: Someone, abi: A): TestContract<A>
  /** Units between accounts: 1 VEX is 1,000,000,000. */
  transfer(from: Someone, to: Someone, amount: bigint): Promise<ReceiptView>
  /** Units, without deposits. */
  balance(of: Someone): Amount
  /** Units from nowhere, as a genesis gives them: also for a contract, that others may only pay by a call. */
  fund(who: Someone, amount: bigint): void
  /** What `start` calls, in its order, in one block: `chain.block(() => [token.call.a(), token.call.b()])`. */
  block<T extends readonly Promise<unknown>[]>(
    start: () => readonly [...T],
  ): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>
  /** Empty blocks, a second apart. */
  mine(blocks?: number): void
  /** Calls and views see the new time at once. */
  warp(to: Warp): void
  /** All that is on the chain, to come back to as often as you like. */
  snapshot(): number
  revertTo(snapshot: number): void
  /** Other random numbers than those that come anyway, the same for the same seed. */
  setRandomness(seed: string): void
}

const toInteger = (what: string, value: bigint | number): bigint => {
  if (typeof value === 'bigint' ? value >= 0n : Number.isSafeInteger(value) && value >= 0)
    return BigInt(value)
  throw new TestError(`${what} is a whole number from 0; this is ${value}`)
}

const takesNothing = (abi: Abi, method: string): boolean =>
  (abi.methods.find(({ name }) => name === method)?.params ?? []).length === 0

class Chain implements TestChain {
  readonly accounts: readonly TestAccount[]
  readonly #byName = new Map<string, TestAccount>()
  /** For the gas report: the name of the class at an address. */
  readonly #contractNames = new Map<string, string>()
  readonly #ledger: Ledger
  readonly #sender: Sender
  readonly #port: ContractPort<TestPortOptions>

  constructor(options: TestChainOptions) {
    const { timeMs = START_MS, blockGasLimit = BLOCK_GAS_LIMIT, baseFee = BASE_FEE } = options
    this.#ledger = new Ledger({
      chainId: DEV_CHAIN_ID,
      timeMs: toInteger('timeMs', timeMs),
      blockIntervalMs: BLOCK_INTERVAL_MS,
      blockGasLimit: toInteger('blockGasLimit', blockGasLimit),
      baseFee: toInteger('baseFee', baseFee),
      proposer: options.proposer === undefined ? toAddress(ZERO_HASH) : addressOf(options.proposer),
      seed: '',
    })
    const devAccounts = createDevAccounts()
    this.#sender = new Sender(this.#ledger, devAccounts)
    for (const account of devAccounts) {
      this.#byName.set(account.name, account)
      this.#ledger.fund(parseAddress(account.address), DEV_BALANCE)
    }
    this.accounts = [...devAccounts, ...(options.accounts ?? []).map(name => this.account(name))]
    this.#port = createTestPort(this.#ledger, this.#sender, ({ contract, method }, gasUsed) =>
      recordGas(this.#contractNames.get(toHex(contract)) ?? formatAddress(contract), method, gasUsed),
    )
  }

  account(name: string, balance: bigint = ACCOUNT_BALANCE): TestAccount {
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const account = createAccount(name)
    this.fund(account, balance)
    this.#byName.set(name, account)
    this.#sender.addAccount(account)
    return account
  }

  get height(): bigint {
    return this.#ledger.tip.height
  }

  get timeMs(): bigint {
    const { timeMs, nextTimeMs } = this.#ledger.tip
    return nextTimeMs ?? timeMs
  }

  contract<const A extends ContractAbi>(who: Someone, abi: A): TestContract<A> {
    const address = addressOf(who)
    this.#contractNames.set(toHex(address), abi.name)
    return createContract<A, TestPortOptions>({ address, abi, port: this.#port })
  }

  async #send(action: Action, options: SendOptions): Promise<SendAnswer> {
    return toSendAnswer(await this.#sender.send(action, options))
  }

  /** A transaction with code in it: what it did, and a handle of the contract. */
  async #install<A extends ContractAbi>(
    { abi }: LoadedContract<A>,
    method: 'init' | 'migrate',
    action: Action,
    options: SendOptions,
  ): Promise<DeployedContract<A>> {
    const answer = await this.#send(action, options)
    if (answer.error !== undefined)
      throw toCallError(parseAbi(abi), answer.error, { ...answer, contract: undefined, method })
    const { receipt, gasUsed } = answer
    const address = action.kind === 'upgrade' ? formatAddress(action.contract) : receipt.created[0]
    const handle = this.contract(address as AddressText, abi)
    recordGas(abi.name, method === 'init' ? 'deploy' : 'upgrade', gasUsed)
    const deployed: Deployment<A> = {
      events: handle.eventsIn(receipt),
      gasUsed,
      fee: BigInt(receipt.feePaid),
      receipt,
    }
    return Object.assign(handle, { deployed })
  }

  async deploy(
    contract: string | ContractArtifact,
    ...passed: readonly unknown[]
  ): Promise<DeployedContract<never>> {
    this.#refuseInBlock('deploy')
    const loaded = await load(contract)
    const abi = parseAbi(loaded.abi)
    const [args, given] = takesNothing(abi, 'init') && passed.length < 2 ? [undefined, passed[0]] : passed
    const { owner, value = 0n, ...options } = checkOptions(given)
    return this.#install(
      loaded,
      'init',
      {
        kind: 'deploy',
        code: loaded.code,
        args: encodeFor(abi, 'init', args),
        value: toInteger('a value', value),
        owner: owner === null ? undefined : this.#sender.addressOf(owner ?? options.from),
      },
      options,
    ) as Promise<DeployedContract<never>>
  }

  async upgrade(
    contract: Someone,
    next: string | ContractArtifact,
    args?: object,
    options: SendOptions = {},
  ): Promise<DeployedContract<never>> {
    this.#refuseInBlock('upgrade')
    const loaded = await load(next)
    return this.#install(
      loaded,
      'migrate',
      {
        kind: 'upgrade',
        contract: addressOf(contract),
        code: loaded.code,
        args: encodeFor(parseAbi(loaded.abi), 'migrate', args),
      },
      options,
    ) as Promise<DeployedContract<never>>
  }

  #refuseInBlock(what: string): void {
    if (this.#sender.isFillingBlock)
      throw new TestError(`${what} reads files, so it cannot be in chain.block(): await it before`)
  }

  async transfer(from: Someone, to: Someone, amount: bigint): Promise<ReceiptView> {
    const action = { kind: 'transfer', to: addressOf(to), amount: toInteger('an amount', amount) } as const
    const answer = await this.#send(action, { from })
    if (answer.error === undefined) return answer.receipt
    throw new TestError(`transfer: ${answer.error.message} (${answer.error.code})`)
  }

  balance(of: Someone): Amount {
    return this.#ledger.account(addressOf(of)).balance
  }

  fund(who: Someone, amount: bigint): void {
    const supply = this.#ledger.supply + toInteger('an amount', amount)
    if (supply > MAX_SUPPLY)
      throw new TestError(
        `there may be ${MAX_SUPPLY} units on a chain; with ${amount} more there are ${supply}`,
      )
    this.#ledger.fund(addressOf(who), amount)
  }

  async block<T extends readonly Promise<unknown>[]>(start: () => readonly [...T]) {
    return Promise.all(await this.#sender.fillBlock(start)) as Promise<{
      -readonly [K in keyof T]: Awaited<T[K]>
    }>
  }

  mine(blocks = 1): void {
    if (!Number.isSafeInteger(blocks) || blocks < 0 || blocks > MAX_MINED)
      throw new TestError(`a number of blocks is a whole number up to ${MAX_MINED}; this is ${blocks}`)
    this.#ledger.mine(blocks)
  }

  warp(to: Warp): void {
    if ('blocks' in to) return this.mine(to.blocks)
    const timeMs =
      'seconds' in to ? this.timeMs + toInteger('seconds', to.seconds) * 1_000n : toInteger('toMs', to.toMs)
    const last = this.#ledger.tip.timeMs
    if (timeMs < last) throw new TestError(`time does not run backwards: the last block is of ${last}`)
    this.#ledger.setNextTime(timeMs)
  }

  snapshot(): number {
    return this.#ledger.snapshot()
  }

  revertTo(snapshot: number): void {
    if (!this.#ledger.revertTo(snapshot))
      throw new TestError(`there is no snapshot ${snapshot}; reverting to one removes those made after it`)
  }

  setRandomness(seed: string): void {
    this.#ledger.setSeed(seed)
  }
}

const DEPLOY_OPTIONS: readonly string[] = ['from', 'gasLimit', 'value', 'owner']

const checkOptions = (given: unknown = {}): DeployOptions => {
  const surplus = Object.keys(given as object).find(key => !DEPLOY_OPTIONS.includes(key))
  if (surplus === undefined) return given as DeployOptions
  throw new TestError(
    `deploy: there is no option ${JSON.stringify(surplus)}; there are: ${DEPLOY_OPTIONS.join(', ')}`,
  )
}

const load = (contract: string | ContractArtifact): Promise<LoadedContract<ContractAbi>> =>
  typeof contract === 'string' ? loadSource(contract) : loadArtifact(contract)

/** Of a method that a contract may lack; then it takes nothing. */
const encodeFor = (abi: Abi, name: 'init' | 'migrate', args: unknown): Uint8Array => {
  const method = abi.methods.find(entry => entry.name === name)
  if (method !== undefined) return checkPassed(abi, method, [args ?? {}, undefined], []).args
  if (args === undefined || Object.keys(args as object).length === 0) return new Uint8Array(0)
  throw new TestError(`the contract ${abi.name} has no ${name} method, so it takes no arguments`)
}

// A promise, so that making a chain may take its time one day.
export const createTestChain = async (options: TestChainOptions = {}): Promise<TestChain> =>
  new Chain(options)
