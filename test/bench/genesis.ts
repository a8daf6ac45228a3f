/**
 * The chain that is measured: a development chain with funded senders. Everything but the validator's key and
 * the genesis time is the same in every run, so what was signed for one run is valid in the next.
 */
import { publicKeyToAddress } from '../../node/crypto/address.ts'
import { publicKeyOf } from '../../node/crypto/ed25519.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { devGenesis } from '../../node/dev.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import type { Address, TimeMs } from '../../node/types/primitives.ts'
import type { ValidatorKeys } from '../../node/validator-keys.ts'

export const BENCH_CHAIN_ID = 'vex-bench'
export const SENDERS = 100

/**
 * Covers every waiting transaction of an account at {@link MAX_FEE}: 1,024 of 10 million gas cost 10^16
 * units. All together are less than half of the greatest supply.
 */
const BALANCE = 20_000_000_000_000_000n

/** Units per gas. The base fee rises by an eighth with each full block: from 1 it gets here after over 100. */
export const MAX_FEE = 1_000_000n

export interface BenchAccount {
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
  readonly address: Address
}

const benchAccount = (name: string): BenchAccount => {
  const secretKey = sha256(Buffer.from(`vex benchmark account ${name}`))
  const publicKey = publicKeyOf(secretKey)
  return { secretKey, publicKey, address: publicKeyToAddress(publicKey) }
}

/** Deploys contracts and hands out tokens, so that the senders' nonces start at 0. */
export const operatorAccount = (): BenchAccount => benchAccount('operator')

export const senderAccounts = (): BenchAccount[] =>
  Array.from({ length: SENDERS }, (_, index) => benchAccount(`sender ${index}`))

/** Who has something at first. A sixth of a millisecond each: no part of a start that is measured. */
export const fundedAddresses = (): Address[] =>
  [operatorAccount(), ...senderAccounts()].map(({ address }) => address)

export const benchGenesis = (
  keys: ValidatorKeys,
  timeMs: TimeMs,
  funded: readonly Address[] = fundedAddresses(),
): Genesis => ({
  ...devGenesis(keys, timeMs, BENCH_CHAIN_ID),
  accounts: funded.map(address => ({ address, balance: BALANCE })),
})
