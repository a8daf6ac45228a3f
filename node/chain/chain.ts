/**
 * The chain: the final head on the database, and the executed blocks above it that wait for finality.
 *
 *   build   candidates -> a new block on a parent          (this node leads)
 *   check   bytes -> executed block, or InvalidBlock       (another node led)
 *   prepareCommit                                          (it waits for votes)
 *   commit  executed blocks + certificate -> the database  (they are final)
 *
 * Blocks above the head live in memory only, each as its changes over its parent, so that competing blocks
 * of one height never touch each other or the database.
 */
import type { Vm } from '../../vm/execution.ts'
import { ecvrfProofToHash } from '../crypto/ecvrf.ts'
import { type Database, type PreparedWrites, StorageError } from '../storage/database.ts'
import type { StateReader } from '../state/view.ts'
import { applyBlock, BlockExecution, type BlockResult } from '../transition/block.ts'
import { InvalidBlock } from '../transition/invalid-block.ts'
import { accountPlace } from '../transition/accounts.ts'
import { readEpoch } from '../transition/epoch-records.ts'
import { blockCodec, blockHash, type BlockHeader } from '../types/block.ts'
import { CodecError } from '../types/codec.ts'
import { lastHeight } from '../types/epoch.ts'
import { type Genesis, genesisHash } from '../types/genesis.ts'
import { bytesEqual, type Hash, type Height, toHex } from '../types/primitives.ts'
import {
  type NamedTransaction,
  parseAgain,
  type ParsedTransaction,
  parseTransaction,
} from '../types/transaction.ts'
import { type BlockTerms, namedAddresses } from '../types/transaction-terms.ts'
import type { Validator } from '../types/validator.ts'
import type { Certificate } from '../types/vote.ts'
import { blockEnvironment, type BlockPlace, nextRandomness } from './environment.ts'
import { HeaderRules } from './epochs.ts'
import { differingField, headerOf } from './header.ts'
import { checkGenesis, genesisBlock, genesisChanges } from './genesis.ts'
import { LayeredState, type StateLayer } from './layers.ts'
import { assertRecentBlocks } from './stored-blocks.ts'
import { BlockStore, blockWrites, certificateWrite } from './store.ts'

/** Of more transactions at a time the accounts are read no quicker. */
export const DECODED_AT_ONCE = 512

export interface ExecutedBlock {
  readonly hash: Hash
  readonly header: BlockHeader
  readonly bytes: Uint8Array
  /** Of its transactions, {@link HASH_BYTES} each, one after another. */
  readonly ids: Uint8Array
  /** Decoded by `receiptsOf`. */
  readonly receiptBytes: readonly Uint8Array[]
  readonly terms: BlockTerms
  readonly layer: StateLayer
  readonly timing: Timing
}

/** How long it took here. */
export interface Timing {
  /** Transactions. */
  readonly executionMs: number
  /** The state tree after them. */
  readonly stateRootMs: number
}

export interface Head {
  readonly hash: Hash
  readonly header: BlockHeader
}

/** The parent is not the head and not among the executed blocks: fetch it first. */
export class MissingParent extends Error {
  override readonly name = 'MissingParent'
}

export class Chain {
  readonly genesis: Genesis
  readonly store: BlockStore
  readonly vm: Vm
  readonly #db: Database
  readonly #state: LayeredState
  readonly #rules: HeaderRules
  readonly #executed = new Map<string, ExecutedBlock>()
  readonly #prepared = new WeakMap<ExecutedBlock, PreparedWrites>()
  #head: Head

  private constructor(options: {
    db: Database
    genesis: Genesis
    vm: Vm
    state: LayeredState
    store: BlockStore
    head: Head
  }) {
    this.#db = options.db
    this.genesis = options.genesis
    this.#rules = new HeaderRules(options.genesis)
    this.vm = options.vm
    this.#state = options.state
    this.store = options.store
    this.#head = options.head
  }

  /** Opens the chain where the database left it, or commits block 0 into an empty one. */
  static open({ db, genesis, vm }: { db: Database; genesis: Genesis; vm: Vm }): Chain {
    checkGenesis(genesis)
    const store = new BlockStore(db)
    const state = new LayeredState(db)
    const stored = store.head()
    if (stored === undefined) {
      const layer = state.derive(undefined, 0n, genesisChanges(genesis))
      const block = genesisBlock(genesis, layer.root)
      const hash = blockHash(block.header)
      const blockBytes = blockCodec.encode(block)
      db.write(
        [
          ...state.writes(layer),
          ...blockWrites({
            hash,
            header: block.header,
            blockBytes,
            ids: new Uint8Array(0),
            receiptBytes: [],
            terms: new Map(),
          }),
        ],
        { sync: true },
      )
      state.committed(layer)
      return new Chain({ db, genesis, vm, state, store, head: { hash, header: block.header } })
    }
    const first = store.blockByHeight(0n)
    if (first === undefined) throw new StorageError('corrupt', 'the database has a head but no block 0')
    if (!bytesEqual(first.block.header.parentHash, genesisHash(genesis))) {
      throw new StorageError(
        'wrong_chain',
        `the database holds chain ${JSON.stringify(first.block.header.chainId)} with another genesis than the one given`,
      )
    }
    const found = store.blockByHeight(stored.height)
    if (found === undefined || !bytesEqual(found.hash, stored.hash)) {
      throw new StorageError('corrupt', `the database's head, block ${stored.height}, is missing or damaged`)
    }
    state.open(stored.height, found.block.header.stateRoot)
    assertRecentBlocks(store, db, stored.height)
    return new Chain({
      db,
      genesis,
      vm,
      state,
      store,
      head: { hash: found.hash, header: found.block.header },
    })
  }

