/** A few contracts on the real VM, their storage and balances in Maps: the chain's rules are not tested here. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { buildContract } from '../../../contracts/sdk/build.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import {
  decodeError,
  decodeEvent,
  decodeReturn,
  decodeRevert,
  encodeArguments,
} from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { fromHex, toAddress, toHex } from '../../../node/types/primitives.ts'
import { CONTRACT_CRYPTO } from '../../../node/transition/contract-crypto.ts'
import type { CallOutcome, CallRequest, DeployRequest, Host, StorageQuestion } from '../../../vm/execution.ts'
import { LIMITS } from '../../../vm/profile.ts'
import { createVm } from '../../../vm/vm.ts'

export const GAS = 500_000_000n

export interface CallOptions {
  readonly caller?: Uint8Array
  readonly value?: bigint
  readonly isStatic?: boolean
}

/** One for all: what it keeps is by code hash and never visible in a result. */
const vm = createVm()

interface Deployed {
  readonly codeHash: string
  readonly code: Uint8Array
  readonly abi: Abi
  readonly storage: Map<string, Uint8Array>
}

export interface RawEvent {
  readonly contract: Uint8Array
  readonly topics: readonly Uint8Array[]
  readonly data: Uint8Array
}

export interface CompiledSource {
  readonly wasm: Uint8Array
  readonly abi: unknown
}

const BUILD_FOLDER = fileURLToPath(new URL('../../fixtures/build', import.meta.url))

/** Compiles a contract, by its path from the top of the repository, unless nothing changed since the last run. */
export const built = async (path: string): Promise<CompiledSource> => {
  const entry = fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  const { wasmPath, abiPath } = await buildContract(entry, BUILD_FOLDER)
  return { wasm: await readFile(wasmPath), abi: JSON.parse(await readFile(abiPath, 'utf8')) }
}

export const account = (number: number): Uint8Array => new Uint8Array(32).fill(number)
export const shown = (bytes: Uint8Array): string => formatAddress(toAddress(bytes))

export class Sandbox {
  readonly contracts = new Map<string, Deployed>()
  readonly balances = new Map<string, bigint>()
  events: RawEvent[] = []
  private drawn = 0

  deploy(at: Uint8Array, { wasm, abi }: CompiledSource): void {
    this.contracts.set(toHex(at), {
      code: wasm,
      codeHash: toHex(sha256(wasm)),
      abi: parseAbi(abi),
      storage: new Map(),
    })
  }

  abiOf(at: Uint8Array): Abi {
    const found = this.contracts.get(toHex(at))
    if (found === undefined) throw new Error(`no contract at ${toHex(at)}`)
    return found.abi
  }

  /** The result in the ABI's terms; a failure is thrown as an Error with the contract's message. */
  call(at: Uint8Array, method: string, args: readonly unknown[] = [], options: CallOptions = {}): unknown {
    const abi = this.abiOf(at)
    const outcome = this.callRaw(at, method, encodeArguments(abi, method, args), options)
    if (outcome.kind === 'reverted') throw new Error(`reverted: ${reasonOf(abi, outcome.data)}`)
    if (outcome.kind === 'failed') throw new Error(`${outcome.code}: ${outcome.message}`)
    return decodeReturn(abi, method, outcome.data)
  }

  callRaw(
    at: Uint8Array,
    method: string,
    args: Uint8Array,
    { caller = account(1), value = 0n, isStatic = false }: CallOptions = {},
  ): CallOutcome {
    this.events = []
    return this.run(
      { to: at, method, args, value, gasLimit: GAS, stackLimit: LIMITS.stackWords, isStatic },
      caller,
    )
  }

  decodedEvents(): unknown[] {
    return this.events.map(event => decodeEvent(this.abiOf(event.contract), event))
  }

