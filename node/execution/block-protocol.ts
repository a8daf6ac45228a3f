/** What passes between the main thread and the one that executes blocks. */
import type { Head } from '../chain/chain.ts'
import { GenesisError } from '../chain/genesis.ts'
import type { Way } from './right-of-way.ts'
import type { SharedDatabase } from '../storage/rocks.ts'
import { StorageError, type StorageErrorCode } from '../storage/database.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Hash } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'
import type { BuildOptions, CheckResult, UnfinishedBlock } from './blocks.ts'
import type { Packed, PackedTransactions } from './packed.ts'

/** What a chain is opened with. */
export interface ChainPlace {
  readonly database: SharedDatabase
  readonly genesis: Genesis
  /** Where instrumented contracts are kept; nowhere if it is undefined. */
  readonly instrumentedFolder?: string | undefined
  /** Held while it works. */
  readonly way: Way
}

/** Each request with its answer. */
export interface BlockCalls {
  /** Opens the chain, or commits block 0. */
  open: { request: ChainPlace; answer: Head }
  build: {
    request: Omit<BuildOptions, 'candidates'> & { candidates: PackedTransactions }
    answer: UnfinishedBlock
  }
  check: { request: { bytes: Uint8Array; final: Hash | undefined }; answer: CheckResult }
  commit: {
    request: { hash: Hash; certificate: Certificate | undefined }
    answer: { changedAccounts: Packed; transactions: number }
  }
  /** The answer says what went wrong, which is no fault of the chain. */
  rehearse: { request: 'play' | 'end'; answer: string | null }
  /** From its answer on nothing is read or written: the thread may be terminated. */
  close: { request: null; answer: null }
}
export type BlockCall = keyof BlockCalls

export type BlockRequest = {
  [K in BlockCall]: { readonly id: number; readonly kind: K; readonly request: BlockCalls[K]['request'] }
}[BlockCall]

/** Errors cross as what they say; those whose kind matters get it back. */
export interface SentError {
  readonly name: string
  readonly code: string | undefined
  readonly message: string
  readonly stack: string | undefined
}

export type BlockResponse =
  | { readonly id: number; readonly answer: BlockCalls[BlockCall]['answer'] }
  | { readonly id: number; readonly error: SentError }

export const toSentError = (error: unknown): SentError => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  return { name, message, stack, code: error instanceof StorageError ? error.code : undefined }
}

/** A fault of a thread that writes the chain: the node must not go on from it. */
export class BlockExecutionFault extends Error {
  override readonly name = 'BlockExecutionFault'
  readonly code = 'execution_fault'
}

/** `failed`: what was being done. */
export const fromSentError = (
  { name, code, message, stack }: SentError,
  failed = 'executing a block failed',
): Error => {
  if (name === 'StorageError' && code !== undefined)
    return new StorageError(code as StorageErrorCode, message)
  if (name === 'GenesisError') return new GenesisError(message)
  const fault = new BlockExecutionFault(`${failed}: ${message}`)
  if (stack !== undefined) fault.stack = stack
  return fault
}
