/**
 * Development chains: accounts that everybody knows, and a genesis that gives them money.
 *
 * The secret keys come from a published phrase: whoever can reach the chain can spend from them. They are
 * for chains on a laptop and nothing else.
 */
import { publicKeyToAddress } from './crypto/address.ts'
import { publicKeyOf } from './crypto/ed25519.ts'
import { sha256 } from './crypto/hash.ts'
import { VEX } from './params.ts'
import type { Genesis } from './types/genesis.ts'
import type { Address, TimeMs } from './types/primitives.ts'
import { publicValidatorKeys, type ValidatorKeys } from './validator-keys.ts'

export const DEV_CHAIN_ID = 'vex-dev'
const DEV_ACCOUNTS = 10
export const DEV_BALANCE = 10_000_000n * VEX
const DEV_STAKE = 1_000_000n * VEX

export interface DevAccount {
  readonly name: string
  readonly secretKey: Uint8Array
  readonly publicKey: Uint8Array
  readonly address: Address
}

/** `dev0` to `dev9`. Secret key i is SHA-256("vex development account i"). */
export const devAccounts = (): DevAccount[] =>
  Array.from({ length: DEV_ACCOUNTS }, (_, index) => {
    const secretKey = sha256(Buffer.from(`vex development account ${index}`))
    const publicKey = publicKeyOf(secretKey)
    return { name: `dev${index}`, secretKey, publicKey, address: publicKeyToAddress(publicKey) }
  })

/** One validator, short intervals, room for about 3,000 transfers a block. */
export const devGenesis = (keys: ValidatorKeys, timeMs: TimeMs, chainId = DEV_CHAIN_ID): Genesis => ({
  chainId,
  timeMs,
  params: {
    blockGasLimit: 1_000_000_000n,
    minBlockIntervalMs: 5n,
    idleBlockIntervalMs: 5_000n,
    initialBaseFee: 1n,
    networkDelayMs: 100n,
    standstillMs: 1_000n,
    epochBlocks: 1_200n,
    blockReward: VEX / 10n,
    evidenceMaxAgeBlocks: 2_400n,
    evidenceMaxAgeMs: 600_000n,
  },
  accounts: devAccounts().map(({ address }) => ({ address, balance: DEV_BALANCE })),
  validators: [{ ...publicValidatorKeys(keys, chainId), stake: DEV_STAKE, commissionBps: 0 }],
})
