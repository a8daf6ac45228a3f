/**
 * A market between VEX and one token, without an order book: whoever trades moves along the curve units * tokens = k
 * (Uniswap v1: Zhang, Chen, Park, "Formal specification of constant product market maker", 2018).
 *
 * - `units` and `tokens` are the reserves as this contract counted them. What others send it by other ways changes no
 *   price.
 * - A trade pays 0.3 % into the reserves, so that k never falls; every division rounds in the pool's favour.
 * - Shares stand for a part of the reserves. The first 1,000 belong to nobody for ever: with them it would cost
 *   a fortune to make a single share so dear that later deposits round to none.
 * - Each trade names the worst price it takes and the time until which it may run.
 *
 * The token has to be one that moves exactly what it is told to (contracts/token is). No method can be called
 * again while one of them runs, so a token that calls back is refused.
 */
import {
  Address,
  Indexed,
  Mapping,
  Value,
  at,
  blockTimeMs,
  caller,
  emit,
  mulDiv,
  mulDiv128,
  pay,
  require,
  revert,
  self,
  sqrt,
  u128,
  value,
} from 'vex'
import { Token } from '../token/token'

/** Of 1,000 units (or tokens) that come in, so many count for the price. */
const AFTER_FEE: u64 = 997
const WHOLE: u64 = 1_000
const LOCKED_SHARES: u64 = 1_000

/** VEX came in and tokens went out, or the other way round. */
@event
export class Traded {
  constructor(
    public by: Indexed<Address>,
    public unitsIn: u64,
    public tokensIn: u64,
    public unitsOut: u64,
    public tokensOut: u64,
  ) {}
}

@event
export class LiquidityAdded {
  constructor(
    public by: Indexed<Address>,
    public units: u64,
    public tokens: u64,
    public shares: u64,
  ) {}
}

@event
export class LiquidityRemoved {
  constructor(
    public by: Indexed<Address>,
    public units: u64,
    public tokens: u64,
    public shares: u64,
  ) {}
}

/** The price moved: it would have been so much. */
@error
export class TooLittle {
  constructor(
    public offered: u64,
    public wanted: u64,
  ) {}
}

@error
export class Expired {
  constructor(
    public deadlineMs: u64,
    public nowMs: u64,
  ) {}
}

@struct
export class Reserves {
  constructor(
    public units: u64,
    public tokens: u64,
    public shares: u64,
  ) {}
}

@contract
export class Exchange {
  private readonly tokenAddress: Value<Address>
  private readonly units: Value<u64>
  private readonly tokens: Value<u64>
  private readonly totalShares: Value<u64>
  private readonly shares: Mapping<Address, u64>

  @init
  init(token: Address): void {
    require(!token.isZero, 'the exchange needs a token')
    this.tokenAddress.set(token)
  }

  /**
   * Puts the units sent along and as many tokens as the price asks for into the pool, at most `maxTokens`: the caller
   * has approved them before. The first deposit sets the price with all of `maxTokens`. Returns the shares.
   */
  @payable
  @call
  addLiquidity(maxTokens: u64, minShares: u64, deadlineMs: u64): u64 {
    checkDeadline(deadlineMs)
    const sent = value()
    const total = this.totalShares.get()
    require(sent > 0 && maxTokens > 0, 'send VEX and offer tokens')
    let tokens = maxTokens
    let minted: u64
    if (total == 0) {
      const all = sqrt(u128.product(sent, maxTokens))
      require(all > LOCKED_SHARES, 'the first deposit is too small: it must be worth more than 1,000 shares')
      minted = all - LOCKED_SHARES
      this.totalShares.set(all)
    } else {
      const units = this.units.get()
      // One more than exact if it does not come out even: the pool never loses to rounding.
      tokens = mulDiv(sent, this.tokens.get(), units) + 1
      require(tokens <= maxTokens, new TooLittle(maxTokens, tokens))
      minted = mulDiv(sent, total, units)
      require(minted > 0, 'too little for a share')
      this.totalShares.set(total + minted)
    }
    require(minted >= minShares, new TooLittle(minted, minShares))
    this.shares.set(caller(), this.shares.get(caller()) + minted)
    this.setReserves(this.units.get() + sent, this.tokens.get() + tokens)
    this.take(tokens)
    emit(new LiquidityAdded(caller(), sent, tokens, minted))
    return minted
  }

