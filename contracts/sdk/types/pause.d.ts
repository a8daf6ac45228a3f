// Written from ../assembly/pause.ts by test/unit/contracts/editor.test.ts.
/**
 * A switch that stops parts of a contract:
 *
 *     private readonly pause: Pause
 *     @call transfer(to: Address, amount: u64): void { this.pause.whenRunning(); … }
 *     @call stop(): void { this.owner.only(); this.pause.pause() }
 *
 * `pause` and `resume` ask nobody: who may call them is for the contract to check.
 */
import { Address } from './address';
import { Indexed } from './events';
/** The contract was paused. */
export declare class Paused {
    by: Indexed<Address>;
    constructor(by: Indexed<Address>);
}
/** The contract goes on. */
export declare class Resumed {
    by: Indexed<Address>;
    constructor(by: Indexed<Address>);
}
/** The contract is paused. */
export declare class IsPaused {
}
/** The contract is not paused. */
export declare class NotPaused {
}
/**
 * A switch that stops what asks `whenRunning`. As a field: `private readonly paused: Pause`. `pause` and `resume` ask
 * nobody: who may call them is for the contract to check. Its events are Paused and Resumed, its errors IsPaused and
 * NotPaused.
 */
export declare class Pause {
    private readonly slot;
    constructor(slot: u8);
    /** Whether the contract is paused. Cost: about 10,200 gas. */
    isPaused(): bool;
    /** Ends the call with IsPaused if the contract is paused. Cost: about 10,200 gas. */
    whenRunning(): void;
    /** Stops the contract; ends the call with IsPaused if it is paused already. Cost: about 136,400 gas. */
    pause(): void;
    /** Lets the contract go on; ends the call with NotPaused if it is not paused. Cost: about 116,300 gas. */
    resume(): void;
}
