/**
 * Consensus constants that are the same on every Vex chain. What may differ between chains stands in the
 * genesis (types/genesis.ts). Nothing here is read from the environment or a flag.
 */

/** Bounds of one transaction and one block; decoders refuse more before they allocate. */
export const LIMITS = {
  /** A deploy of a module at its own limit (vm's profile: 128 KiB) with arguments fits. */
  transactionBytes: 160 * 1024,
  codeBytes: 128 * 1024,
  callArgumentsBytes: 32 * 1024,
  methodNameBytes: 64,
  batchActions: 16,
  blockBytes: 4 * 1024 * 1024,
  blockTransactions: 10_000,
  /** Of those transactions together; leaves room for the header and their lengths. */
  blockTransactionsBytes: 4 * 1024 * 1024 - 64 * 1024,
  returnDataBytes: 32 * 1024,
  errorMessageBytes: 1024,
  eventsPerTransaction: 256,
  /** That contracts make; deploys by the transaction itself come on top. */
  contractsPerTransaction: 64,
  eventTopics: 4,
  eventTopicBytes: 64,
  eventDataBytes: 4 * 1024,
  storageKeyBytes: 256,
  storageValueBytes: 32 * 1024,
  chainIdBytes: 32,
  validators: 128,
  /** Equivocations that evidence may still be about. */
  offences: 8192,
  /** Of one `withdraw`; the rest takes another. */
  withdrawnPools: 16,
} as const

/**
 * Gas of what happens outside the VM, in the VM's unit (about 0.5 ns at the worst tier, see vm/gas.ts).
 * `transaction` is dominated by one Ed25519 verification (about 110 µs) and two state-tree paths.
 */
export const TRANSACTION_GAS = {
  base: 300_000n,
  perByte: 20n,
  /** Each action of a batch beyond the first. */
  perAction: 60_000n,
  /** Validation, instrumentation and compilation of a deployed module, per byte of code. */
  perCodeByte: 1_000n,
} as const

/** EIP-1559: the base fee moves by at most 1/8 a block towards the gas target, half of the gas limit. */
export const BASE_FEE = {
  minimum: 1n,
  maxChangeDenominator: 8n,
  elasticity: 2n,
} as const

/** Units per byte of contract storage or code; paid by the sender, returned to whoever frees the byte. */
export const STORAGE_DEPOSIT_PER_BYTE = 10_000n
/** What one storage entry counts on top of its key and value. */
export const STORAGE_ENTRY_OVERHEAD_BYTES = 32n
/** One VEX in units. */
export const VEX = 1_000_000_000n
/** Units of stake that give a validator one vote of power. */
export const STAKE_UNIT = 1_000_000_000n
/** Sum of all balances and deposits; keeps every amount a positive i64 inside a contract. */
export const MAX_SUPPLY = 1n << 62n
/** How many blocks ahead a transaction's `validUntilHeight` may lie. */
export const MAX_VALIDITY_BLOCKS = 100_000n
/** How deep contracts may call each other; a transaction's own call counts. */
export const MAX_CALL_DEPTH = 8

/**
 * Staking that is the same on every chain (transition/staking/); the rest is in the genesis. Parts of a stake are in
 * billionths (`SLASH_ONE`), commissions in ten-thousandths.
 */
export const STAKING = {
  /** What a validator brings of its own when it registers, and has when it is let back. */
  minSelfStake: 100n * VEX,
  minDelegation: VEX,
  /** By how much one change may raise a commission. */
  maxCommissionRiseBps: 100,
  /** Of an epoch's members, 1/8 may come or go from one set to the next, at least one; and of its power 1/5. */
  memberChurnDenominator: 8,
  powerChurnDenominator: 5n,
  /** Missing more than half of the last blocks costs a ten-thousandth and a jail of ten minutes. */
  uptimeWindowBlocks: 1_000n,
  maxMissedBlocks: 500,
  downtimeSlash: 100_000n,
  jailMs: 600_000n,
  /** An equivocation costs the greater of this and three times the part of the power that equivocated. */
  minEquivocationSlash: 50_000_000n,
  correlationFactor: 3n,
  /** How many epochs one boundary forgets at most, so that no block has much to do. */
  epochsForgottenAtOnce: 4,
} as const

/**
 * Gas of a stake action beyond a transaction's own, by what it takes at 0.5 ns a unit with its part of the state tree and
 * of the synced batch: 155 µs for delegate and undelegate, 150 µs for a pool that is withdrawn, 4.6 ms to register, 3.2 ms
 * for two votes, 14 ms for two certificates of 128 (measured on RocksDB, 400 of a kind in a block).
 */
export const STAKE_GAS = {
  /** A proof of possession of each key (BLS 1 ms, ECVRF 4 ms), and eight state-tree paths. */
  registerValidator: 11_000_000n,
  editValidator: 160_000n,
  delegate: 320_000n,
  undelegate: 320_000n,
  withdraw: 150_000n,
  /** Each pool that is withdrawn from. */
  withdrawnPool: 150_000n,
  claimRewards: 200_000n,
  unjail: 150_000n,
  /** Two signatures by one or many, and for each signer that a certificate may name, decoding its key twice. */
  submitEvidence: 6_500_000n,
  evidenceSigner: 250_000n,
} as const
