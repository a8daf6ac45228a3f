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
import { Address } from './address'
import { caller } from './context'
import { revert } from './errors'
import { emit, Indexed } from './events'
import { deleteAt, readAt, startKey, writeAt } from './storage'
import { Writer } from './writer'

/** The contract was offered to `to`. */
@event
export class OwnershipOffered {
  constructor(
    public from: Indexed<Address>,
    public to: Indexed<Address>,
  ) {}
}

/** The contract has another owner. `from` is the zero address at first, `to` when there is no owner any more. */
@event
export class OwnershipPassed {
  constructor(
    public from: Indexed<Address>,
    public to: Indexed<Address>,
  ) {}
}

/** The caller is not the owner. */
@error
export class NotOwner {
  constructor(public caller: Address) {}
}

/** The caller was not offered the contract. */
@error
export class NotOffered {
  constructor(public caller: Address) {}
}

const OFFER: u8 = 1

/**
 * The contract's owner, which passes in two steps: `offer`, then `accept`. As a field:
 * `private readonly owner: Ownership`. Its events are OwnershipOffered and OwnershipPassed, its errors NotOwner and
 * NotOffered.
 */
@final
export class Ownership {
  constructor(private readonly slot: u8) {}

  /** The first owner: for `@init`. It asks nobody. Cost: about 138,700 gas. */
  init(owner: Address): void {
    this.pass(this.get(), owner)
  }
  /** The owner; the zero address if there is none. Cost: about 11,100 gas. */
  get(): Address {
    return readAt<Address>(startKey(this.slot))
  }
  /** Ends the call with NotOwner unless the owner calls. Cost: about 11,600 gas. */
  only(): void {
    const by = caller()
    if (by != this.get()) revert(new NotOwner(by))
  }

  /**
   * Offers the contract to `to`, in place of whoever it was offered to before; for the owner alone.
   * Cost: about 140,600 gas.
   */
  offer(to: Address): void {
    this.only()
    writeAt<Address>(this.offerKey(), to)
    emit(new OwnershipOffered(caller(), to))
  }
  /** Makes the caller the owner; for whom it was offered to alone. Cost: about 261,500 gas. */
  accept(): void {
    const by = caller()
    if (by != readAt<Address>(this.offerKey())) revert(new NotOffered(by))
    deleteAt(this.offerKey())
    this.pass(this.get(), by)
  }
  /** Leaves the contract without an owner, for ever; for the owner alone. Cost: about 239,700 gas. */
  renounce(): void {
    this.only()
    deleteAt(this.offerKey())
    deleteAt(startKey(this.slot))
    emit(new OwnershipPassed(caller(), new Address()))
  }

  private pass(from: Address, to: Address): void {
    writeAt<Address>(startKey(this.slot), to)
    emit(new OwnershipPassed(from, to))
  }
  private offerKey(): Writer {
    const key = startKey(this.slot)
    key.u8(OFFER)
    return key
  }
}