  /** Gives `shares` of the caller back for their part of the reserves. */
  @call
  removeLiquidity(shares: u64, minUnits: u64, minTokens: u64, deadlineMs: u64): void {
    checkDeadline(deadlineMs)
    const held = this.shares.get(caller())
    require(shares > 0 && shares <= held, new TooLittle(held, shares))
    const total = this.totalShares.get()
    const units = mulDiv(shares, this.units.get(), total)
    const tokens = mulDiv(shares, this.tokens.get(), total)
    require(units >= minUnits, new TooLittle(units, minUnits))
    require(tokens >= minTokens, new TooLittle(tokens, minTokens))
    if (shares == held) this.shares.delete(caller())
    else this.shares.set(caller(), held - shares)
    this.totalShares.set(total - shares)
    this.setReserves(this.units.get() - units, this.tokens.get() - tokens)
    this.payOut(units)
    this.sendOut(tokens)
    emit(new LiquidityRemoved(caller(), units, tokens, shares))
  }

  /** Tokens for the units sent along; returns how many. */
  @payable
  @call
  buyTokens(minTokens: u64, deadlineMs: u64): u64 {
    checkDeadline(deadlineMs)
    const sent = value()
    const bought = this.priceOf(sent, this.units.get(), this.tokens.get())
    require(bought >= minTokens, new TooLittle(bought, minTokens))
    this.setReserves(this.units.get() + sent, this.tokens.get() - bought)
    this.sendOut(bought)
    emit(new Traded(caller(), sent, 0, 0, bought))
    return bought
  }

  /** VEX for tokens that the caller has approved before; returns how many units. */
  @call
  sellTokens(tokens: u64, minUnits: u64, deadlineMs: u64): u64 {
    checkDeadline(deadlineMs)
    const units = this.priceOf(tokens, this.tokens.get(), this.units.get())
    require(units >= minUnits, new TooLittle(units, minUnits))
    this.setReserves(this.units.get() - units, this.tokens.get() + tokens)
    this.take(tokens)
    this.payOut(units)
    emit(new Traded(caller(), 0, tokens, units, 0))
    return units
  }

  /** How many tokens `units` would buy now. */
  @view
  quoteBuy(units: u64): u64 {
    return this.priceOf(units, this.units.get(), this.tokens.get())
  }

  /** How many units `tokens` would bring now. */
  @view
  quoteSell(tokens: u64): u64 {
    return this.priceOf(tokens, this.tokens.get(), this.units.get())
  }

  @view
  reserves(): Reserves {
    return new Reserves(this.units.get(), this.tokens.get(), this.totalShares.get())
  }

  @view
  sharesOf(owner: Address): u64 {
    return this.shares.get(owner)
  }

  @view
  token(): Address {
    return this.tokenAddress.get()
  }

  /** What comes out for `given`: out = reserveOut * g / (reserveIn + g), g being `given` after the fee, rounded down. */
  private priceOf(given: u64, reserveIn: u64, reserveOut: u64): u64 {
    require(given > 0, 'nothing is given')
    require(reserveIn > 0 && reserveOut > 0, 'the pool is empty')
    const counted = u128.product(given, AFTER_FEE)
    const bottom = u128.product(reserveIn, WHOLE).plus(counted)
    return mulDiv128(counted, u128.from(reserveOut), bottom).toU64()
  }

  private setReserves(units: u64, tokens: u64): void {
    this.units.set(units)
    this.tokens.set(tokens)
  }

  private take(tokens: u64): void {
    at<Token>(this.tokenAddress.get()).transferFrom(caller(), self(), tokens)
  }

  private sendOut(tokens: u64): void {
    if (tokens > 0) at<Token>(this.tokenAddress.get()).transfer(caller(), tokens)
  }

  private payOut(units: u64): void {
    if (units > 0) pay(caller(), units)
  }
}

function checkDeadline(deadlineMs: u64): void {
  if (blockTimeMs() > deadlineMs) revert(new Expired(deadlineMs, blockTimeMs()))
}
