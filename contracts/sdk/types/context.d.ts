// Written from ../assembly/context.ts by test/unit/contracts/editor.test.ts.
/** What a contract may know about the call it is in. */
import { Address } from './address';
/** Who made this call: an account, or the contract that calls. Cost: about 400 gas. */
export declare function caller(): Address;
/** The account that signed the transaction. For who may do what, ask {@link caller}. Cost: about 400 gas. */
export declare function origin(): Address;
/** This contract. Cost: about 400 gas. */
export declare function self(): Address;
/** Units that came with the call; this contract already holds them. Cost: about 110 gas. */
export declare function value(): u64;
/** The height of the block. Cost: about 110 gas. */
export declare function blockHeight(): u64;
/** Time of the block in milliseconds since 1970; the same for every call in a block. Cost: about 110 gas. */
export declare function blockTimeMs(): u64;
/** The name of the chain, in what is signed for one chain alone. Cost: about 1,600 gas. */
export declare function chainId(): string;
/** Gas that this call may still use. Cost: about 110 gas. */
export declare function gasLeft(): u64;
/** Units that `address` holds. Cost: about 10,000 gas. */
export declare function balanceOf(address: Address): u64;
/**
 * 32 bytes that differ on each call, from the VRF proofs of the block's leader and of all before it. Nobody can choose
 * what this contract gets, and nobody knows it before the block is there, but for the block's leader, who can leave the
 * transaction to the next leader, whose number is another.
 *
 * Only where an account calls the contract by itself: in a batch, or called by a contract, it fails with
 * `undoable_draw`. What is still the sender's are the gas limit and the deposit: keep the number in a field, whatever it
 * is, and act on it in a later call. Then no draw can fail because of what was drawn. Cost: about 5,400 gas.
 */
export declare function randomness(): Uint8Array;
