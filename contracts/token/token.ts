/**
 * A fungible token. The deployer gets the whole supply and may mint more. The sum of all balances is the total
 * supply, which fits a u64, so that no balance can overflow: where something else could, the call ends.
 */
import {
  Address,
  Indexed,
  Mapping,
  PairMapping,
  Value,
  Writer,
  addressOf,
  blockTimeMs,
  caller,
  chainId,
  emit,
  encode,
  require,
  self,
  verifyEd25519,
} from 'vex'

const MAX_DECIMALS: u8 = 18
/** The first of what a permit's owner signs: nothing else that is signed anywhere begins so. */
const PERMIT = 'vex token permit'

/** `from` is the zero address when tokens are minted, `to` when they are burned. */
@event
export class Transfer {
  constructor(
    public from: Indexed<Address>,
    public to: Indexed<Address>,
    public amount: u64,
  ) {}
}

@event
export class Approval {
  constructor(
    public owner: Indexed<Address>,
    public spender: Indexed<Address>,
    public amount: u64,
  ) {}
}

@error
export class PermitExpired {
  constructor(
    public deadlineMs: u64,
    public nowMs: u64,
  ) {}
}

@contract
export class Token {
  private readonly tokenName: Value<string>
  private readonly tokenSymbol: Value<string>
  private readonly tokenDecimals: Value<u8>
  private readonly supply: Value<u64>
  private readonly minter: Value<Address>
  private readonly balances: Mapping<Address, u64>
  private readonly allowances: PairMapping<Address, Address, u64>
  /** How many permits of an owner were used. */
  private readonly permits: Mapping<Address, u64>

  @init
  init(name: string, symbol: string, decimals: u8, supply: u64): void {
    require(name.length > 0 && symbol.length > 0, 'name and symbol must not be empty')
    require(decimals <= MAX_DECIMALS, 'decimals must be at most 18')
    this.tokenName.set(name)
    this.tokenSymbol.set(symbol)
    this.tokenDecimals.set(decimals)
    this.minter.set(caller())
    this.issue(caller(), supply)
  }

  @call
  transfer(to: Address, amount: u64): void {
    this.move(caller(), to, amount)
  }

  /** Lets `spender` move up to `amount` of the caller's tokens, in place of what it could move before. */
  @call
  approve(spender: Address, amount: u64): void {
    const owner = caller()
    this.setAllowance(owner, spender, amount)
    emit(new Approval(owner, spender, amount))
  }

  /**
   * An approval that the owner signed instead of sending: whoever has it may put it on the chain, and pays the gas. `key`
   * is the owner's public key; what it signed is `permitMessage`. Each permit is good once, until its deadline.
   */
  @call
  permit(key: Uint8Array, spender: Address, amount: u64, deadlineMs: u64, signature: Uint8Array): void {
    require(blockTimeMs() <= deadlineMs, new PermitExpired(deadlineMs, blockTimeMs()))
    const owner = addressOf(key)
    const message = this.permitMessage(owner, spender, amount, deadlineMs)
    require(verifyEd25519(key, message, signature), 'the signature is not by this key over this permit')
    this.permits.set(owner, this.permits.get(owner) + 1)
    this.setAllowance(owner, spender, amount)
    emit(new Approval(owner, spender, amount))
  }

  @call
  transferFrom(from: Address, to: Address, amount: u64): void {
    const spender = caller()
    const allowed = this.allowances.get(from, spender)
    require(allowed >= amount, 'insufficient allowance')
    this.setAllowance(from, spender, allowed - amount)
    this.move(from, to, amount)
  }

  /** New tokens for `to`; only the owner of the token. */
  @call
  mint(to: Address, amount: u64): void {
    require(caller() == this.minter.get(), 'only the owner may mint')
    this.issue(to, amount)
  }

  /** Destroys the caller's own tokens. */
  @call
  burn(amount: u64): void {
    const owner = caller()
    this.debit(owner, amount)
    this.supply.set(this.supply.get() - amount)
    emit(new Transfer(owner, new Address(), amount))
  }

  @view
  name(): string {
    return this.tokenName.get()
  }

  @view
  symbol(): string {
    return this.tokenSymbol.get()
  }

  @view
  decimals(): u8 {
    return this.tokenDecimals.get()
  }

  @view
  totalSupply(): u64 {
    return this.supply.get()
  }

  @view
  owner(): Address {
    return this.minter.get()
  }

  @view
  balanceOf(owner: Address): u64 {
    return this.balances.get(owner)
  }

  @view
  allowance(owner: Address, spender: Address): u64 {
    return this.allowances.get(owner, spender)
  }

  /** What `owner` signs for its next permit: BCS of a fixed text, the chain, this token, the permit, its number. */
  @view
  permitMessage(owner: Address, spender: Address, amount: u64, deadlineMs: u64): Uint8Array {
    const message = new Writer(192)
    encode<string>(message, PERMIT)
    encode<string>(message, chainId())
    encode<Address>(message, self())
    encode<Address>(message, owner)
    encode<Address>(message, spender)
    encode<u64>(message, amount)
    encode<u64>(message, deadlineMs)
    encode<u64>(message, this.permits.get(owner))
    return message.toBytes()
  }

  private move(from: Address, to: Address, amount: u64): void {
    this.debit(from, amount)
    this.credit(to, amount)
    emit(new Transfer(from, to, amount))
  }

  private issue(to: Address, amount: u64): void {
    this.supply.set(this.supply.get() + amount)
    this.credit(to, amount)
    emit(new Transfer(new Address(), to, amount))
  }

  private credit(owner: Address, amount: u64): void {
    require(!owner.isZero, 'the zero address cannot hold tokens')
    if (amount > 0) this.balances.set(owner, this.balances.get(owner) + amount)
  }

  /** An empty balance is deleted, which gives its storage deposit back. */
  private debit(owner: Address, amount: u64): void {
    const balance = this.balances.get(owner)
    require(balance >= amount, 'insufficient balance')
    if (balance == amount) this.balances.delete(owner)
    else this.balances.set(owner, balance - amount)
  }

  private setAllowance(owner: Address, spender: Address, amount: u64): void {
    if (amount == 0) this.allowances.delete(owner, spender)
    else this.allowances.set(owner, spender, amount)
  }
}
