/**
 * An escrow that pays over time: whoever funds a grant locks VEX in it, and its beneficiary can take what has vested.
 *
 * Nothing vests before the cliff; at the cliff all that has grown since the start does, and from then on it grows
 * by the millisecond until the end. A revocable grant can be ended by its funder: what has vested stays the
 * beneficiary's, the rest goes back.
 */
import {
  Address,
  Indexed,
  Mapping,
  Value,
  blockTimeMs,
  caller,
  emit,
  mulDiv,
  pay,
  require,
  value,
} from 'vex'

@struct
export class Grant {
  constructor(
    public funder: Address,
    public beneficiary: Address,
    /** Units, of which `released` are paid out. */
    public total: u64,
    public released: u64,
    public startMs: u64,
    public cliffMs: u64,
    public endMs: u64,
    public isRevocable: bool,
  ) {}
}

@event
export class Granted {
  constructor(
    public grant: Indexed<u64>,
    public funder: Indexed<Address>,
    public beneficiary: Indexed<Address>,
    public total: u64,
  ) {}
}

@event
export class Released {
  constructor(
    public grant: Indexed<u64>,
    public units: u64,
  ) {}
}

/** `returned` units went back to the funder. */
@event
export class Revoked {
  constructor(
    public grant: Indexed<u64>,
    public returned: u64,
  ) {}
}

@error
export class NoSuchGrant {
  constructor(public grant: u64) {}
}

/** Nothing has vested that was not released already. */
@error
export class NothingVested {
  constructor(
    public grant: u64,
    public cliffMs: u64,
  ) {}
}

@contract
export class Vesting {
  private readonly count: Value<u64>
  private readonly grants: Mapping<u64, Grant>

  /** Locks the units sent along; returns the grant's number. Times are in milliseconds since 1970. */
  @payable
  @call
  grant(beneficiary: Address, startMs: u64, cliffMs: u64, endMs: u64, isRevocable: bool): u64 {
    require(!beneficiary.isZero, 'a grant needs a beneficiary')
    require(value() > 0, 'send the units to be granted along')
    require(startMs <= cliffMs && cliffMs <= endMs && startMs < endMs, 'the times are not in order: start, cliff, end')
    const id = this.count.get()
    this.count.set(id + 1)
    this.grants.set(id, new Grant(caller(), beneficiary, value(), 0, startMs, cliffMs, endMs, isRevocable))
    emit(new Granted(id, caller(), beneficiary, value()))
    return id
  }

  /** Pays what has vested to the beneficiary. Anyone may ask for it; returns the units. */
  @call
  release(id: u64): u64 {
    const grant = this.find(id)
    const units = vestedOf(grant, blockTimeMs()) - grant.released
    require(units > 0, new NothingVested(id, grant.cliffMs))
    grant.released += units
    if (grant.released == grant.total) this.grants.delete(id)
    else this.grants.set(id, grant)
    pay(grant.beneficiary, units)
    emit(new Released(id, units))
    return units
  }

  /** Ends the grant: its beneficiary gets what has vested, its funder the rest. */
  @call
  revoke(id: u64): void {
    const grant = this.find(id)
    require(caller() == grant.funder, 'only the funder may revoke a grant')
    require(grant.isRevocable, 'this grant cannot be revoked')
    const vested = vestedOf(grant, blockTimeMs())
    const due = vested - grant.released
    const rest = grant.total - vested
    this.grants.delete(id)
    if (due > 0) {
      pay(grant.beneficiary, due)
      emit(new Released(id, due))
    }
    if (rest > 0) pay(grant.funder, rest)
    emit(new Revoked(id, rest))
  }

  /** Hands the grant on to another beneficiary. */
  @call
  assign(id: u64, beneficiary: Address): void {
    const grant = this.find(id)
    require(caller() == grant.beneficiary, 'only the beneficiary may hand a grant on')
    require(!beneficiary.isZero, 'a grant needs a beneficiary')
    grant.beneficiary = beneficiary
    this.grants.set(id, grant)
  }

  @view
  grantOf(id: u64): Grant {
    return this.find(id)
  }

  /** Units that could be released now. */
  @view
  releasable(id: u64): u64 {
    const grant = this.find(id)
    return vestedOf(grant, blockTimeMs()) - grant.released
  }

  private find(id: u64): Grant {
    require(this.grants.has(id), new NoSuchGrant(id))
    return this.grants.get(id)
  }
}

/** Of the grant's total, how much has vested at `nowMs`. Never falls, and is all of it from the end on. */
function vestedOf(grant: Grant, nowMs: u64): u64 {
  if (nowMs < grant.cliffMs || nowMs < grant.startMs) return 0
  if (nowMs >= grant.endMs) return grant.total
  return mulDiv(grant.total, nowMs - grant.startMs, grant.endMs - grant.startMs)
}
