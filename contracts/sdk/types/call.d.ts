// Written from ../assembly/call.ts by test/unit/contracts/editor.test.ts.
/** Calls to other contracts and payments. */
import { Address } from './address';
/** How a call ended. `data` is what the callee returned, or passed to `revert`, or why it failed (UTF-8). */
export declare class Outcome {
    private readonly status;
    private readonly buffer;
    constructor(status: i32, buffer: ArrayBuffer);
    get isReturned(): bool;
    get data(): Uint8Array;
    /** The returned value. If the callee reverted, this call reverts with the callee's data. */
    unwrap<R>(): R;
}
/**
 * A call, put together step by step:
 * `new Call(token, 'transfer').arg(to).arg(amount).send<void>()`.
 * The argument types must be those of the callee's ABI. Cost: about 16,000 gas, 100,000
 * more with units, and what the callee uses.
 */
export declare class Call {
    private readonly to;
    private readonly method;
    private readonly args;
    private units;
    private gas;
    constructor(to: Address, method: string);
    arg<T>(value: T): this;
    /** Arguments that are BCS already, one after the other: for calls that somebody else put together. */
    rawArguments(bytes: Uint8Array): this;
    /** Units of this contract to send along. */
    value(units: u64): this;
    gasLimit(gas: u64): this;
    /** Runs the call; a callee that fails makes this call fail too. */
    send<R>(): R;
    /** Runs the call as a view: the callee cannot change anything. */
    view<R>(): R;
    /** Runs the call and reports how it ended; a callee's failure stays with the callee. */
    attempt(): Outcome;
}
/** Pays `amount` units from this contract; ends the call if it does not hold as much. Cost: about 120,000 gas. */
export declare function pay(to: Address, amount: u64): void;
/**
 * A new contract from code that a contract of the chain runs already, by the code's 32-byte hash:
 * `const token = new Deploy(codeHash).arg('Gold').arg(supply).send()`.
 * The argument types must be those of the code's init. The new contract has no owner: its code stays as it is. Its
 * code and storage take a deposit from the account that signed the transaction. Cost: about 300,000 gas, 100,000
 * more with units, and what init uses.
 */
export declare class Deploy {
    private readonly codeHash;
    private readonly args;
    private units;
    private gas;
    constructor(codeHash: Uint8Array);
    arg<T>(value: T): this;
    /** Units of this contract for the new one. */
    value(units: u64): this;
    gasLimit(gas: u64): this;
    /** Where the new contract is; if it cannot be made, this call fails too. */
    send(): Address;
    /** Reports how it ended; if not well, there is no new contract. `unwrap<Address>()` says where it is. */
    attempt(): Outcome;
}
