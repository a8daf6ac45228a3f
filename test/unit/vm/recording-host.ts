/** A Host that keeps everything in Maps and writes down what it was asked. */
import { CONTRACT_CRYPTO } from '../../../node/transition/contract-crypto.ts'
import type {
  CallContext,
  CallOutcome,
  CallRequest,
  DeployRequest,
  Host,
  StorageQuestion,
} from '../../../vm/execution.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export class RecordingHost implements Host {
  readonly context: CallContext
  readonly isStatic: boolean
  readonly storage = new Map<string, Uint8Array>()
  readonly balances = new Map<string, bigint>()
  readonly events: { topics: string[]; data: string }[] = []
  readonly traces: string[] = []
  readonly calls: CallRequest[] = []
  readonly deploys: DeployRequest[] = []
  readonly crypto = CONTRACT_CRYPTO
  /** Keys (hex) that count as deleted since the block began. */
  readonly deleted = new Set<string>()
  #drawn = 0
  /** What the next calls to other contracts answer. */
  answer: (request: CallRequest) => CallOutcome = () => ({
    kind: 'returned',
    data: new Uint8Array(0),
    gasUsed: 0n,
  })

  /** What the next deploys answer. */
  deployed: (request: DeployRequest) => CallOutcome = () => ({
    kind: 'returned',
    data: new Uint8Array(32).fill(0x77),
    gasUsed: 0n,
  })

  constructor(context: Partial<CallContext> = {}, isStatic = false) {
    this.isStatic = isStatic
    this.context = {
      caller: new Uint8Array(32).fill(1),
      origin: new Uint8Array(32).fill(2),
      self: new Uint8Array(32).fill(3),
      value: 44n,
      height: 55n,
      timeMs: 1_700_000_000_000n,
      chainId: 'vex-test',
      ...context,
    }
  }

  storageRead(key: Uint8Array): Uint8Array | undefined {
    return this.storage.get(hex(key))
  }

  storageWrite(key: Uint8Array, value: Uint8Array): void {
    this.storage.set(hex(key), value)
  }

  storageDelete(key: Uint8Array): boolean {
    return this.storage.delete(hex(key))
  }

  storageNext({ prefix, beyond, isReverse }: StorageQuestion, onPassed: () => void) {
    const keys = [...this.storage.keys(), ...this.deleted].filter(key => key.startsWith(hex(prefix))).sort()
    if (isReverse) keys.reverse()
    for (const key of keys) {
      if (beyond.length > 0 && (isReverse ? key >= hex(beyond) : key <= hex(beyond))) continue
      const value = this.storage.get(key)
      if (value !== undefined) return { key: new Uint8Array(Buffer.from(key, 'hex')), value }
      onPassed()
    }
    return undefined
  }

  emit(topics: readonly Uint8Array[], data: Uint8Array): void {
    this.events.push({ topics: topics.map(hex), data: hex(data) })
  }

  balanceOf(address: Uint8Array): bigint {
    return this.balances.get(hex(address)) ?? 0n
  }

  transfer(to: Uint8Array, amount: bigint): boolean {
    const own = hex(this.context.self)
    const held = this.balances.get(own) ?? 0n
    if (held < amount) return false
    this.balances.set(own, held - amount)
    this.balances.set(hex(to), this.balanceOf(to) + amount)
    return true
  }

  call(request: CallRequest): CallOutcome {
    this.calls.push(request)
    return this.answer(request)
  }

  deploy(request: DeployRequest): CallOutcome {
    this.deploys.push(request)
    return this.deployed(request)
  }

  randomness(): Uint8Array {
    return new Uint8Array(32).fill(++this.#drawn)
  }

  trace(message: string): void {
    this.traces.push(message)
  }
}
