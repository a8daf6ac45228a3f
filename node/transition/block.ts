/**
 * The state transition: `applyBlock(state, block) -> receipts, changes`. Pure: the same state and block give
 * the same result on every machine.
 *
 * A proposer does not know beforehand which transactions still hold, so both go through
 * {@link BlockExecution}: a proposer skips what is refused, a validator refuses the whole block.
 *
 * What a block did is kept as bytes, not as objects: until it is final, and others are built on it, all that hangs on
 * it is copied by the garbage collector, twice. So a transaction's receipt is encoded, and its terms are noted, when it
 * was executed, and what it was decoded to goes.
 */
import type { Vm } from '../../vm/execution.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import { LIMITS } from '../params.ts'
import { BcsWriter } from '../types/bcs.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateChange, StateReader } from '../state/view.ts'
import {
  type Address,
  type Amount,
  type Gas,
  type Hash,
  type Height,
  type TimeMs,
  toHex,
} from '../types/primitives.ts'
import { receiptCodec } from '../types/receipt.ts'
import type { ParsedTransaction } from '../types/transaction.ts'
import { type BlockTerms, TermCollector } from '../types/transaction-terms.ts'
import { credit, readSupply, writeSupply } from './accounts.ts'
import type { Refusal } from './admission.ts'
import { closeBlock, type EpochContext } from './epoch.ts'
import { Execution } from './execution.ts'
import { InvalidBlock } from './invalid-block.ts'
import { BlockDraws } from './randomness.ts'
import type { Tracer } from './trace.ts'
import { applyTransaction } from './transaction.ts'

export interface BlockEnvironment {
  readonly chainId: string
  readonly height: Height
  readonly timeMs: TimeMs
  readonly proposer: Address
  readonly baseFee: Amount
  readonly gasLimit: Gas
  /** See randomness.ts. */
  readonly randomness: Hash
  /** Absent where nobody votes: in a contract author's tests. */
  readonly epochs?: EpochContext | undefined
}

export interface BlockResult {
  /** The bytes of each. */
  readonly transactions: Uint8Array[]
  /** The ids, {@link HASH_BYTES} each, one after another. */
  readonly ids: Uint8Array
  /** Decoded by `receiptsOf`. */
  readonly receiptBytes: readonly Uint8Array[]
  readonly terms: BlockTerms
  readonly gasUsed: Gas
  readonly transactionsRoot: Hash
  readonly receiptsRoot: Hash
  readonly changes: readonly StateChange[]
}

export class BlockExecution {
  readonly #environment: BlockEnvironment
  readonly #vm: Vm
  readonly #state: Overlay
  readonly #draws = new BlockDraws()
  readonly #transactions: Uint8Array[] = []
  readonly #ids = new BcsWriter()
  readonly #receipts = receiptCodec.collect()
  readonly #terms = new TermCollector()
  #gasUsed = 0n
  #bytes = 0
  #burned = 0n
  #tips = 0n

  constructor(options: { environment: BlockEnvironment; vm: Vm; state: StateReader }) {
    this.#environment = options.environment
    this.#vm = options.vm
    this.#state = new Overlay(options.state)
  }

  /** True while another transaction of `sizeBytes` fits. */
  hasRoomFor(sizeBytes: number): boolean {
    return (
      this.#transactions.length < LIMITS.blockTransactions &&
      this.#bytes + sizeBytes <= LIMITS.blockTransactionsBytes
    )
  }

  /** The signature has been checked. A refused transaction changes nothing. */
  apply(parsed: ParsedTransaction, tracer?: Tracer): Refusal | undefined {
    const { chainId, height, timeMs, baseFee, gasLimit, randomness, epochs } = this.#environment
    const execution = new Execution({
      vm: this.#vm,
      block: { chainId, height, timeMs, randomness, staking: epochs },
      state: this.#state,
      origin: parsed.sender,
      draws: this.#draws,
      tracer,
    })
    const outcome = applyTransaction(
      execution,
      parsed,
      { chainId, height, baseFee, blockGasLimit: gasLimit },
      gasLimit - this.#gasUsed,
    )
    if (outcome.kind === 'refused') return outcome.refusal
    this.#state.settle()
    this.#transactions.push(parsed.bytes)
    this.#ids.bytes(parsed.id)
    this.#receipts.add(outcome.receipt)
    this.#terms.add(parsed, outcome.receipt)
    this.#bytes += parsed.bytes.length
    this.#gasUsed += outcome.receipt.gasUsed
    this.#burned += outcome.burned
    this.#tips += outcome.tip
    return undefined
  }

  /** Pays the proposer, takes what was burned out of the supply, does what is due for the epoch. */
  finish(): BlockResult {
    const { proposer, epochs } = this.#environment
    credit(this.#state, proposer, this.#tips)
    if (this.#burned > 0n) writeSupply(this.#state, readSupply(this.#state) - this.#burned)
    if (epochs !== undefined) closeBlock(this.#state, this.#environment, epochs)
    const receiptBytes = this.#receipts.finish()
    return {
      transactions: this.#transactions,
      ids: this.#ids.written(),
      receiptBytes,
      terms: this.#terms.finish(),
      gasUsed: this.#gasUsed,
      transactionsRoot: merkleRoot(this.#transactions),
      receiptsRoot: merkleRoot(receiptBytes),
      changes: this.#state.changes(),
    }
  }
}

/**
 * Executes the transactions of a block that somebody proposed. Throws {@link InvalidBlock} if one may not be
 * in it. The caller has checked every signature: that takes the most time and no state.
 */
export const applyBlock = (options: {
  environment: BlockEnvironment
  vm: Vm
  state: StateReader
  transactions: Iterable<ParsedTransaction>
}): BlockResult => {
  const execution = new BlockExecution(options)
  let index = 0
  for (const parsed of options.transactions) {
    const refusal = execution.hasRoomFor(parsed.bytes.length)
      ? execution.apply(parsed)
      : { message: 'the block is larger than a block may be' }
    if (refusal !== undefined) {
      throw new InvalidBlock(
        `block ${options.environment.height}, transaction ${index} (${toHex(parsed.id)}): ${refusal.message}`,
      )
    }
    index++
  }
  return execution.finish()
}
