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
import { Address } from './address'
import { caller } from './context'
import { revert } from './errors'
import { emit, Indexed } from './events'
import { deleteAt, readAt, startKey, writeAt } from './storage'
import { Writer } from './writer'

@event
export class OwnershipOffered {
  constructor(
    public from: Indexed<Address>,
    public to: Indexed<Address>,
  ) {}
}

/** `from` is the zero address at first, `to` when there is no owner any more. */
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

@final
export class Ownership {
  constructor(private readonly slot: u8) {}

  /** The first owner: for `@init`. It asks nobody. */
  init(owner: Address): void {
    this.pass(this.get(), owner)
  }
  /** The owner; the zero address if there is none. */
  get(): Address {
    return readAt<Address>(startKey(this.slot))
  }
  /** Ends the call with NotOwner unless the owner calls. */
  only(): void {
    const by = caller()
    if (by != this.get()) revert(new NotOwner(by))
  }

  /** Offers the contract to `to`, in place of whoever it was offered to before; for the owner alone. */
  offer(to: Address): void {
    this.only()
    writeAt<Address>(this.offerKey(), to)
    emit(new OwnershipOffered(caller(), to))
  }
  /** Makes the caller the owner; for whom it was offered to alone. */
  accept(): void {
    const by = caller()
    if (by != readAt<Address>(this.offerKey())) revert(new NotOffered(by))
    deleteAt(this.offerKey())
    this.pass(this.get(), by)
  }
  /** Leaves the contract without an owner, for ever; for the owner alone. */
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
