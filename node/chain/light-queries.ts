/** What light clients ask: final headers with their certificates, hand-overs between epochs, proofs of the state. */
import { accountKey, storageKey } from '../state/keys.ts'
import { proveKey } from '../state/proof.ts'
import { StoredNodes } from '../state/tree-store.ts'
import { TreeError } from '../state/tree-node.ts'
import type { Database } from '../storage/database.ts'
import { encodeCommitmentProof } from '../types/commitment-proof.ts'
import { lastHeight } from '../types/epoch.ts'
import type { FinalHeader, HandOver } from '../types/hand-over.ts'
import type { Address, Height } from '../types/primitives.ts'
import type { ChainView } from './chain-view.ts'

/** The tree's upper levels, which every proof goes through. */
const CACHED_NODES = 4_096
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
    this.#nodes = new StoredNodes(database, CACHED_NODES)
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
