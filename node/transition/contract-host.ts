/** What running code may do: the VM's {@link Host} over one transaction's execution. */
import {
  type CallContext,
  type CallOutcome,
  type CallRequest,
  ContractFault,
  type Host,
} from '../../vm/execution.ts'
import { LIMITS, STORAGE_ENTRY_OVERHEAD_BYTES } from '../params.ts'
import { storageKey } from '../state/keys.ts'
import { type Address, toAddress } from '../types/primitives.ts'
import { credit, debit, readAccount } from './accounts.ts'
import type { Execution } from './execution.ts'

type Call = (request: CallRequest & { caller: Address }) => CallOutcome

const entryBytes = (key: Uint8Array, value: Uint8Array): bigint =>
  STORAGE_ENTRY_OVERHEAD_BYTES + BigInt(key.length + value.length)

export class ContractHost implements Host {
  readonly context: CallContext
  readonly isStatic: boolean
  readonly #execution: Execution
  readonly #self: Address
  readonly #call: Call

  constructor(execution: Execution, context: CallContext, self: Address, isStatic: boolean, call: Call) {
    this.#execution = execution
    this.context = context
    this.#self = self
    this.isStatic = isStatic
    this.#call = call
  }

  storageRead(key: Uint8Array): Uint8Array | undefined {
    return this.#execution.state.get(storageKey(this.#self, key))
  }

  storageWrite(key: Uint8Array, value: Uint8Array): void {
    const stateKey = storageKey(this.#self, key)
    const before = this.#execution.state.get(stateKey)
    this.#noteBytes(entryBytes(key, value) - (before === undefined ? 0n : entryBytes(key, before)))
    this.#execution.state.set(stateKey, value)
  }

  storageDelete(key: Uint8Array): boolean {
    const stateKey = storageKey(this.#self, key)
    const before = this.#execution.state.get(stateKey)
    if (before === undefined) return false
    this.#noteBytes(-entryBytes(key, before))
    this.#execution.state.delete(stateKey)
    return true
  }

  emit(topics: readonly Uint8Array[], data: Uint8Array): void {
    if (this.#execution.events.length >= LIMITS.eventsPerTransaction) {
      throw new ContractFault(
        'limit_exceeded',
        `a transaction emits at most ${LIMITS.eventsPerTransaction} events`,
      )
    }
    this.#execution.events.push({ contract: this.#self, topics: [...topics], data })
  }

  balanceOf(address: Uint8Array): bigint {
    return readAccount(this.#execution.state, toAddress(address)).balance
  }

  transfer(to: Uint8Array, amount: bigint): boolean {
    if (!debit(this.#execution.state, this.#self, amount)) return false
    credit(this.#execution.state, toAddress(to), amount)
    return true
  }

  call(request: CallRequest): CallOutcome {
    return this.#call({ ...request, caller: this.#self })
  }

  trace(message: string): void {
    this.#execution.onTrace?.(this.#self, message)
  }

  #noteBytes(bytes: bigint): void {
    if (bytes !== 0n) this.#execution.storageDeltas.push({ contract: this.#self, bytes })
  }
}
