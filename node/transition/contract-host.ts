/** What running code may do: the VM's {@link Host} over one transaction's execution. */
import {
  type CallContext,
  type CallOutcome,
  type CallRequest,
  ContractFault,
  type DeployRequest,
  type Host,
  type HostCrypto,
  type StorageQuestion,
} from '../../vm/execution.ts'
import { LIMITS, STORAGE_ENTRY_OVERHEAD_BYTES } from '../params.ts'
import { storageKey, storagePrefix } from '../state/keys.ts'
import { type Address, fromLatin1, toAddress, toLatin1 } from '../types/primitives.ts'
import { credit, debit, readAccount } from './accounts.ts'
import { CONTRACT_CRYPTO } from './contract-crypto.ts'
import type { Execution } from './execution.ts'
import { contractRandomness } from './randomness.ts'

/** What leads into another contract. */
interface Onward {
  call(request: CallRequest & { caller: Address }): CallOutcome
  deploy(request: DeployRequest & { deployer: Address }): CallOutcome
}

const entryBytes = (key: Uint8Array, value: Uint8Array): bigint =>
  STORAGE_ENTRY_OVERHEAD_BYTES + BigInt(key.length + value.length)

/** Above every key (latin1) that starts with `prefix`, and at or below every other key above it. */
const endOfPrefix = (prefix: string): string => {
  let length = prefix.length
  while (prefix.charCodeAt(length - 1) === 0xff) length--
  return prefix.slice(0, length - 1) + String.fromCharCode(prefix.charCodeAt(length - 1) + 1)
}

export class ContractHost implements Host {
  readonly crypto: HostCrypto = CONTRACT_CRYPTO
  readonly context: CallContext
  readonly isStatic: boolean
  readonly #execution: Execution
  readonly #self: Address
  readonly #onward: Onward

  constructor(execution: Execution, context: CallContext, self: Address, isStatic: boolean, onward: Onward) {
    this.#execution = execution
    this.context = context
    this.#self = self
    this.isStatic = isStatic
    this.#onward = onward
  }

  storageRead(key: Uint8Array): Uint8Array | undefined {
    return this.#execution.state.get(storageKey(this.#self, key))
  }

  storageWrite(key: Uint8Array, value: Uint8Array): void {
    const stateKey = storageKey(this.#self, key)
    const name = toLatin1(stateKey)
    const before = this.#execution.state.get(stateKey, name)
    this.#noteBytes(before === undefined ? entryBytes(key, value) : BigInt(value.length - before.length))
    this.#execution.state.set(stateKey, value, name)
    this.#execution.tracer?.step({ kind: 'write', key, before, after: value })
  }

  storageDelete(key: Uint8Array): boolean {
    const stateKey = storageKey(this.#self, key)
    const before = this.#execution.state.get(stateKey)
    if (before === undefined) return false
    this.#noteBytes(-entryBytes(key, before))
    this.#execution.state.delete(stateKey)
    this.#execution.tracer?.step({ kind: 'write', key, before, after: undefined })
    return true
  }

  storageNext(
    { prefix, beyond, isReverse }: StorageQuestion,
    onPassed: () => void,
  ): { key: Uint8Array; value: Uint8Array } | undefined {
    const start = toLatin1(storageKey(this.#self, prefix))
    const end = endOfPrefix(start)
    const limit = toLatin1(storageKey(this.#self, beyond))
    const hasLimit = beyond.length > 0
    const from = hasLimit && !isReverse && `${limit}\0` > start ? `${limit}\0` : start
    const to = hasLimit && isReverse && limit < end ? limit : end
    if (from >= to) return undefined
    const entry = this.#execution.state.first({ from, to, isReverse }, onPassed)
    if (entry === undefined) return undefined
    const ownPrefix = storagePrefix(this.#self).length
    return { key: fromLatin1(entry.key.slice(ownPrefix)), value: entry.value }
  }

  emit(topics: readonly Uint8Array[], data: Uint8Array): void {
    if (this.#execution.events.length >= LIMITS.eventsPerTransaction) {
      throw new ContractFault(
        'limit_exceeded',
        `a transaction emits at most ${LIMITS.eventsPerTransaction} events`,
      )
    }
    this.#execution.events.push({ contract: this.#self, topics: [...topics], data })
    this.#execution.tracer?.step({ kind: 'event', topics, data })
  }

  balanceOf(address: Uint8Array): bigint {
    return readAccount(this.#execution.state, toAddress(address)).balance
  }

  transfer(to: Uint8Array, amount: bigint): boolean {
    if (!debit(this.#execution.state, this.#self, amount)) return false
    credit(this.#execution.state, toAddress(to), amount)
    this.#execution.tracer?.step({ kind: 'transfer', to: toAddress(to), amount })
    return true
  }

  call(request: CallRequest): CallOutcome {
    return this.#onward.call({ ...request, caller: this.#self })
  }

  deploy(request: DeployRequest): CallOutcome {
    return this.#onward.deploy({ ...request, deployer: this.#self })
  }

  randomness(): Uint8Array {
    const execution = this.#execution
    if (!execution.mayDraw) {
      throw new ContractFault(
        'undoable_draw',
        execution.isBatch
          ? 'no random numbers in a batch, whose other actions could undo the draw: call the contract by itself'
          : 'no random numbers for a call from a contract, which could undo the draw: an account must call by itself',
      )
    }
    const index = execution.draw(this.#self)
    return contractRandomness({ blockRandomness: execution.block.randomness, contract: this.#self, index })
  }

  trace(message: string): void {
    this.#execution.onTrace?.(this.#self, message)
    this.#execution.tracer?.step({ kind: 'log', message })
  }

  #noteBytes(bytes: bigint): void {
    if (bytes !== 0n) this.#execution.storageDeltas.push({ contract: this.#self, bytes })
  }
}
