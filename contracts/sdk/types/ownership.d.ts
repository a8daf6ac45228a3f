// Written from ../assembly/ownership.ts by test/unit/contracts/editor.test.ts.
/**
 * A contract's owner. Ownership passes in two steps, an offer and its acceptance, so that it never goes to an address
 * that nobody can sign for.
 *
 *     private readonly owner: Ownership
 *     @init start(): void { this.owner.init(caller()) }
 *     @call close(): void { this.owner.only(); … }
 *     @call offer(to: Address): void { this.owner.offer(to) }
 *     @call accept(): void { this.owner.accept() }
 */
import { Address } from './address';
import { Indexed } from './events';
/** The contract was offered to `to`. */
export declare class OwnershipOffered {
    from: Indexed<Address>;
    to: Indexed<Address>;
    constructor(from: Indexed<Address>, to: Indexed<Address>);
}
/** The contract has another owner. `from` is the zero address at first, `to` when there is no owner any more. */
export declare class OwnershipPassed {
    from: Indexed<Address>;
    to: Indexed<Address>;
    constructor(from: Indexed<Address>, to: Indexed<Address>);
}
/** The caller is not the owner. */
export declare class NotOwner {
    caller: Address;
    constructor(caller: Address);
}
/** The caller was not offered the contract. */
export declare class NotOffered {
    caller: Address;
    constructor(caller: Address);
}
/**
 * The contract's owner, which passes in two steps: `offer`, then `accept`. As a field:
 * `private readonly owner: Ownership`. Its events are OwnershipOffered and OwnershipPassed, its errors NotOwner and
 * NotOffered.
 */
export declare class Ownership {
    private readonly slot;
    constructor(slot: u8);
    /** The first owner: for `@init`. It asks nobody. Cost: about 138,700 gas. */
    init(owner: Address): void;
    /** The owner; the zero address if there is none. Cost: about 11,100 gas. */
    get(): Address;
    /** Ends the call with NotOwner unless the owner calls. Cost: about 11,600 gas. */
    only(): void;
    /**
     * Offers the contract to `to`, in place of whoever it was offered to before; for the owner alone.
     * Cost: about 140,600 gas.
     */
    offer(to: Address): void;
    /** Makes the caller the owner; for whom it was offered to alone. Cost: about 261,500 gas. */
    accept(): void;
    /** Leaves the contract without an owner, for ever; for the owner alone. Cost: about 239,700 gas. */
    renounce(): void;
    private pass;
    private offerKey;
}
