/** What light clients ask: final headers with their certificates, hand-overs between epochs, proofs of the state. */
import { merkleProof } from '../crypto/merkle.ts'
import { accountKey, storageKey } from '../state/keys.ts'
import { proveKey } from '../state/proof.ts'
import { StoredNodes } from '../state/tree-store.ts'
import { TreeError } from '../state/tree-node.ts'
import type { Database } from '../storage/database.ts'
import { encodeCommitmentProof } from '../types/commitment-proof.ts'
import { lastHeight } from '../types/epoch.ts'
import type { FinalHeader, HandOver } from '../types/hand-over.ts'
import { type Inclusion, MAX_DESCENDANTS } from '../types/inclusion.ts'
import type { Address, Hash, Height } from '../types/primitives.ts'
import type { ChainView } from './chain-view.ts'

/** The tree's upper levels, which every proof goes through. */
const CACHE_BYTES = 4 * 1024 * 1024
/** A block may be committed while a proof is put together; it begins anew then. */
const ATTEMPTS = 20

export interface StateProof {
  /** Of the block whose state root the proof leads to. */
  readonly height: Height
  /** A CommitmentProof of ICS-23. */
  readonly proof: Uint8Array
}

export class LightQueries {
  readonly #chain: ChainView
  readonly #nodes: StoredNodes

  constructor(chain: ChainView, database: Database) {
    this.#chain = chain
    this.#nodes = new StoredNodes(database, CACHE_BYTES)
  }

  /** `undefined` if there is no such block, or it is final by a later one's certificate alone. */
  finalHeader(height: Height): FinalHeader | undefined {
    const { store } = this.#chain
    const header = store.header(height)
    const certificate = store.certificate(height)
    return header === undefined || certificate === undefined ? undefined : { header, certificate }
  }

  /** From `epoch` to the next; `undefined` if it has not ended. */
  handOver(epoch: bigint): HandOver | undefined {
    const final = this.finalHeader(lastHeight(epoch, this.#chain.genesis.params.epochBlocks))
    const nextValidators = this.#chain.store.validators(epoch + 1n)
    return final === undefined || nextValidators === undefined ? undefined : { ...final, nextValidators }
  }

  /** `undefined`: it is not final, not kept, or its block is not final by a certificate here yet. */
  inclusion(id: Hash): Inclusion | undefined {
    const { store, head } = this.#chain
    const place = store.transactionPlace(id)
    const block = place && store.blockByHeight(place.height)?.block
    if (place === undefined || block === undefined) return undefined
    const { height, index } = place
    const { transactions } = block
    const receipts = store.receiptBytes(height)
    const headers = [block.header]
    while (store.certificate(height + BigInt(headers.length) - 1n) === undefined) {
      const next = height + BigInt(headers.length)
      const header = next <= head.header.height ? store.header(next) : undefined
      if (header === undefined || headers.length === MAX_DESCENDANTS) return undefined
      headers.push(header)
    }
    return {
      headers,
      index,
      size: transactions.length,
      transaction: transactions[index] as Uint8Array,
      receipt: receipts[index] as Uint8Array,
      transactionProof: merkleProof(transactions, index),
      receiptProof: merkleProof(receipts, index),
    }
  }

  /** At the last final block: the account, or that there is none. */
  account(address: Address): Promise<StateProof> {
    return this.#prove(accountKey(address))
  }

  /** At the last final block: what a contract has stored under a key, or that it has nothing there. */
  storage(contract: Address, key: Uint8Array): Promise<StateProof> {
    return this.#prove(storageKey(contract, key))
  }

  async #prove(key: Uint8Array): Promise<StateProof> {
    for (let attempt = 1; ; attempt++) {
      const { height } = this.#chain.head.header
      const valueOf = (of: Uint8Array): Uint8Array | undefined => this.#chain.state.get(of)
      try {
        const proof = proveKey({ source: this.#nodes.source, version: height, valueOf }, key)
        return { height, proof: encodeCommitmentProof(proof) }
      } catch (error) {
        if (!(error instanceof TreeError) || attempt === ATTEMPTS) throw error
        await new Promise(resolve => setTimeout(resolve, attempt))
      }
    }
  }
}
