// Written from ../assembly/roles.ts by test/unit/contracts/editor.test.ts.
/**
 * Who may do what: any number of accounts in each of 256 roles. Roles have numbers; give them names:
 *
 *     const MINTER: u8 = 1
 *     private readonly roles: Roles
 *     @call mint(to: Address, amount: u64): void { this.roles.only(MINTER); … }
 *     @call appoint(account: Address): void { this.owner.only(); this.roles.grant(MINTER, account) }
 *
 * `grant` and `revoke` ask nobody: who may call them is for the contract to check.
 */
import { Address } from './address';
import { Indexed } from './events';
/** An account got a role. */
export declare class RoleGranted {
    role: Indexed<u8>;
    account: Indexed<Address>;
    constructor(role: Indexed<u8>, account: Indexed<Address>);
}
/** An account lost a role. */
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
/**
 * Any number of accounts in each of 256 roles. As a field: `private readonly roles: Roles`. `grant` and `revoke` ask
 * nobody: who may call them is for the contract to check. Its events are RoleGranted and RoleRevoked, its error is
 * MissingRole.
 */
export declare class Roles {
    private readonly slot;
    constructor(slot: u8);
    /** Whether the account has the role. Cost: about 10,400 gas. */
    has(role: u8, account: Address): bool;
    /** Ends the call with MissingRole unless the caller has the role. Cost: about 10,800 gas. */
    only(role: u8): void;
    /** Gives the account the role, if it has it not yet. Cost: about 138,100 gas. */
    grant(role: u8, account: Address): void;
    /** Takes the role from the account, if it has it. Cost: about 116,800 gas. */
    revoke(role: u8, account: Address): void;
    private key;
}
