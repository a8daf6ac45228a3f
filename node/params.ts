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
export const STAKE_UNIT = VEX
/** Sum of all balances and deposits; keeps every amount a positive i64 inside a contract. */
export const MAX_SUPPLY = 1n << 62n
/** How many blocks ahead a transaction's `validUntilHeight` may lie. */
export const MAX_VALIDITY_BLOCKS = 100_000n
/** How deep contracts may call each other; a transaction's own call counts. */
export const MAX_CALL_DEPTH = 8
