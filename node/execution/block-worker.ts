/**
 * The thread that executes blocks: it holds the chain, and is the only one that adds to the database. Requests
 * are answered one after another. It shares the open database with the main thread, which closes it last.
 */
import { parentPort } from 'node:worker_threads'
import { Chain, type ExecutedBlock, MissingParent } from '../chain/chain.ts'
import { changedAccounts } from '../chain/layers.ts'
import { findSodium } from '../crypto/sodium.ts'
import { openSharedRocksDatabase } from '../storage/rocks.ts'
import { InvalidBlock } from '../transition/invalid-block.ts'
import type { Hash } from '../types/primitives.ts'
import {
  type BlockCall,
  type BlockCalls,
  type BlockRequest,
  type BlockResponse,
  type ChainPlace,
  toSentError,
} from './block-protocol.ts'
import type { CheckResult, UnfinishedBlock } from './blocks.ts'
import { pack, packedBuffers, unpackTransactions } from './packed.ts'
import { createBlockRehearsal } from './rehearse-blocks.ts'
import { withWay } from './right-of-way.ts'
import { giveBackIdleMemory } from './idle-memory.ts'
import { createWorkerVm } from './worker-vm.ts'

const port = parentPort
if (port === null) throw new Error('block-worker.ts runs as a worker thread only')

// While there is nothing to do: opening a chain checks proofs.
findSodium()

let place: ChainPlace | undefined
let opened: Chain | undefined
let rehearsal: (() => void) | undefined
const given = (): ChainPlace => {
  if (place === undefined) throw new Error('it is not known which chain is to be opened')
  return place
}
const chain = (): Chain => {
  if (opened === undefined) throw new Error('the chain was not opened')
  return opened
}

const toUnfinished = ({ hash, header, bytes, ids, timing }: ExecutedBlock): UnfinishedBlock => ({
  hash,
  header,
  bytes,
  ids,
  timing,
})

const check = async ({ bytes, final }: BlockCalls['check']['request']): Promise<CheckResult> => {
  try {
    return { kind: 'valid', block: toUnfinished(await chain().check(bytes, undefined, final)) }
  } catch (error) {
    if (error instanceof InvalidBlock) return { kind: 'invalid', message: error.message }
    if (error instanceof MissingParent) return { kind: 'missing', message: error.message }
    throw error
  }
}

const rehearse = (what: BlockCalls['rehearse']['request']): string | null => {
  try {
    if (what === 'end') {
      rehearsal = undefined
    } else {
      rehearsal ??= createBlockRehearsal(given().genesis)
      rehearsal()
    }
    return null
  } catch (error) {
    return toSentError(error).message
  }
}

const answer = async (call: BlockRequest): Promise<BlockCalls[BlockCall]['answer']> => {
  switch (call.kind) {
    case 'open': {
      const { database, genesis, instrumentedFolder } = call.request
      const db = openSharedRocksDatabase(database)
      opened = Chain.open({ db, genesis, vm: createWorkerVm(instrumentedFolder) })
      giveBackIdleMemory()
      return opened.head
    }
    case 'build': {
      const { candidates, ...options } = call.request
      return toUnfinished(chain().build({ ...options, candidates: unpackTransactions(candidates) }))
    }
    case 'check':
      return check(call.request)
    case 'commit': {
      const { layer, receiptBytes } = chain().commit(call.request.hash, call.request.certificate)
      return { changedAccounts: pack(changedAccounts(layer)), transactions: receiptBytes.length }
    }
    case 'rehearse':
      return rehearse(call.request)
    case 'close':
      // Nothing may read the database when the thread is ended.
      opened = undefined
      return null
  }
}

/** Of the block that an answer was about, if it is likely to be committed. */
const executedHash = (answered: BlockCalls[BlockCall]['answer']): Hash | undefined => {
  if (answered === null || typeof answered === 'string') return undefined
  if ('ids' in answered) return answered.hash
  return 'kind' in answered && answered.kind === 'valid' ? answered.block.hash : undefined
}

/** Buffers that were made for an answer. */
const handedOver = (answered: BlockCalls[BlockCall]['answer']): ArrayBuffer[] => {
  if (answered === null || typeof answered === 'string') return []
  return 'changedAccounts' in answered ? packedBuffers(answered.changedAccounts) : []
}

let last: Promise<void> = Promise.resolve()
port.on('message', (call: BlockRequest) => {
  last = last.then(async () => {
    let response: BlockResponse
    let handed: ArrayBuffer[] = []
    try {
      if (call.kind === 'open') place = call.request
      const isHeldSoon = call.kind === 'build' || call.kind === 'check'
      const answered = await withWay(given().way, () => answer(call), { isHeldSoon })
      response = { id: call.id, answer: answered }
      handed = handedOver(answered)
      const hash = executedHash(answered)
      // When the answer is on its way, and after what has been asked for meanwhile.
      if (hash !== undefined) setImmediate(() => opened?.prepareCommit(hash))
    } catch (error) {
      response = { id: call.id, error: toSentError(error) }
    }
    port.postMessage(response, handed)
  })
})
