/**
 * One running call as the host functions see it: gas, the contract's memory, the register, what was returned.
 *
 * Data crosses by pointer and length; a result of unknown size goes to the register, and the contract fetches it
 * with register_read. The host never calls into the contract to allocate.
 */
import { type CallOutcome, type CallRequest, ContractFault, type Host } from './execution.ts'
import { RESERVED_EXPORT } from './layout.ts'
import { NodeFault } from './node-fault.ts'

/** The contract called `revert`. */
export class Revert extends Error {
  override readonly name = 'Revert'
  readonly data: Uint8Array
  constructor(data: Uint8Array) {
    super('reverted')
    this.data = data
  }
}

export const ADDRESS_BYTES = 32
const EMPTY = new Uint8Array(0)
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Price of a host function: `base`, `perByte` for each byte of what `bytes` names, `perItem` for each `items`. */
export interface HostGas {
  readonly base: bigint
  readonly perByte: bigint
  readonly bytes: string | undefined
  readonly perItem: bigint
  readonly items: string | undefined
}

const FREE: HostGas = { base: 0n, perByte: 0n, bytes: undefined, perItem: 0n, items: undefined }

/** The host function that runs, for charges and messages. */
export interface RunningFunction {
  readonly name: string
  readonly gas: HostGas
}

export class Frame {
  readonly host: Host
  readonly args: Uint8Array
  gas: bigint
  register: Uint8Array = EMPTY
  returnData: Uint8Array = EMPTY
  /** Host functions called so far. */
  hostCalls = 0
  /** Gas that other contracts used in this call. */
  nestedGas = 0n
  /** What left a host function by exception, to tell it from a trap of the engine. */
  thrown: { readonly error: unknown } | undefined
  private readonly memory: WebAssembly.Memory | undefined
  private readonly gasGlobal: WebAssembly.Global & { value: bigint }
  private readonly stackGlobal: WebAssembly.Global & { value: number }
  private running: RunningFunction = { name: 'the start', gas: FREE }

  constructor(exports: WebAssembly.Exports, host: Host, args: Uint8Array) {
    this.host = host
    this.args = args
    this.memory = exports[RESERVED_EXPORT.memory] as WebAssembly.Memory | undefined
    this.gasGlobal = exports[RESERVED_EXPORT.gas] as WebAssembly.Global & { value: bigint }
    this.stackGlobal = exports[RESERVED_EXPORT.stack] as WebAssembly.Global & { value: number }
    this.gas = this.gasGlobal.value
  }

  /** Takes over the gas from the contract and charges the fixed price. */
  enter(running: RunningFunction, crossing: bigint): void {
    this.hostCalls++
    this.running = running
    this.gas = this.gasGlobal.value
    this.charge(running.gas.base + crossing)
  }

  /** Hands the gas back to the contract. */
  leave(): void {
    this.gasGlobal.value = this.gas
  }

  charge(units: bigint): void {
    this.gas -= units
    if (this.gas < 0n) throw new ContractFault('out_of_gas', 'out of gas')
  }

  /** The price of `count` bytes, from the table. */
  chargeBytes(count: number): void {
    this.charge(BigInt(count) * this.running.gas.perByte)
  }

  chargeItems(count: number): void {
    this.charge(BigInt(count) * this.running.gas.perItem)
  }

  fault(code: ContractFault['code'], reason: string): ContractFault {
    return new ContractFault(code, `${this.running.name}: ${reason}`)
  }

  limit(length: number, max: number, what: string): void {
    if (length > max) throw this.fault('limit_exceeded', `${what} has ${length} bytes, the limit is ${max}`)
  }

  limitCount(count: number, max: number, what: string): void {
    if (count > max) throw this.fault('limit_exceeded', `${count} ${what}, the limit is ${max}`)
  }

  refuseIfStatic(): void {
    if (this.host.isStatic) throw this.fault('static_violation', 'not allowed in a static call')
  }

  /** A copy of contract memory; what lies outside is the contract's fault. */
  read(pointer: number, length: number): Uint8Array {
    return this.view(pointer, length).slice()
  }

  readAddress(pointer: number): Uint8Array {
    return this.read(pointer, ADDRESS_BYTES)
  }

  readUtf8(pointer: number, length: number, what: string): string {
    try {
      return utf8.decode(this.view(pointer, length))
    } catch (error) {
      if (error instanceof ContractFault) throw error
      throw this.fault('limit_exceeded', `${what} is not UTF-8`)
    }
  }

  write(pointer: number, bytes: Uint8Array): void {
    this.view(pointer, bytes.length).set(bytes)
  }

  /** Where the memory lies and how long it is; none at all counts as empty. */
  private view(pointer: number, length: number): Uint8Array {
    const start = pointer >>> 0
    const count = length >>> 0
    const size = this.memory?.buffer.byteLength ?? 0
    if (this.memory === undefined || start + count > size) {
      throw this.fault('trapped', `${count} bytes at ${start} lie outside the memory of ${size} bytes`)
    }
    return new Uint8Array(this.memory.buffer, start, count)
  }

  /**
   * A string of AssemblyScript's: UTF-16, its length in bytes in the word before it. At most `maxUnits` units.
   * Null and pointers outside the memory read as undefined: this serves messages, which must not fail.
   */
  readString(pointer: number, maxUnits: number): string | undefined {
    const start = pointer >>> 0
    const size = this.memory?.buffer.byteLength ?? 0
    if (this.memory === undefined || start < 4 || start > size) return undefined
    const memory = new DataView(this.memory.buffer)
    const bytes = Math.min(memory.getUint32(start - 4, true), 2 * maxUnits)
    if (start + bytes > size) return undefined
    const units: number[] = []
    for (let i = 0; i + 1 < bytes; i += 2) units.push(memory.getUint16(start + i, true))
    return String.fromCharCode(...units).toWellFormed()
  }

  /** Sets the register and returns its length. */
  toRegister(bytes: Uint8Array): number {
    this.register = bytes
    return bytes.length
  }

  /**
   * Has the Host run another contract with `requested` gas, 0 meaning as much as possible; a 64th always stays
   * here, and so does `stackReserve`. Settles the gas.
   */
  runNested(
    requested: bigint,
    stackReserve: number,
    run: (limits: Pick<CallRequest, 'gasLimit' | 'stackLimit'>) => CallOutcome,
  ): CallOutcome {
    const most = this.gas - this.gas / 64n
    const wanted = BigInt.asUintN(64, requested)
    const gasLimit = wanted === 0n || wanted > most ? most : wanted
    const stackLimit = this.stackGlobal.value - stackReserve
    if (stackLimit < 0) throw this.fault('stack_overflow', 'no contract stack left for another contract')
    const outcome = run({ gasLimit, stackLimit })
    if (outcome.gasUsed < 0n || outcome.gasUsed > gasLimit) {
      throw new NodeFault(`a call used ${outcome.gasUsed} gas of ${gasLimit}`)
    }
    this.gas -= outcome.gasUsed
    this.nestedGas += outcome.gasUsed
    return outcome
  }
}
