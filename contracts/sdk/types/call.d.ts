// Written from ../assembly/call.ts by test/unit/contracts/editor.test.ts.
/** Calls to other contracts and payments. */
import { Address } from './address';
/** How a call ended, of which `attempt` tells. */
export declare class Outcome {
    private readonly status;
    private readonly buffer;
    constructor(status: i32, buffer: ArrayBuffer);
    /** Whether it returned, and neither reverted nor failed. Cost: about 10 gas. */
    get isReturned(): bool;
    /** What it returned; what it passed to `revert`; or why it failed. Cost: about 180 gas. */
    get data(): Uint8Array;
    /** The returned value. If the callee reverted, this call reverts with its data. Cost: about 330 gas of a number. */
    unwrap<R>(): R;
}
/**
 * A call, put together step by step:
 * `new Call(token, 'transfer').arg(to).arg(amount).send<void>()`.
 * The argument types must be those of the callee's ABI: write them out. {@link at} does for a class that is imported.
 */
export declare class Call {
    private readonly to;
    private readonly method;
    private readonly args;
    private units;
    private gas;
    /** Of `method` of the contract at `to`. Cost: about 500 gas. */
    constructor(to: Address, method: string);
    /** One more argument. Cost: about 80 gas of a number, as {@link encode}. */
    arg<T>(value: T): this;
    /**
     * Arguments that are BCS already, one after the other: for calls that somebody else put together.
     * Cost: about 115 gas.
     */
    rawArguments(bytes: Uint8Array): this;
    /** Units of this contract to send along. Cost: nothing by itself. */
    value(units: u64): this;
    /** The most gas that the callee may use; else all but a 64th of what is left. Cost: nothing by itself. */
    gasLimit(gas: u64): this;
    /**
     * Runs the call; a callee that fails makes this call fail too.
     * Cost: about 17,300 gas, 100,000 more with units, and what the callee uses.
     */
    send<R>(): R;
    /**
     * Runs the call as a view: the callee cannot change anything.
     * Cost: about 17,300 gas, and what the callee uses.
     */
    view<R>(): R;
    /**
     * Runs the call and reports how it ended; a callee's failure stays with the callee.
     * Cost: about 17,200 gas, 100,000 more with units, and what the callee uses.
     */
    attempt(): Outcome;
}
/** Pays `amount` units from this contract; ends the call if it does not hold as much. Cost: about 120,000 gas. */
export declare function pay(to: Address, amount: u64): void;
/**
 * A new contract from code that a contract of the chain runs already, by the code's 32-byte hash:
 * `const token = new Deploy(codeHash).arg('Gold').arg(supply).send()`.
 * The argument types must be those of the code's init. The new contract has no owner: its code stays as it is. Its
 * code and storage take a deposit from the account that signed the transaction.
 */
export declare class Deploy {
    private readonly codeHash;
    private readonly args;
    private units;
    private gas;
    /** Of the code with that hash. Cost: about 530 gas. */
    constructor(codeHash: Uint8Array);
    /** One more argument of init. Cost: about 80 gas of a number, as {@link encode}. */
    arg<T>(value: T): this;
    /** Units of this contract for the new one. Cost: nothing by itself. */
    value(units: u64): this;
    /** The most gas that init may use; else all but a 64th of what is left. Cost: nothing by itself. */
    gasLimit(gas: u64): this;
    /**
     * Makes it, and says where it is; if it cannot be made, this call fails too.
     * Cost: about 300,500 gas, 100,000 more with units, and what init uses.
     */
    send(): Address;
    /**
     * Reports how it ended; if not well, there is no new contract. `unwrap<Address>()` says where it is.
     * Cost: about 300,200 gas, 100,000 more with units, and what init uses.
     */
    attempt(): Outcome;
}
