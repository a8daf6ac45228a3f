/** Calls to other contracts and payments. */
import { Address } from './address'
import { decode, encode } from './bcs'
import * as env from './env'
import { require, revert } from './errors'
import { Reader } from './reader'
import { takeRegister } from './register'
import { Writer } from './writer'

const RETURNED = 0
const REVERTED = 1
/** The host then gives all but a 64th of what is left. */
const ALL_GAS: u64 = 0

/** How a call ended, of which `attempt` tells. */
@final
export class Outcome {
  constructor(
    private readonly status: i32,
    private readonly buffer: ArrayBuffer,
  ) {}

  /** Whether it returned, and neither reverted nor failed. Cost: about 10 gas. */
  get isReturned(): bool {
    return this.status == RETURNED
  }
  /** What it returned; what it passed to `revert`; or why it failed. Cost: about 180 gas. */
  get data(): Uint8Array {
    return Uint8Array.wrap(this.buffer)
  }

  /** The returned value. If the callee reverted, this call reverts with its data. Cost: about 330 gas of a number. */
  unwrap<R>(): R {
    if (this.status == REVERTED) env.revert(changetype<usize>(this.buffer), this.buffer.byteLength)
    if (this.status != RETURNED) revert('the called contract failed: ' + String.UTF8.decode(this.buffer))
    const reader = new Reader(
      changetype<usize>(this.buffer),
      this.buffer.byteLength,
      'result of the called contract',
    )
    if (isVoid<R>()) {
      reader.end()
    } else {
      const value = decode<R>(reader)
      reader.end()
      return value
    }
  }
}

/**
 * A call, put together step by step:
 * `new Call(token, 'transfer').arg(to).arg(amount).send<void>()`.
 * The argument types must be those of the callee's ABI: write them out. {@link at} does for a class that is imported.
 */
@final
export class Call {
  private readonly args: Writer = new Writer()
  private units: u64 = 0
  private gas: u64 = ALL_GAS

  /** Of `method` of the contract at `to`. Cost: about 500 gas. */
  constructor(
    private readonly to: Address,
    private readonly method: string,
  ) {}

  /** One more argument. Cost: about 80 gas of a number, as {@link encode}. */
  arg<T>(value: T): this {
    encode<T>(this.args, value)
    return this
  }
  /**
   * Arguments that are BCS already, one after the other: for calls that somebody else put together.
   * Cost: about 115 gas.
   */
  rawArguments(bytes: Uint8Array): this {
    this.args.raw(bytes.dataStart, bytes.length)
    return this
  }
  /** Units of this contract to send along. Cost: nothing by itself. */
  value(units: u64): this {
    this.units = units
    return this
  }
  /** The most gas that the callee may use; else all but a 64th of what is left. Cost: nothing by itself. */
  gasLimit(gas: u64): this {
    this.gas = gas
    return this
  }

  /**
   * Runs the call; a callee that fails makes this call fail too.
   * Cost: about 17,300 gas, 100,000 more with units, and what the callee uses.
   */
  send<R>(): R {
    return this.attempt().unwrap<R>()
  }

  /**
   * Runs the call as a view: the callee cannot change anything.
   * Cost: about 17,300 gas, and what the callee uses.
   */
  view<R>(): R {
    const method = String.UTF8.encode(this.method)
    const status = env.static_call(
      this.to.pointer,
      changetype<usize>(method),
      method.byteLength,
      this.args.pointer,
      this.args.length,
      this.gas,
    )
    return new Outcome(status, takeRegister(env.register_len())).unwrap<R>()
  }

  /**
   * Runs the call and reports how it ended; a callee's failure stays with the callee.
   * Cost: about 17,200 gas, 100,000 more with units, and what the callee uses.
   */
  attempt(): Outcome {
    const method = String.UTF8.encode(this.method)
    const status = env.call(
      this.to.pointer,
      changetype<usize>(method),
      method.byteLength,
      this.args.pointer,
      this.args.length,
      this.units,
      this.gas,
    )
    return new Outcome(status, takeRegister(env.register_len()))
  }
}

/** Pays `amount` units from this contract; ends the call if it does not hold as much. Cost: about 120,000 gas. */
export function pay(to: Address, amount: u64): void {
  require(env.transfer(to.pointer, amount) != 0, 'the contract does not hold enough to pay')
}

/**
 * A new contract from code that a contract of the chain runs already, by the code's 32-byte hash:
 * `const token = new Deploy(codeHash).arg('Gold').arg(supply).send()`.
 * The argument types must be those of the code's init. The new contract has no owner: its code stays as it is. Its
 * code and storage take a deposit from the account that signed the transaction.
 */
@final
export class Deploy {
  private readonly args: Writer = new Writer()
  private units: u64 = 0
  private gas: u64 = ALL_GAS

  /** Of the code with that hash. Cost: about 530 gas. */
  constructor(private readonly codeHash: Uint8Array) {
    require(codeHash.length == 32, 'a code hash takes 32 bytes')
  }

  /** One more argument of init. Cost: about 80 gas of a number, as {@link encode}. */
  arg<T>(value: T): this {
    encode<T>(this.args, value)
    return this
  }
  /** Units of this contract for the new one. Cost: nothing by itself. */
  value(units: u64): this {
    this.units = units
    return this
  }
  /** The most gas that init may use; else all but a 64th of what is left. Cost: nothing by itself. */
  gasLimit(gas: u64): this {
    this.gas = gas
    return this
  }

  /**
   * Makes it, and says where it is; if it cannot be made, this call fails too.
   * Cost: about 300,500 gas, 100,000 more with units, and what init uses.
   */
  send(): Address {
    return this.attempt().unwrap<Address>()
  }

  /**
   * Reports how it ended; if not well, there is no new contract. `unwrap<Address>()` says where it is.
   * Cost: about 300,200 gas, 100,000 more with units, and what init uses.
   */
  attempt(): Outcome {
    const status = env.deploy(
      this.codeHash.dataStart,
      this.args.pointer,
      this.args.length,
      this.units,
      this.gas,
    )
    return new Outcome(status, takeRegister(env.register_len()))
  }
}