  private run(request: CallRequest, caller: Uint8Array): CallOutcome {
    const target = this.contracts.get(toHex(request.to))
    if (target === undefined)
      return { kind: 'failed', code: 'unknown_contract', message: 'no contract there', gasUsed: 0n }
    const balances = new Map(this.balances)
    const storage = new Map(target.storage)
    const outcome = vm.execute({
      codeHash: target.codeHash,
      code: () => target.code,
      method: request.method,
      args: request.args,
      gasLimit: request.gasLimit,
      stackLimit: request.stackLimit,
      host: this.hostOf(request, target, caller),
    })
    if (outcome.kind !== 'returned') {
      restore(this.balances, balances)
      restore(target.storage, storage)
    }
    return outcome
  }

  /** A new contract at the address 77…77 from the code of one that is there. */
  private deployByHash({ codeHash, ...request }: DeployRequest, caller: Uint8Array): CallOutcome {
    const model = [...this.contracts.values()].find(contract => contract.codeHash === toHex(codeHash))
    if (model === undefined)
      return { kind: 'failed', code: 'unknown_contract', message: 'no such code', gasUsed: 0n }
    const to = account(0x77)
    this.contracts.set(toHex(to), { ...model, storage: new Map() })
    const outcome = this.run({ ...request, to, method: 'init', isStatic: false }, caller)
    if (outcome.kind === 'returned') return { ...outcome, data: to }
    this.contracts.delete(toHex(to))
    return outcome
  }

  private hostOf(request: CallRequest, { storage }: Deployed, caller: Uint8Array): Host {
    const self = request.to
    const balanceOf = (address: Uint8Array): bigint => this.balances.get(toHex(address)) ?? 0n
    const transfer = (to: Uint8Array, amount: bigint): boolean => {
      if (balanceOf(self) < amount) return false
      this.balances.set(toHex(self), balanceOf(self) - amount)
      this.balances.set(toHex(to), balanceOf(to) + amount)
      return true
    }
    return {
      context: {
        caller,
        origin: account(1),
        self,
        value: request.value,
        height: 55n,
        timeMs: 1_700_000_000_000n,
        chainId: 'vex-test',
      },
      isStatic: request.isStatic,
      crypto: CONTRACT_CRYPTO,
      storageRead: key => storage.get(toHex(key)),
      storageWrite: (key, value) => void storage.set(toHex(key), value),
      storageDelete: key => storage.delete(toHex(key)),
      storageNext: question => nextIn(storage, question),
      emit: (topics, data) => void this.events.push({ contract: self, topics, data }),
      balanceOf,
      transfer,
      call: inner => {
        if (!transfer(inner.to, inner.value))
          return { kind: 'failed', code: 'insufficient_balance', message: 'not enough', gasUsed: 0n }
        return this.run(inner, self)
      },
      deploy: inner => this.deployByHash(inner, self),
      randomness: () => new Uint8Array(32).fill(++this.drawn),
      trace: () => undefined,
    }
  }
}

/** A text, or `Name(field: value, …)`. */
const reasonOf = (abi: Abi, data: Uint8Array): string => {
  const error = decodeError(abi, data)
  if (error === undefined) return decodeRevert(data)
  return `${error.name}(${Object.entries(error.fields)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ')})`
}

const nextIn = (
  storage: ReadonlyMap<string, Uint8Array>,
  { prefix, beyond, isReverse }: StorageQuestion,
): { key: Uint8Array; value: Uint8Array } | undefined => {
  const keys = [...storage.keys()].filter(
    key =>
      key.startsWith(toHex(prefix)) &&
      (beyond.length === 0 || (isReverse ? key < toHex(beyond) : key > toHex(beyond))),
  )
  const key = isReverse ? keys.sort().at(-1) : keys.sort()[0]
  return key === undefined ? undefined : { key: fromHex(key), value: storage.get(key) as Uint8Array }
}

const restore = <T>(map: Map<string, T>, saved: ReadonlyMap<string, T>): void => {
  map.clear()
  for (const [key, value] of saved) map.set(key, value)
}