  /** The last final block. */
  get head(): Head {
    return this.#head
  }

  /** The state after the head. Reads made after the next commit see the next state. */
  get state(): StateReader {
    return this.#state.base
  }

  #parent(hash: Hash): Head & { layer: StateLayer | undefined } {
    if (bytesEqual(hash, this.#head.hash)) return { ...this.#head, layer: undefined }
    const executed = this.#executed.get(toHex(hash))
    if (executed === undefined) throw new MissingParent(`block ${toHex(hash)} is not known here`)
    return { hash, header: executed.header, layer: executed.layer }
  }

  executed(hash: Hash): ExecutedBlock | undefined {
    return this.#executed.get(toHex(hash))
  }

  /**
   * A block on `parentHash` with as many of `candidates` (their signatures checked) as hold and fit.
   * `onRefused` hears of each that does not hold. The time is at least what the rules ask.
   */
  build(options: {
    parentHash: Hash
    place: BlockPlace
    vrfProof: Uint8Array
    candidates: Iterable<NamedTransaction>
    onRefused?: (candidate: NamedTransaction, message: string) => void
  }): ExecutedBlock {
    const parent = this.#parent(options.parentHash)
    const { vrfProof } = options
    const vrfOutput = ecvrfProofToHash(vrfProof)
    if (vrfOutput === undefined) throw new TypeError('a block is to be built with a VRF proof that is none')
    const earliest = parent.header.timeMs + this.genesis.params.minBlockIntervalMs
    const place = {
      ...options.place,
      timeMs: options.place.timeMs > earliest ? options.place.timeMs : earliest,
    }
    const random = nextRandomness(this.genesis, parent.header, vrfOutput)
    const environment = blockEnvironment(this.genesis, parent.header, place, random)
    const state = this.#state.reader(parent.layer)
    const startMs = performance.now()
    const execution = new BlockExecution({ environment, vm: this.vm, state })
    for (const parsed of this.#decode(options.candidates, parseAgain)) {
      if (!execution.hasRoomFor(parsed.bytes.length)) break
      const refusal = execution.apply(parsed)
      if (refusal !== undefined) options.onRefused?.(parsed, refusal.message)
    }
    const result = execution.finish()
    const { layer, timing } = this.#derive(parent.layer, environment.height, result, startMs)
    const { epochBlocks } = this.genesis.params
    const placed = { environment, parent, place, vrfProof, ...random, state, epochBlocks }
    const header = headerOf(placed, result, layer.root)
    const executed: ExecutedBlock = {
      hash: blockHash(header),
      header,
      bytes: blockCodec.encode({ header, transactions: result.transactions }),
      ids: result.ids,
      receiptBytes: result.receiptBytes,
      terms: result.terms,
      layer,
      timing,
    }
    this.#executed.set(toHex(executed.hash), executed)
    return executed
  }

  /**
   * Executes another node's block. Throws {@link InvalidBlock} if it breaks a rule and
   * {@link MissingParent} if it cannot be told yet. `areSignaturesValid` verifies or remembers; without it they were verified
   * before. `final` is the hash of the block if a certificate has proved it final: its leader's proof is then not verified
   * again (epochs.ts).
   */
  async check(
    bytes: Uint8Array,
    areSignaturesValid?: (transactions: readonly ParsedTransaction[]) => Promise<boolean>,
    final?: Hash,
  ): Promise<ExecutedBlock> {
    const block = decodeBlock(bytes)
    const { header } = block
    const hash = blockHash(header)
    if (final !== undefined && !bytesEqual(hash, final))
      throw new InvalidBlock(`block ${header.height} is not the one that was proved final`)
    const known = this.#executed.get(toHex(hash))
    if (known !== undefined) return known
    const parent = this.#parent(header.parentHash)
    const state = this.#state.reader(parent.layer)
    const vrfOutput = this.#rules.check(header, parent, state, final !== undefined)
    if (
      areSignaturesValid !== undefined &&
      !(await areSignaturesValid(block.transactions.map(parseOrRefuse)))
    ) {
      throw new InvalidBlock(`block ${header.height} holds a transaction with a bad signature`)
    }
    const random = nextRandomness(this.genesis, parent.header, vrfOutput)
    const environment = blockEnvironment(this.genesis, parent.header, header, random)
    const startMs = performance.now()
    const decoded = this.#decode(block.transactions, parseOrRefuse)
    const result = applyBlock({ environment, vm: this.vm, state, transactions: decoded })
    const { layer, timing } = this.#derive(parent.layer, environment.height, result, startMs)
    const { vrfProof } = header
    const { epochBlocks } = this.genesis.params
    const placed = { environment, parent, place: header, vrfProof, ...random, state, epochBlocks }
    const expected = headerOf(placed, result, layer.root)
    const wrong = differingField(header, expected)
    if (wrong !== undefined) throw new InvalidBlock(`block ${header.height} has a wrong ${wrong}`)
    const { ids, receiptBytes, terms } = result
    const executed: ExecutedBlock = {
      hash,
      header,
      bytes,
      ids,
      receiptBytes,
      terms,
      layer,
      timing,
    }
    this.#executed.set(toHex(hash), executed)
    return executed
  }

  /**
   * Most of the work of {@link commit}, done while votes are on their way: changes nothing, and takes an executed block whose
   * parents may not be final either. One that is not known any more is left alone, and so is a fault of the database:
   * commit meets it again, and tells who waits for it.
   */
  prepareCommit(hash: Hash): void {
    const executed = this.#executed.get(toHex(hash))
    if (executed === undefined || this.#prepared.has(executed)) return
    try {
      this.#prepared.set(executed, this.#commitWrites(executed))
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
    }
  }

  /** All that commits it but the certificate. */
  #commitWrites(executed: ExecutedBlock): PreparedWrites {
    const { hash, header, bytes: blockBytes, ids, receiptBytes, terms, layer } = executed
    const nextValidators = this.#nextValidators(header, layer)
    const prepared = this.#db.prepare(this.#state.writes(layer))
    prepared.add(blockWrites({ hash, header, blockBytes, ids, receiptBytes, terms, nextValidators }))
    return prepared
  }

  /** Makes an executed child of the head final, in one synced batch. Throws {@link StorageError}. */
  commit(hash: Hash, certificate: Certificate | undefined): ExecutedBlock {
    const executed = this.#executed.get(toHex(hash))
    if (executed === undefined) throw new MissingParent(`block ${toHex(hash)} was not executed here`)
    if (!bytesEqual(executed.header.parentHash, this.#head.hash)) {
      throw new Error(`block ${toHex(hash)} is not a child of the head ${toHex(this.#head.hash)}`)
    }
    const { header, layer } = executed
    const writes = this.#prepared.get(executed) ?? this.#commitWrites(executed)
    // They are made once, well or not.
    this.#prepared.delete(executed)
    if (certificate !== undefined) writes.add([certificateWrite(header.height, certificate)])
    writes.write({ sync: true })
    this.#state.committed(layer)
    this.#head = { hash, header }
    for (const [key, other] of this.#executed) {
      if (other.header.height <= header.height) this.#executed.delete(key)
      else if (other.layer.parent === layer) other.layer.parent = undefined
    }
    return executed
  }

  /**
   * In order, a group of {@link DECODED_AT_ONCE} after the other, its accounts read together: decoded, transactions take six
   * times the memory of their bytes.
   */
  *#decode<T>(
    transactions: Iterable<T>,
    decode: (transaction: T) => ParsedTransaction,
  ): Generator<ParsedTransaction, undefined> {
    let group: ParsedTransaction[] = []
    for (const transaction of transactions) {
      group.push(decode(transaction))
      if (group.length < DECODED_AT_ONCE) continue
      this.#readAhead(group)
      yield* group
      group = []
    }
    this.#readAhead(group)
    yield* group
  }

  /** The accounts that they name. */
  #readAhead(transactions: readonly ParsedTransaction[]): void {
    const keys = new Map<string, Uint8Array>()
    for (const parsed of transactions) {
      for (const address of namedAddresses(parsed)) {
        const { key, name } = accountPlace(address)
        keys.set(name, key)
      }
    }
    this.#state.readAhead(keys)
  }

