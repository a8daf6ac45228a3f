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
 * 32 bytes that differ on each call, from the VRF proofs of the block's leader and of all before it. Nobody can change
 * what this contract gets, and nobody knows it before the block is there, but for the block's leader, whose one choice
 * is not to propose: that costs its reward, and the next leader gives another number. A sender can call through a
 * contract that reverts when the number does not suit: let players commit in one transaction and draw in a later block.
 * Cost: about 5,000 gas.
 */
export declare function randomness(): Uint8Array;
