/**
 * The chain of a test: the node's own transition on a state in memory, block after block, without votes, clock or
 * disk. The same blocks give the same state, receipts and gas as on a node.
 *
 * The state is one overlay over nothing, so that its journal is what snapshots need.
 */
import type { CallOutcome, Vm } from '../../vm/execution.ts'
import { createVm } from '../../vm/vm.ts'
import { sha256 } from '../crypto/hash.ts'
import { BASE_FEE } from '../params.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateChange, StateReader } from '../state/view.ts'
import { credit, debit, readAccount, readSupply, writeSupply } from '../transition/accounts.ts'
import type { Refusal } from '../transition/admission.ts'
import { BlockExecution } from '../transition/block.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { blockRandomness } from '../transition/randomness.ts'
import { traceTransaction, viewContract } from '../transition/simulate.ts'
import { type Trace, Tracer } from '../transition/trace.ts'
import type { BlockContext } from '../transition/execution.ts'
import type { TransactionOutcome } from '../transition/transaction.ts'
import type { Account } from '../types/account.ts'
import {
  type Address,
  type Amount,
  type Gas,
  type Hash,
  type TimeMs,
  toHash,
  toHex,
} from '../types/primitives.ts'
import { type Receipt, receiptsOf } from '../types/receipt.ts'
import type { ParsedTransaction } from '../types/transaction.ts'

export interface LedgerOptions {
  readonly chainId: string
  /** Of block 0. */
  readonly timeMs: TimeMs
  /** From one block to the next. */
  readonly blockIntervalMs: bigint
  readonly blockGasLimit: Gas
  /** Of block 0; it moves as on any chain. */
  readonly baseFee: Amount
  /** Who gets the tips. */
  readonly proposer: Address
  readonly seed: string
}

/** The last block. */
interface Tip {
  readonly height: bigint
  readonly timeMs: TimeMs
  readonly baseFee: Amount
  readonly gasUsed: Gas
  readonly seed: string
  /** Of the next block, if somebody set it. */
  readonly nextTimeMs: TimeMs | undefined
}

interface NextBlock extends BlockContext {
  readonly baseFee: Amount
}

export type Applied =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'included'
      readonly receipt: Receipt
      readonly height: bigint
      /** In its block. */
      readonly index: number
      /** Stands for the block's hash. */
      readonly blockId: Hash
      readonly trace: Trace
    }

/** A transaction, once it is known how many of its sender's stand before it. */
export type Make = (nonceOf: (sender: Address) => bigint) => ParsedTransaction

interface Snapshot {
  readonly tip: Tip
  readonly mark: number
}

const NOTHING: StateReader = { get: () => undefined, first: () => undefined }
const BLOCK_FULL: Refusal = { code: 'gas_limit_too_high', message: 'the block has no room for it' }

/** One for all chains of a process: what it keeps is by code hash and never visible in a result. */
let sharedVm: Vm | undefined
const vmOfProcess = (): Vm => (sharedVm ??= createVm())

