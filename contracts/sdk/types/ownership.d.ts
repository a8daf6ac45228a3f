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
 *
 * Cost: `get` and `only` about 10,000 gas; `offer` 135,000, `accept` 255,000, `renounce` 240,000.
 */
import { Address } from './address';
import { Indexed } from './events';
export declare class OwnershipOffered {
    from: Indexed<Address>;
    to: Indexed<Address>;
    constructor(from: Indexed<Address>, to: Indexed<Address>);
}
/** `from` is the zero address at first, `to` when there is no owner any more. */
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
export declare class Ownership {
    private readonly slot;
    constructor(slot: u8);
    /** The first owner: for `@init`. It asks nobody. */
    init(owner: Address): void;
    /** The owner; the zero address if there is none. */
    get(): Address;
    /** Ends the call with NotOwner unless the owner calls. */
    only(): void;
    /** Offers the contract to `to`, in place of whoever it was offered to before; for the owner alone. */
    offer(to: Address): void;
    /** Makes the caller the owner; for whom it was offered to alone. */
    accept(): void;
    /** Leaves the contract without an owner, for ever; for the owner alone. */
    renounce(): void;
    private pass;
    private offerKey;
}
