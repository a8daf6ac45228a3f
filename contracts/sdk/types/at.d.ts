// Written from ../assembly/at.ts by test/unit/contracts/editor.test.ts.
/** Calls to contracts whose classes are imported. */
import { Address } from './address';
import { Call } from './call';
/**
 * The contract at `address`, of a @contract class that is imported from its file:
 * `at<Token>(address).transfer(to, amount)`. Its @call and @view methods can be called, which encodes the arguments and
 * decodes the result; a call that fails makes this one fail with its data. Nothing checks that the contract there is a
 * Token. `units` of this contract go along with each call; `gas` is the most that each may use, 0 for all but a 64th.
 * Cost: as a {@link Call}.
 */
export declare function at<T>(address: Address, units?: u64, gas?: u64): T;
/** What the transform lets an imported contract's class extend. */
export declare class Callee {
    private readonly to;
    private readonly units;
    private readonly gas;
    constructor(to: Address, units: u64, gas: u64);
    __call(method: string): Call;
    __view(method: string): Call;
}
