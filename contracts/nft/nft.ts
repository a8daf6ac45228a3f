/**
 * A collection of tokens that are all different: each has an owner and a link to what it stands for.
 *
 * Tokens are numbered from 1 in the order they are made. `held` keeps, for each owner, its tokens in order: that is
 * what `tokensOf` reads a page of, and why moving a token costs two more writes than a collection that cannot list.
 */
import {
  Address,
  Indexed,
  Mapping,
  OrderedSet,
  Ownership,
  PairMapping,
  Value,
  Writer,
  caller,
  emit,
  require,
} from 'vex'

const MAX_PAGE: u32 = 100
const MAX_URI_LENGTH = 256

/** `from` is the zero address when a token is made, `to` when it is destroyed. */
@event
export class Transfer {
  constructor(
    public from: Indexed<Address>,
    public to: Indexed<Address>,
    public token: Indexed<u64>,
  ) {}
}

/** `approved` may move this one token; the zero address: nobody any more. */
@event
export class Approval {
  constructor(
    public owner: Indexed<Address>,
    public approved: Indexed<Address>,
    public token: Indexed<u64>,
  ) {}
}

/** `operator` may move all tokens of `owner`, those to come too. */
@event
export class OperatorSet {
  constructor(
    public owner: Indexed<Address>,
    public operator: Indexed<Address>,
    public isAllowed: bool,
  ) {}
}

@error
export class NoSuchToken {
  constructor(public token: u64) {}
}

@error
export class NotAllowed {
  constructor(
    public who: Address,
    public token: u64,
  ) {}
}

@contract
export class Nft {
  private readonly collection: Value<string>
  private readonly ticker: Value<string>
  private readonly ownership: Ownership
  /** How many were ever made: the number of the newest. */
  private readonly made: Value<u64>
  private readonly destroyed: Value<u64>
  private readonly owners: Mapping<u64, Address>
  private readonly uris: Mapping<u64, string>
  private readonly approvals: Mapping<u64, Address>
  private readonly operators: PairMapping<Address, Address, bool>
  /** An owner's 32 bytes, then the token's number, big-endian: in this order a set lists them by owner. */
  private readonly held: OrderedSet<Uint8Array>

  /** The deployer may make tokens, and may hand that on. */
  @init
  init(name: string, symbol: string): void {
    require(name.length > 0 && symbol.length > 0, 'name and symbol must not be empty')
    this.collection.set(name)
    this.ticker.set(symbol)
    this.ownership.init(caller())
  }

  /** A new token for `to`; returns its number. */
  @call
  mint(to: Address, uri: string): u64 {
    this.ownership.only()
    require(uri.length <= MAX_URI_LENGTH, 'the URI is longer than 256 characters')
    const token = this.made.get() + 1
    this.made.set(token)
    this.uris.set(token, uri)
    this.give(token, new Address(), to)
    return token
  }

  /** Destroys a token of the caller's, or one that it may move. */
  @call
  burn(token: u64): void {
    const owner = this.takeFrom(token)
    this.owners.delete(token)
    this.uris.delete(token)
    this.destroyed.set(this.destroyed.get() + 1)
    emit(new Transfer(owner, new Address(), token))
  }

  @call
  transfer(to: Address, token: u64): void {
    const owner = this.takeFrom(token)
    this.give(token, owner, to)
  }

  /** Lets `approved` move the token, until it moves; the zero address takes that back. */
  @call
  approve(approved: Address, token: u64): void {
    const owner = this.ownerOf(token)
    require(caller() == owner || this.operators.get(owner, caller()), new NotAllowed(caller(), token))
    if (approved.isZero) this.approvals.delete(token)
    else this.approvals.set(token, approved)
    emit(new Approval(owner, approved, token))
  }

  /** Lets `operator` move all tokens of the caller, or takes that back. */
  @call
  setOperator(operator: Address, isAllowed: bool): void {
    if (isAllowed) this.operators.set(caller(), operator, true)
    else this.operators.delete(caller(), operator)
    emit(new OperatorSet(caller(), operator, isAllowed))
  }

  @call
  offerOwnership(to: Address): void {
    this.ownership.offer(to)
  }

  @call
  acceptOwnership(): void {
    this.ownership.accept()
  }

  @view
  name(): string {
    return this.collection.get()
  }

  @view
  symbol(): string {
    return this.ticker.get()
  }

  @view
  totalSupply(): u64 {
    return this.made.get() - this.destroyed.get()
  }

  @view
  ownerOf(token: u64): Address {
    const owner = this.owners.get(token)
    require(!owner.isZero, new NoSuchToken(token))
    return owner
  }

  @view
  uriOf(token: u64): string {
    this.ownerOf(token)
    return this.uris.get(token)
  }

  /** Who may move the token besides its owner and the operators; the zero address: nobody. */
  @view
  approvedOf(token: u64): Address {
    return this.approvals.get(token)
  }

  @view
  isOperator(owner: Address, operator: Address): bool {
    return this.operators.get(owner, operator)
  }

  /** The numbers of up to 100 tokens of `owner` above `after`, upwards; start with 0. */
  @view
  tokensOf(owner: Address, after: u64, limit: u32): u64[] {
    const from = holding(owner, after + 1)
    const to = holding(owner, u64.MAX_VALUE)
    const page = this.held.range(from, to, <i32>min(limit, MAX_PAGE))
    const tokens: u64[] = []
    for (let i = 0; i < page.length; i++) tokens.push(tokenIn(page[i]))
    return tokens
  }

  @view
  minter(): Address {
    return this.ownership.get()
  }

  /** Takes the token out of its owner's hands, who is returned, if the caller may. */
  private takeFrom(token: u64): Address {
    const owner = this.ownerOf(token)
    const who = caller()
    const mayMove = who == owner || who == this.approvals.get(token) || this.operators.get(owner, who)
    require(mayMove, new NotAllowed(who, token))
    this.approvals.delete(token)
    this.held.delete(holding(owner, token))
    return owner
  }

  private give(token: u64, from: Address, to: Address): void {
    require(!to.isZero, 'the zero address cannot hold tokens')
    this.owners.set(token, to)
    this.held.add(holding(to, token))
    emit(new Transfer(from, to, token))
  }
}

/** The key of `held`. */
function holding(owner: Address, token: u64): Uint8Array {
  const key = new Writer(40)
  key.raw(owner.pointer, 32)
  store<u64>(key.reserve(8), bswap<u64>(token))
  return key.toBytes()
}

function tokenIn(key: Uint8Array): u64 {
  return bswap<u64>(load<u64>(key.dataStart, 32))
}
