// Written from ../assembly/pause.ts by test/unit/contracts/editor.test.ts.
/**
 * A switch that stops parts of a contract:
 *
 *     private readonly pause: Pause
 *     @call transfer(to: Address, amount: u64): void { this.pause.whenRunning(); … }
 *     @call stop(): void { this.owner.only(); this.pause.pause() }
 *
 * `pause` and `resume` ask nobody: who may call them is for the contract to check. Cost: `isPaused` and `whenRunning`
 * about 10,000 gas, `pause` 135,000, `resume` 115,000.
 */
import { Address } from './address';
import { Indexed } from './events';
export declare class Paused {
    by: Indexed<Address>;
    constructor(by: Indexed<Address>);
}
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
export declare class Pause {
    private readonly slot;
    constructor(slot: u8);
    isPaused(): bool;
    /** Ends the call with IsPaused if the contract is paused. */
    whenRunning(): void;
    /** Ends the call with IsPaused if it is paused already. */
    pause(): void;
    /** Ends the call with NotPaused if it is not paused. */
    resume(): void;
}
