// Written from ../assembly/roles.ts by test/unit/contracts/editor.test.ts.
/**
 * Who may do what: any number of accounts in each of 256 roles. Roles have numbers; give them names:
 *
 *     const MINTER: u8 = 1
 *     private readonly roles: Roles
 *     @call mint(to: Address, amount: u64): void { this.roles.only(MINTER); … }
 *     @call appoint(account: Address): void { this.owner.only(); this.roles.grant(MINTER, account) }
 *
 * `grant` and `revoke` ask nobody: who may call them is for the contract to check. Cost: `has` and `only` about 10,000
 * gas, `grant` 140,000, `revoke` 120,000.
 */
import { Address } from './address';
import { Indexed } from './events';
export declare class RoleGranted {
    role: Indexed<u8>;
    account: Indexed<Address>;
    constructor(role: Indexed<u8>, account: Indexed<Address>);
}
export declare class RoleRevoked {
    role: Indexed<u8>;
    account: Indexed<Address>;
    constructor(role: Indexed<u8>, account: Indexed<Address>);
}
/** The caller has not the role. */
export declare class MissingRole {
    role: u8;
    caller: Address;
    constructor(role: u8, caller: Address);
}
export declare class Roles {
    private readonly slot;
    constructor(slot: u8);
    has(role: u8, account: Address): bool;
    /** Ends the call with MissingRole unless the caller has the role. */
    only(role: u8): void;
    grant(role: u8, account: Address): void;
    revoke(role: u8, account: Address): void;
    private key;
}
