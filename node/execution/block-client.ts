/** The main thread's side of block execution: asks the worker, and remembers what is not final yet. */
import type { Worker } from 'node:worker_threads'
import type { Head } from '../chain/chain.ts'
import { type Hash, HASH_BYTES, type Height, toAddress, sliceToLatin1, toHex } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import {
  BlockExecutionFault,
  type BlockCall,
  type BlockCalls,
  type BlockResponse,
  type ChainPlace,
  fromSentError,
  toSentError,
} from './block-protocol.ts'
import { takeBlockThread } from './block-thread.ts'
import type { BlockExecutor, BuildOptions, CheckResult, CommittedBlock, UnfinishedBlock } from './blocks.ts'
import { packedTransactionBuffers, packTransactions, unpack } from './packed.ts'

/** Longer than a block takes to execute. */
const CLOSE_TIMEOUT_MS = 10_000

interface Waiting {
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: Error) => void
}

/** With the ids of its transactions, in latin1, once somebody has asked for them. */
interface KnownBlock extends UnfinishedBlock {
  idSet?: ReadonlySet<string>
}

const idsOf = ({ ids }: UnfinishedBlock): ReadonlySet<string> => {
  const names = new Set<string>()
  for (let at = 0; at < ids.length; at += HASH_BYTES) names.add(sliceToLatin1(ids, at, at + HASH_BYTES))
  return names
}

class WorkerBlocks implements BlockExecutor {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #unfinished = new Map<string, KnownBlock>()
  readonly #ended: Promise<void>
  #nextId = 0
  #fault: Error | undefined
  #head: Head | undefined

  constructor() {
    this.#worker = takeBlockThread()
    this.#worker.on('message', (response: BlockResponse) => this.#onResponse(response))
    this.#worker.on('error', error => this.#fail(fromSentError(toSentError(error))))
    this.#ended = new Promise(resolve => {
      this.#worker.once('exit', () => {
        this.#fail(new BlockExecutionFault('the thread that executes blocks has ended'))
        resolve()
      })
    })
  }

  async open(chain: ChainPlace): Promise<void> {
    this.#head = await this.#call('open', chain)
  }

  get head(): Head {
    if (this.#head === undefined) throw new Error('the chain was not opened')
    return this.#head
  }

  get executedHeight(): Height {
    let highest = this.head.header.height
    for (const { header } of this.#unfinished.values()) if (header.height > highest) highest = header.height
    return highest
  }

  unfinished(hash: Hash): UnfinishedBlock | undefined {
    return this.#unfinished.get(toHex(hash))
  }

  isInUnfinished(hash: Hash): (id: string) => boolean {
    const above: ReadonlySet<string>[] = []
    for (
      let block = this.#unfinished.get(toHex(hash));
      block !== undefined;
      block = this.#unfinished.get(toHex(block.header.parentHash))
    )
      above.push((block.idSet ??= idsOf(block)))
    return id => above.some(ids => ids.has(id))
  }

  async build({ candidates, ...options }: BuildOptions): Promise<UnfinishedBlock> {
    const packed = packTransactions(candidates)
    return this.#keep(
      await this.#call('build', { ...options, candidates: packed }, packedTransactionBuffers(packed)),
    )
  }

  async check(bytes: Uint8Array, final?: Hash): Promise<CheckResult> {
    const result = await this.#call('check', { bytes, final })
    if (result.kind === 'valid') this.#keep(result.block)
    return result
  }

  async commit(hash: Hash, certificate: Certificate | undefined): Promise<CommittedBlock> {
    const block = this.unfinished(hash)
    if (block === undefined) throw new Error(`block ${toHex(hash)} was not executed here`)
    const { changedAccounts, transactions } = await this.#call('commit', { hash, certificate })
    const { header, timing } = block
    this.#head = { hash, header }
    for (const [key, other] of this.#unfinished) {
      if (other.header.height <= header.height) this.#unfinished.delete(key)
    }
    return { hash, header, transactions, timing, changedAccounts: unpack(changedAccounts).map(toAddress) }
  }

  async rehearse(what: 'play' | 'end'): Promise<void> {
    const problem = await this.#call('rehearse', what)
    if (problem !== null) throw new Error(problem)
  }

  async close(): Promise<void> {
    // Where the database is read or written at that moment, terminating the thread ends the process.
    const closed = this.#call('close', null).catch(() => null)
    this.#fault ??= new BlockExecutionFault('the node is stopping')
    await Promise.race([closed, new Promise(resolve => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())])
    await this.#worker.terminate()
    await this.#ended
  }

  #keep(block: UnfinishedBlock): UnfinishedBlock {
    this.#unfinished.set(toHex(block.hash), block)
    return block
  }

  /** `handed`: buffers of the request that the other thread gets, not copies of them. */
  #call<K extends BlockCall>(
    kind: K,
    request: BlockCalls[K]['request'],
    handed: readonly ArrayBuffer[] = [],
  ): Promise<BlockCalls[K]['answer']> {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(this.#fault)
      const id = this.#nextId++
      this.#waiting.set(id, { resolve: resolve as (answer: unknown) => void, reject })
      this.#worker.postMessage({ id, kind, request }, [...handed])
    })
  }

  #onResponse(response: BlockResponse): void {
    const waiting = this.#waiting.get(response.id)
    this.#waiting.delete(response.id)
    if ('error' in response) {
      const error = fromSentError(response.error)
      waiting?.reject(error)
      // What a thread that failed says next cannot be trusted.
      this.#fail(error)
    } else waiting?.resolve(response.answer)
  }

  #fail(error: Error): void {
    this.#fault ??= error
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

/** Opens the chain in its thread. Rejects with what is wrong with the genesis or the database. */
export const startBlockExecutor = async (chain: ChainPlace): Promise<BlockExecutor> => {
  const blocks = new WorkerBlocks()
  try {
    await blocks.open(chain)
    return blocks
  } catch (error) {
    await blocks.close()
    throw error
  }
}
