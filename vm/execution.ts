/**
 * What a call into the VM is and what comes out of it. The embedder (the node's transition, or anyone who
 * uses the VM alone) implements {@link Host}; the VM owns metering, memory and the way data crosses.
 */

/** Values the contract may ask for. All fixed before the call starts. */
export interface CallContext {
  /** 32 bytes: the account or contract that made this call. */
  readonly caller: Uint8Array
  /** 32 bytes: the account that signed the transaction. */
  readonly origin: Uint8Array
  /** 32 bytes: the contract that runs. */
  readonly self: Uint8Array
  /** Units sent along with the call; already credited to `self`. */
  readonly value: bigint
  readonly height: bigint
  readonly timeMs: bigint
  readonly chainId: string
}

export interface CallRequest {
  /** 32 bytes. */
  readonly to: Uint8Array
  readonly method: string
  readonly args: Uint8Array
  readonly value: bigint
  readonly gasLimit: bigint
  readonly stackLimit: number
  readonly isStatic: boolean
}

export interface DeployRequest {
  /** 32 bytes. */
  readonly codeHash: Uint8Array
  readonly args: Uint8Array
  readonly value: bigint
  readonly gasLimit: bigint
  readonly stackLimit: number
}

/** Which entry of the contract's storage is looked for: of those whose key starts with `prefix`. */
export interface StorageQuestion {
  readonly prefix: Uint8Array
  /** The answer's key is above this one (below it, in reverse); empty: anywhere. */
  readonly beyond: Uint8Array
  readonly isReverse: boolean
}

/** A contract's own fault, never the node's: it goes on chain. */
export type FaultCode =
  | 'unknown_contract'
  | 'unknown_method'
  | 'insufficient_balance'
  | 'aborted'
  | 'trapped'
  | 'out_of_gas'
  | 'stack_overflow'
  | 'call_depth'
  | 'reentrancy'
  | 'limit_exceeded'
  | 'static_violation'
  | 'undoable_draw'

export type CallOutcome =
  | { readonly kind: 'returned'; readonly data: Uint8Array; readonly gasUsed: bigint }
  /** The contract called `revert`: its own data, exact gas. */
  | { readonly kind: 'reverted'; readonly data: Uint8Array; readonly gasUsed: bigint }
  /** `aborted` (AssemblyScript's abort, exact gas) and host-table faults, or a trap that burnt all gas. */
  | { readonly kind: 'failed'; readonly code: FaultCode; readonly message: string; readonly gasUsed: bigint }

/**
 * Cryptography whose rules are the chain's. Keys, signatures, hashes and points come with the length that the host
 * table names, messages with any. An answer depends on the bytes alone, and bytes that mean nothing are an answer:
 * nothing here throws for them. The prices assume no memory of earlier calls.
 */
export interface HostCrypto {
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** The 64-byte key x | y. */
  secp256k1Recover(digest: Uint8Array, signature: Uint8Array, recovery: number): Uint8Array | undefined
  bls12381AggregateVerify(
    publicKeys: readonly Uint8Array[],
    message: Uint8Array,
    signature: Uint8Array,
  ): boolean
  /** Whether the product is one; `undefined` if a point is malformed. */
  bls12381Pairing(pairs: readonly Uint8Array[]): boolean | undefined
  bn254Add(a: Uint8Array, b: Uint8Array): Uint8Array | undefined
  bn254Multiply(point: Uint8Array, scalar: Uint8Array): Uint8Array | undefined
  bn254Pairing(pairs: readonly Uint8Array[]): boolean | undefined
  /** The 64-byte output. */
  ecvrfVerify(publicKey: Uint8Array, input: Uint8Array, proof: Uint8Array): Uint8Array | undefined
}

/**
 * What the contract may do to the world. Every method is synchronous. Gas is charged by the VM before a
 * method is called. A thrown {@link ContractFault} ends the call as `failed`; any other exception is the
 * node's fault and passes through `execute` untouched.
 */
