import { Address, Indexed, Value, caller, emit, require } from 'vex'

/** Tells the world of a new total; whoever counts can be searched for. */
@event
export class Counted {
  constructor(
    public by: Indexed<Address>,
    public total: u64,
  ) {}
}

/** What a caller gets who asks for more than is allowed at once. */
@error
export class TooMuch {
  constructor(
    public asked: u64,
    public most: u64,
  ) {}
}

/** A contract is a class: its fields are storage, what is marked can be called from outside. */
@contract
export class Counter {
  private readonly total: Value<u64>
  private readonly most: Value<u64>

  /** Runs once, when the contract is deployed. */
  @init
  start(most: u64): void {
    this.most.set(most)
  }

  @call
  add(by: u64): u64 {
    const most = this.most.get()
    require(by <= most, new TooMuch(by, most))
    const total = this.total.get() + by
    this.total.set(total)
    // A bug to try: take away the two slashes, save, and look at the terminal of "npm run dev".
    // this.most.set(most - 100)
    emit(new Counted(caller(), total))
    return total
  }

  @view
  current(): u64 {
    return this.total.get()
  }
}
