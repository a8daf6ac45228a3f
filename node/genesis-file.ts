/**
 * `genesis.json`: the genesis as people read and edit it. Amounts are decimal strings in units, bytes are
 * `0x` hex, addresses are bech32m. Its identity is the hash of the BCS form, not of the text.
 */
import { z } from 'zod'
import { address, bytes, u64 } from './api/inputs.ts'
import { GenesisError } from './chain/genesis.ts'
import { formatAddress } from './crypto/address.ts'
import type { Genesis } from './types/genesis.ts'
import { toHex } from './types/primitives.ts'
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  VRF_PROOF_BYTES,
  VRF_PUBLIC_KEY_BYTES,
} from './types/validator.ts'

const schema = z.strictObject({
  chainId: z.string().min(1).max(32),
  timeMs: u64,
  params: z.strictObject({
    blockGasLimit: u64,
    minBlockIntervalMs: u64,
    idleBlockIntervalMs: u64,
    initialBaseFee: u64,
    networkDelayMs: u64,
    standstillMs: u64,
    epochBlocks: u64,
    blockReward: u64,
    evidenceMaxAgeBlocks: u64,
    evidenceMaxAgeMs: u64,
  }),
  accounts: z.array(z.strictObject({ address, balance: u64 })),
  validators: z.array(
    z.strictObject({
      address,
      voteKey: bytes(BLS_PUBLIC_KEY_BYTES),
      proofOfPossession: bytes(BLS_SIGNATURE_BYTES),
      vrfKey: bytes(VRF_PUBLIC_KEY_BYTES),
      vrfProof: bytes(VRF_PROOF_BYTES),
      stake: u64,
      commissionBps: z.int().min(0).max(10_000),
    }),
  ),
})

/** Throws a {@link GenesisError} that names the field. */
export const parseGenesis = (text: string): Genesis => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new GenesisError(`genesis.json is not JSON: ${(error as Error).message}`)
  }
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new GenesisError(`genesis.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a genesis'}`)
}

export const formatGenesis = (genesis: Genesis): string => {
  const json = {
    ...genesis,
    accounts: genesis.accounts.map(account => ({ ...account, address: formatAddress(account.address) })),
    validators: genesis.validators.map(validator => ({
      address: formatAddress(validator.address),
      voteKey: `0x${toHex(validator.voteKey)}`,
      proofOfPossession: `0x${toHex(validator.proofOfPossession)}`,
      vrfKey: `0x${toHex(validator.vrfKey)}`,
      vrfProof: `0x${toHex(validator.vrfProof)}`,
      stake: validator.stake,
      commissionBps: validator.commissionBps,
    })),
  }
  return `${JSON.stringify(json, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`
}
