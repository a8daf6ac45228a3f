/**
 * A lottery on the block's randomness: players buy tickets until a time, then anyone draws a number, then anyone has
 * the pot paid to the ticket it falls on.
 *
 * The draw is a transaction after the sale has ended. Its number comes from the VRF proof of the leader of its block,
 * which nobody could know while tickets were sold. It must not be possible to undo a draw that does not suit: the
 * chain gives no numbers in batches or to contracts called by contracts, and `draw` only keeps the number, at the same
 * gas and deposit whatever it is, so that no limit of the sender's is passed by some numbers only. Who won is found by
 * `payOut`, when nothing can change it. What remains is the leader's, who sees the number first and can leave the draw
 * to the next leader: a second try for one who holds tickets, in as many draws as it has turns.
 *
 * A purchase is one entry with the number of tickets sold up to it; the winner is found by halving, so that a draw
 * costs a few reads more for ten million tickets than for ten. Entries of old rounds can be swept by anyone, who gets
 * their deposits.
 */
import {
  Address,
  Indexed,
  PairMapping,
  Value,
  blockTimeMs,
  caller,
  emit,
  pay,
  randomness,
  require,
  u256,
  value,
} from 'vex'

@struct
export class Purchase {
  constructor(
    public player: Address,
    /** Tickets sold up to and with this purchase. */
    public soldUpTo: u64,
  ) {}
}

@event
export class TicketsBought {
  constructor(
    public round: Indexed<u64>,
    public player: Indexed<Address>,
    public tickets: u64,
  ) {}
}

@event
export class Drawn {
  constructor(
    public round: Indexed<u64>,
    public number: u256,
  ) {}
}

@event
export class PaidOut {
  constructor(
    public round: Indexed<u64>,
    public winner: Indexed<Address>,
    public ticket: u64,
    public pot: u64,
  ) {}
}

/** The sale of this round ends, or ended, at `endsMs`. */
@error
export class WrongTime {
  constructor(
    public endsMs: u64,
    public nowMs: u64,
  ) {}
}

@error
export class WrongPayment {
  constructor(
    public sent: u64,
    public price: u64,
  ) {}
}

@contract
export class Lottery {
  private readonly price: Value<u64>
  private readonly roundMs: Value<u64>
  private readonly roundNumber: Value<u64>
  /** Of the round that runs: starts with its first ticket; 0 before. */
  private readonly endsMs: Value<u64>
  private readonly bought: Value<u32>
  /** From the draw until the pot is paid. */
  private readonly number: Value<u256>
  /** By round and place in it, from 0. */
  private readonly purchases: PairMapping<u64, u32, Purchase>

  /** `price` in units a ticket; a round lasts `roundMs` from its first ticket on. */
  @init
  init(price: u64, roundMs: u64): void {
    require(price > 0 && roundMs > 0, 'a ticket has a price and a round takes time')
    this.price.set(price)
    this.roundMs.set(roundMs)
  }

  /** As many tickets as the units sent along pay for, which must come out even. */
  @payable
  @call
  buy(): u64 {
    const price = this.price.get()
    const tickets = value() / price
    require(tickets > 0 && value() % price == 0, new WrongPayment(value(), price))
    const now = blockTimeMs()
    if (this.endsMs.get() == 0) this.endsMs.set(now + this.roundMs.get())
    require(now < this.endsMs.get(), new WrongTime(this.endsMs.get(), now))
    const round = this.roundNumber.get()
    const place = this.bought.get()
    this.purchases.set(round, place, new Purchase(caller(), this.sold() + tickets))
    this.bought.set(place + 1)
    emit(new TicketsBought(round, caller(), tickets))
    return tickets
  }

  /** Draws the number of the round whose sale is over, once. An account must call by itself. */
  @call
  draw(): void {
    const now = blockTimeMs()
    const endsMs = this.endsMs.get()
    require(endsMs != 0, 'no ticket was sold in this round')
    require(now >= endsMs, new WrongTime(endsMs, now))
    require(!this.number.has(), 'this round is drawn already: have it paid out')
    const number = u256.fromBigEndian(randomness())
    this.number.set(number)
    emit(new Drawn(this.roundNumber.get(), number))
  }

  /** Pays the pot to the winner and begins the next round. Returns who won. */
  @call
  payOut(): Address {
    require(this.number.has(), 'this round is not drawn yet')
    const sold = this.sold()
    const ticket = ticketFrom(this.number.get(), sold)
    const winner = this.holderOf(ticket)
    const pot = sold * this.price.get()
    const round = this.roundNumber.get()
    this.number.delete()
    this.bought.delete()
    this.endsMs.delete()
    this.roundNumber.set(round + 1)
    pay(winner, pot)
    emit(new PaidOut(round, winner, ticket, pot))
    return winner
  }

  /** Frees the entries of a round that is over, from `first` on and at most `limit`; the caller gets their deposits. */
  @call
  sweep(round: u64, first: u32, limit: u32): u32 {
    require(round < this.roundNumber.get(), 'this round is not over')
    let place = first
    while (place - first < limit && this.purchases.delete(round, place)) place++
    return place - first
  }

  @view
  round(): u64 {
    return this.roundNumber.get()
  }

  @view
  ticketPrice(): u64 {
    return this.price.get()
  }

  /** Milliseconds since 1970; 0 while the round has no ticket. */
  @view
  saleEndsMs(): u64 {
    return this.endsMs.get()
  }

  @view
  ticketsSold(): u64 {
    return this.sold()
  }

  /** True from the draw until the pot is paid. */
  @view
  isDrawn(): bool {
    return this.number.has()
  }

  @view
  potSize(): u64 {
    return this.sold() * this.price.get()
  }

  private sold(): u64 {
    const count = this.bought.get()
    return count == 0 ? 0 : this.purchases.get(this.roundNumber.get(), count - 1).soldUpTo
  }

  /** Tickets are numbered from 0. The first purchase that reaches beyond `ticket` holds it. */
  private holderOf(ticket: u64): Address {
    const round = this.roundNumber.get()
    let low: u32 = 0
    let high = this.bought.get() - 1
    while (low < high) {
      const middle = (low + high) / 2
      if (this.purchases.get(round, middle).soldUpTo > ticket) high = middle
      else low = middle + 1
    }
    return this.purchases.get(round, low).player
  }
}

/** A number below `sold`: of 256 random bits the remainder, which prefers no ticket by more than one part in 2^192. */
function ticketFrom(number: u256, sold: u64): u64 {
  return number.modulo(u256.from(sold)).toU64()
}