export class Ledger {
  readonly chainId: string
  readonly blockGasLimit: Gas
  readonly #options: LedgerOptions
  readonly #state = new Overlay(NOTHING)
  /** What earlier blocks deleted is gone: it costs nobody gas any more. */
  readonly #reader: StateReader = {
    get: key => this.#state.get(key),
    first: range => this.#state.first(range),
  }
  readonly #snapshots: Snapshot[] = []
  #tip: Tip

  constructor(options: LedgerOptions) {
    this.chainId = options.chainId
    this.blockGasLimit = options.blockGasLimit
    this.#options = options
    writeSupply(this.#state, 0n)
    const { timeMs, baseFee, seed } = options
    this.#tip = { height: 0n, timeMs, baseFee, gasUsed: 0n, seed, nextTimeMs: undefined }
  }

  /** Of the last block. There are no headers to hash; random numbers come from it. */
  get #blockId(): Hash {
    const { height, seed } = this.#tip
    return toHash(sha256(Buffer.from(`vex test block ${height} ${seed}`)))
  }

  get tip(): Tip {
    return this.#tip
  }

  /** What the next block says of itself, and every view now. */
  get next(): NextBlock {
    const { height, timeMs, baseFee, gasUsed, nextTimeMs } = this.#tip
    return {
      chainId: this.chainId,
      height: height + 1n,
      timeMs: nextTimeMs ?? timeMs + this.#options.blockIntervalMs,
      baseFee: nextBaseFee({ baseFee, gasUsed, gasLimit: this.blockGasLimit }),
      randomness: blockRandomness(this.#blockId),
    }
  }

  account(address: Address): Account {
    return readAccount(this.#state, address)
  }

  /** Balances, deposits and stakes, in units. */
  get supply(): Amount {
    return readSupply(this.#state)
  }

  /** Money from nowhere, as a genesis gives it. */
  fund(address: Address, amount: Amount): void {
    credit(this.#state, address, amount)
    writeSupply(this.#state, this.supply + amount)
  }

  takeBack(address: Address, amount: Amount): void {
    if (!debit(this.#state, address, amount)) throw new Error('an account holds less than it was lent')
    writeSupply(this.#state, this.supply - amount)
  }

  /** What is stored, as one block could have written it. */
  entries(): StateChange[] {
    return this.#state.changes().filter(({ value }) => value !== undefined)
  }

  /**
   * One block with what may be in it. Each transaction is made when its turn has come, for the nonce that its
   * sender has by then. No block is made if there were some and all were refused.
   */
  block(make: readonly Make[]): Applied[] {
    const { next } = this
    const execution = new BlockExecution({
      environment: { ...next, proposer: this.#options.proposer, gasLimit: this.blockGasLimit },
      vm: vmOfProcess(),
      state: this.#reader,
    })
    const senders: string[] = []
    const nonceOf = (sender: Address): bigint =>
      this.account(sender).nonce + BigInt(senders.filter(name => name === toHex(sender)).length)
    const applied = make.map(create => {
      const parsed = create(nonceOf)
      const tracer = new Tracer()
      const refusal = execution.hasRoomFor(parsed.bytes.length) ? execution.apply(parsed, tracer) : BLOCK_FULL
      if (refusal !== undefined) return { kind: 'refused', refusal } as const
      return { kind: 'included', index: senders.push(toHex(parsed.sender)) - 1, tracer } as const
    })
    if (make.length > 0 && senders.length === 0) return applied.filter(each => each.kind === 'refused')
    const result = execution.finish()
    const { changes, gasUsed } = result
    const receipts = receiptsOf(result)
    for (const { key, value } of changes) {
      if (value === undefined) this.#state.delete(key)
      else this.#state.set(key, value)
    }
    this.#follow(next, gasUsed)
    return applied.map(each => {
      if (each.kind === 'refused') return each
      const { kind, index, tracer } = each
      const receipt = receipts[index] as Receipt
      const trace = tracer.finish(receipt.status === 'success')
      return { kind, index, receipt, trace, height: next.height, blockId: this.#blockId }
    })
  }

  /** Empty blocks, as {@link block} makes them of nothing. */
  mine(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      // Nothing but the height and the time is left to change.
      if (this.#tip.gasUsed === 0n && this.#tip.baseFee === BASE_FEE.minimum) {
        const left = BigInt(blocks - i)
        const { height, timeMs } = this.next
        const lastMs = timeMs + (left - 1n) * this.#options.blockIntervalMs
        this.#follow({ ...this.next, height: height + left - 1n, timeMs: lastMs }, 0n)
        return
      }
      this.block([])
    }
  }

  #follow({ height, timeMs, baseFee }: NextBlock, gasUsed: Gas): void {
    this.#tip = { ...this.#tip, height, timeMs, baseFee, gasUsed, nextTimeMs: undefined }
  }

  setNextTime(timeMs: TimeMs): void {
    this.#tip = { ...this.#tip, nextTimeMs: timeMs }
  }

  setSeed(seed: string): void {
    this.#tip = { ...this.#tip, seed }
  }

  view(
    options: { caller: Address; contract: Address; method: string; args: Uint8Array; gasLimit: Gas },
    tracer: Tracer,
  ): CallOutcome {
    return viewContract({ vm: vmOfProcess(), state: this.#reader, block: this.next, tracer, ...options })
  }

  /** What the transaction would do in the next block. */
  simulate(parsed: ParsedTransaction): { outcome: TransactionOutcome; trace: Trace } {
    const { next } = this
    const { chainId, height, baseFee } = next
    return traceTransaction({
      vm: vmOfProcess(),
      state: this.#reader,
      block: next,
      context: { chainId, height, baseFee, blockGasLimit: this.blockGasLimit },
      parsed,
    })
  }

  /** A number for {@link revertTo}. */
  snapshot(): number {
    return this.#snapshots.push({ tip: this.#tip, mark: this.#state.checkpoint() })
  }

  /** False if there is no such snapshot. It stays, those made after it go. */
  revertTo(id: number): boolean {
    const snapshot = this.#snapshots[id - 1]
    if (snapshot === undefined) return false
    this.#snapshots.length = id
    this.#state.revertTo(snapshot.mark)
    this.#tip = snapshot.tip
    return true
  }
}