  /** What was executed since `startMs`, as a layer of the state. */
  #derive(
    parent: StateLayer | undefined,
    height: Height,
    { changes }: BlockResult,
    startMs: number,
  ): { layer: StateLayer; timing: Timing } {
    const executedMs = performance.now()
    const layer = this.#state.derive(parent, height, changes)
    const stateRootMs = performance.now() - executedMs
    return { layer, timing: { executionMs: executedMs - startMs, stateRootMs } }
  }

  #nextValidators({ height, epoch }: BlockHeader, layer: StateLayer): Validator[] | undefined {
    if (height !== lastHeight(epoch, this.genesis.params.epochBlocks)) return undefined
    return readEpoch(this.#state.reader(layer), epoch + 1n)?.validators
  }

  /** Recomputes nothing; walks the whole tree and compares every leaf with the flat values. For checks. */
  verifyState(): { leaves: number } {
    return this.#state.verify(this.#head.header.height, this.#head.header.stateRoot)
  }
}

/** What does not decode makes the block invalid. */
const orRefuse =
  <T>(decode: (bytes: Uint8Array) => T) =>
  (bytes: Uint8Array): T => {
    try {
      return decode(bytes)
    } catch (error) {
      if (error instanceof CodecError) throw new InvalidBlock(error.message)
      throw error
    }
  }
const decodeBlock = orRefuse(bytes => blockCodec.decode(bytes))
const parseOrRefuse = orRefuse(parseTransaction)
