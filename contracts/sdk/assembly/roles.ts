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
import { Address } from './address'
import { caller } from './context'
import { revert } from './errors'
import { emit, Indexed } from './events'
import { deleteAt, hasAt, mark, startKey } from './storage'
import { Writer } from './writer'

/** An account got a role. */
@event
export class RoleGranted {
  constructor(
    public role: Indexed<u8>,
    public account: Indexed<Address>,
  ) {}
}

/** An account lost a role. */
@event
export class RoleRevoked {
  constructor(
    public role: Indexed<u8>,
    public account: Indexed<Address>,
  ) {}
}

/** The caller has not the role. */
@error
export class MissingRole {
  constructor(
    public role: u8,
    public caller: Address,
  ) {}
}

/**
 * Any number of accounts in each of 256 roles. As a field: `private readonly roles: Roles`. `grant` and `revoke` ask
 * nobody: who may call them is for the contract to check. Its events are RoleGranted and RoleRevoked, its error is
 * MissingRole.
 */
@final
export class Roles {
  constructor(private readonly slot: u8) {}

  /** Whether the account has the role. Cost: about 10,400 gas. */
  has(role: u8, account: Address): bool {
    return hasAt(this.key(role, account))
  }
  /** Ends the call with MissingRole unless the caller has the role. Cost: about 10,800 gas. */
  only(role: u8): void {
    const by = caller()
    if (!this.has(role, by)) revert(new MissingRole(role, by))
  }

  /** Gives the account the role, if it has it not yet. Cost: about 138,100 gas. */
  grant(role: u8, account: Address): void {
    if (this.has(role, account)) return
    mark(this.key(role, account))
    emit(new RoleGranted(role, account))
  }
  /** Takes the role from the account, if it has it. Cost: about 116,800 gas. */
  revoke(role: u8, account: Address): void {
    if (deleteAt(this.key(role, account))) emit(new RoleRevoked(role, account))
  }

  private key(role: u8, account: Address): Writer {
    const key = startKey(this.slot)
    key.u8(role)
    key.raw(account.pointer, 32)
    return key
  }
}
