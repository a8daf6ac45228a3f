/** The smallest useful contract: a number that anyone may raise, and who raised it last. */
import { Address, Indexed, Value, caller, checkedAdd, emit } from 'vex'

@event
export class Incremented {
  constructor(
    public by: Indexed<Address>,
    public count: u64,
  ) {}
}

@contract
export class Counter {
  private readonly count: Value<u64>
  private readonly lastCaller: Value<Address>

  @call
  increment(amount: u64): u64 {
    // A plain + would wrap around silently and count from 0 again.
    const count = checkedAdd<u64>(this.count.get(), amount)
    this.count.set(count)
    this.lastCaller.set(caller())
    emit(new Incremented(caller(), count))
    return count
  }

  @view
  get(): u64 {
    return this.count.get()
  }

  @view
  lastBy(): Address {
    return this.lastCaller.get()
  }
}
