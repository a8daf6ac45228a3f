// Written from ../assembly/context.ts by test/unit/contracts/editor.test.ts.
/**
 * What a contract may know about the call it is in. Cost: about 100 gas for a number, 200 for an address; a
 * balance is read from the state, about 10,000. The exact prices stand in the VM's host table.
 */
import { Address } from './address';
/** Who made this call: an account, or the contract that calls. */
export declare function caller(): Address;
/** The account that signed the transaction. For who may do what, ask {@link caller}. */
export declare function origin(): Address;
/** This contract. */
export declare function self(): Address;
/** Units that came with the call; this contract already holds them. */
export declare function value(): u64;
export declare function blockHeight(): u64;
/** Time of the block in milliseconds since 1970; the same for every call in a block. */
export declare function blockTimeMs(): u64;
export declare function chainId(): string;
export declare function gasLeft(): u64;
/** Units that `address` holds. */
export declare function balanceOf(address: Address): u64;
/**
 * 32 bytes that differ on each call. Nobody can change what this contract gets, but whoever proposes a block can try
 * several and choose, and everybody knows the numbers of the next block when its parent is known; a sender can also
 * call through a contract that reverts when the number does not suit. Let players commit in one transaction and draw
 * in a later block, and let nothing hang on it that is worth a proposer's while. Cost: about 5,000 gas.
 */
export declare function randomness(): Uint8Array;
