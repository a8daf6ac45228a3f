/** The smallest useful contract: a number that anyone may raise, and who raised it last. */
import { Address, Indexed, Value, caller, emit } from 'vex'

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
    const count = this.count.get() + amount
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