export interface Host {
  readonly context: CallContext
  readonly isStatic: boolean
  readonly crypto: HostCrypto
  storageRead(key: Uint8Array): Uint8Array | undefined
  storageWrite(key: Uint8Array, value: Uint8Array): void
  /** True if there was a value. */
  storageDelete(key: Uint8Array): boolean
  /**
   * The nearest entry in byte order of keys, with this transaction's own changes. Calls `onPassed` before it steps
   * over a key that was deleted since the block began; what that throws ends the search.
   */
  storageNext(
    question: StorageQuestion,
    onPassed: () => void,
  ): { readonly key: Uint8Array; readonly value: Uint8Array } | undefined
  emit(topics: readonly Uint8Array[], data: Uint8Array): void
  balanceOf(address: Uint8Array): bigint
  /** False if `self` does not hold that much. */
  transfer(to: Uint8Array, amount: bigint): boolean
  /** Runs the call with its own state checkpoint: a failed call leaves nothing but its gas. */
  call(request: CallRequest): CallOutcome
  /** As `call`, of the new contract's `init`. `returned` carries the new contract's address, 32 bytes. */
  deploy(request: DeployRequest): CallOutcome
  /** 32 bytes, others on each call. Throws {@link ContractFault} where something outside the call can undo it. */
  randomness(): Uint8Array
  /** Development aid without any effect on the chain. */
  trace(message: string): void
}

export class ContractFault extends Error {
  override readonly name = 'ContractFault'
  readonly code: FaultCode
  constructor(code: FaultCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Where a function of the contract stood: an instruction of the original module, as a byte offset into it. */
export interface CodeFrame {
  readonly functionIndex: number
  readonly offset: number
}

/**
 * Gas by instruction, as it is charged. An instruction may be reported before it runs, and one that a trap kept from
 * running too. What another contract uses is not reported here: it has an observer of its own.
 */
export interface GasProfiler {
  /** `callSite` is the offset of the call in the caller; -1 for what the VM itself calls. */
  enter(functionIndex: number, callSite: number): void
  leave(): void
  spend(offset: number, gas: bigint): void
  /** The whole price of one call of a host function. */
  host(name: string, gas: bigint, offset: number): void
}

/** Watches one call. Nothing it learns or does changes the outcome; what it throws is thrown by `execute`. */
export interface CallObserver {
  /**
   * The call did not return. Frames are innermost first and of this contract only. `gasLeft` is what was left when
   * it stopped: exact after revert, abort and refusals of the host; see README.md for the other ends.
   */
  failed?(frames: readonly CodeFrame[], gasLeft: bigint): void
  readonly profile?: GasProfiler
}

export interface ExecuteRequest {
  /** Caches the compiled module under this key: the hash of `code`, in hex. */
  readonly codeHash: string
  /** Called only when the module is not cached. The code was accepted by `inspect` when it was deployed. */
  readonly code: () => Uint8Array
  readonly method: string
  readonly args: Uint8Array
  /** The contract is running already: only a method that opted in may run now. */
  readonly isReentered?: boolean | undefined
  readonly gasLimit: bigint
  /** Words left on the contract stack; the outermost call passes the limit of profile.ts. */
  readonly stackLimit: number
  readonly host: Host
  readonly observer?: CallObserver | undefined
}

/** What a module that passed the profile offers. */
export interface ModuleInfo {
  /** Exported functions of type [] -> [], which are its methods. */
  readonly methods: readonly string[]
  /** Custom sections by name, without the name and debug sections. */
  readonly customSections: ReadonlyMap<string, Uint8Array>
}

export interface Vm {
  /** Decodes, validates and instruments. Throws a ProfileError (profile.ts) that says what and where. */
  inspect(code: Uint8Array): ModuleInfo
  execute(request: ExecuteRequest): CallOutcome
}
