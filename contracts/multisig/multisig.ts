/**
 * A wallet that several owners hold together: what it pays and calls needs the yes of a number of them.
 *
 * An owner proposes a call (or a payment, with an empty method), others approve, and when enough have, anyone of
 * them executes it, once. Who the owners are and how many must agree changes the same way: by a proposal of the wallet
 * to itself. That is the one place where it calls back into itself, so `changeOwners` alone is marked @reentrant; a
 * proposal is marked done before it runs, so nothing can run it twice.
 */
import {
  Address,
  Call,
  Indexed,
  Mapping,
  PairMapping,
  Value,
  balanceOf,
  caller,
  emit,
  pay,
  require,
  revert,
  self,
  value,
} from 'vex'

const MAX_OWNERS = 32

@struct
export class Proposal {
  constructor(
    public proposer: Address,
    public to: Address,
    public units: u64,
    /** Empty: pay and call nothing. */
    public method: string,
    /** BCS of the arguments, one after the other. */
    public args: Uint8Array,
    public isDone: bool,
    /** Owners are numbered anew with each change; approvals of others do not count. */
    public ownersVersion: u32,
  ) {}
}

@event
export class Deposited {
  constructor(
    public from: Indexed<Address>,
    public units: u64,
  ) {}
}

@event
export class Proposed {
  constructor(
    public proposal: Indexed<u64>,
    public by: Indexed<Address>,
    public to: Indexed<Address>,
  ) {}
}

@event
export class Approved {
  constructor(
    public proposal: Indexed<u64>,
    public by: Indexed<Address>,
  ) {}
}

@event
export class Withdrawn {
  constructor(
    public proposal: Indexed<u64>,
    public by: Indexed<Address>,
  ) {}
}

@event
export class Executed {
  constructor(public proposal: Indexed<u64>) {}
}

@event
export class OwnersChanged {
  constructor(
    public owners: Address[],
    public threshold: u32,
  ) {}
}

@error
export class NotAnOwner {
  constructor(public who: Address) {}
}

@error
export class NotEnoughApprovals {
  constructor(
    public given: u32,
    public needed: u32,
  ) {}
}

@error
export class NotPending {
  constructor(public proposal: u64) {}
}

@contract
export class Multisig {
  private readonly owners: Value<Address[]>
  private readonly threshold: Value<u32>
  private readonly version: Value<u32>
  private readonly count: Value<u64>
  private readonly proposals: Mapping<u64, Proposal>
  private readonly approvals: PairMapping<u64, Address, bool>

  @payable
  @init
  init(owners: Address[], threshold: u32): void {
    this.install(owners, threshold)
  }

  /** VEX for the wallet. */
  @payable
  @call
  deposit(): void {
    emit(new Deposited(caller(), value()))
  }

  /** Also approves it. Returns the proposal's number. */
  @call
  propose(to: Address, units: u64, method: string, args: Uint8Array): u64 {
    this.onlyOwner()
    require(!to.isZero, 'a proposal needs somebody to pay or call')
    require(method.length > 0 || args.length == 0, 'arguments without a method')
    const id = this.count.get()
    this.count.set(id + 1)
    this.proposals.set(id, new Proposal(caller(), to, units, method, args, false, this.version.get()))
    emit(new Proposed(id, caller(), to))
    this.approve(id)
    return id
  }

  @call
  approve(id: u64): void {
    this.onlyOwner()
    this.pending(id)
    this.approvals.set(id, caller(), true)
    emit(new Approved(id, caller()))
  }

  /** Takes the caller's approval back. */
  @call
  withdraw(id: u64): void {
    this.onlyOwner()
    this.pending(id)
    require(this.approvals.delete(id, caller()), 'there is no approval to take back')
    emit(new Withdrawn(id, caller()))
  }

  /** Runs the proposal; if what it calls fails, nothing happened and it can be tried again. */
  @call
  execute(id: u64): void {
    this.onlyOwner()
    const proposal = this.pending(id)
    const given = this.approvalsOf(id)
    require(given >= this.threshold.get(), new NotEnoughApprovals(given, this.threshold.get()))
    proposal.isDone = true
    this.proposals.set(id, proposal)
    if (proposal.method.length == 0) pay(proposal.to, proposal.units)
    else run(proposal)
    emit(new Executed(id))
  }

  /** Only by a proposal of the wallet to itself. Proposals that wait are void then. */
  @reentrant
  @call
  changeOwners(owners: Address[], threshold: u32): void {
    require(caller() == self(), 'owners change by a proposal that calls changeOwners of this contract')
    this.install(owners, threshold)
  }

  @view
  ownersAndThreshold(): Owners {
    return new Owners(this.owners.get(), this.threshold.get())
  }

  @view
  proposalOf(id: u64): Proposal {
    require(this.proposals.has(id), new NotPending(id))
    return this.proposals.get(id)
  }

  /** How many of today's owners approve. */
  @view
  approvalsOf(id: u64): u32 {
    const owners = this.owners.get()
    let given: u32 = 0
    for (let i = 0; i < owners.length; i++) if (this.approvals.get(id, owners[i])) given++
    return given
  }

  @view
  balance(): u64 {
    return balanceOf(self())
  }

  private install(owners: Address[], threshold: u32): void {
    require(owners.length > 0 && owners.length <= MAX_OWNERS, 'a wallet has 1 to 32 owners')
    require(threshold > 0 && threshold <= <u32>owners.length, 'the threshold is 1 to the number of owners')
    for (let i = 0; i < owners.length; i++) {
      require(!owners[i].isZero, 'the zero address cannot be an owner')
      for (let j = 0; j < i; j++) require(owners[i] != owners[j], 'an owner stands twice in the list')
    }
    this.owners.set(owners)
    this.threshold.set(threshold)
    this.version.set(this.version.get() + 1)
    emit(new OwnersChanged(owners, threshold))
  }

  private onlyOwner(): void {
    const owners = this.owners.get()
    for (let i = 0; i < owners.length; i++) if (owners[i] == caller()) return
    revert(new NotAnOwner(caller()))
  }

  /** A proposal that waits, made by today's owners. */
  private pending(id: u64): Proposal {
    const proposal = this.proposals.get(id)
    const isPending = this.proposals.has(id) && !proposal.isDone && proposal.ownersVersion == this.version.get()
    require(isPending, new NotPending(id))
    return proposal
  }
}

/** What the callee returns is nobody's business here; if it fails, so does this call, with the same reason. */
function run(proposal: Proposal): void {
  const call = new Call(proposal.to, proposal.method).rawArguments(proposal.args).value(proposal.units)
  const outcome = call.attempt()
  if (!outcome.isReturned) outcome.unwrap<void>()
}

@struct
export class Owners {
  constructor(
    public owners: Address[],
    public threshold: u32,
  ) {}
}
