/**
 * The keys of staking: 0x07 (keys.ts), then a byte for what the key holds. All numbers are big-endian.
 *
 * | byte | rest                                  | value (types/staking.ts)                                  |
 * | ---- | ------------------------------------- | --------------------------------------------------------- |
 * | 0x00 |                                       | the totals                                                |
 * | 0x01 | operator                              | a validator                                               |
 * | 0x02 | 2^64 - 1 - power, u64 \| operator     | empty: who may enter a set, the most powerful first       |
 * | 0x03 | vote key                              | its operator                                              |
 * | 0x04 | VRF key                               | its operator                                              |
 * | 0x05 | delegator \| operator                 | a delegation                                              |
 * | 0x06 | operator \| epoch, u64                | the pool of what was undelegated then                     |
 * | 0x07 | delegator \| operator \| epoch, u64   | shares of that pool                                       |
 * | 0x08 | epoch, u64                            | the time of its last block, u64                           |
 * | 0x09 |                                       | offences                                                  |
 * | 0x0a |                                       | how the set's members voted lately                        |
 * | 0x0b | height of a block in the window, u16  | who did not vote for it                                   |
 * | 0x0c | operator                              | how many blocks it proposed in this epoch                 |
 */
import { getU64, u64Bytes } from '../types/big-endian.ts'
import { type Address, ADDRESS_BYTES, fromLatin1, MAX_U64, toAddress, toLatin1 } from '../types/primitives.ts'
import { stakingKey } from './keys.ts'
import type { KeyRange } from './view.ts'

const PART = {
  totals: 0x00,
  validator: 0x01,
  rank: 0x02,
  voteKey: 0x03,
  vrfKey: 0x04,
  delegation: 0x05,
  pool: 0x06,
  poolShares: 0x07,
  epochEnd: 0x08,
  offences: 0x09,
  uptime: 0x0a,
  absent: 0x0b,
  proposals: 0x0c,
} as const

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff)

export const stakeTotalsKey = (): Uint8Array => stakingKey(PART.totals)
export const stakedValidatorKey = (operator: Address): Uint8Array => stakingKey(PART.validator, operator)
export const rankKey = (power: bigint, operator: Address): Uint8Array =>
  stakingKey(PART.rank, u64Bytes(MAX_U64 - power), operator)
export const voteKeyOwnerKey = (voteKey: Uint8Array): Uint8Array => stakingKey(PART.voteKey, voteKey)
export const vrfKeyOwnerKey = (vrfKey: Uint8Array): Uint8Array => stakingKey(PART.vrfKey, vrfKey)
export const delegationKey = (delegator: Address, operator: Address): Uint8Array =>
  stakingKey(PART.delegation, delegator, operator)
export const poolKey = (operator: Address, epoch: bigint): Uint8Array =>
  stakingKey(PART.pool, operator, u64Bytes(epoch))
export const poolSharesKey = (delegator: Address, operator: Address, epoch: bigint): Uint8Array =>
  stakingKey(PART.poolShares, delegator, operator, u64Bytes(epoch))
export const epochEndKey = (epoch: bigint): Uint8Array => stakingKey(PART.epochEnd, u64Bytes(epoch))
export const offencesKey = (): Uint8Array => stakingKey(PART.offences)
export const uptimeKey = (): Uint8Array => stakingKey(PART.uptime)
export const absentKey = (place: number): Uint8Array => stakingKey(PART.absent, u16(place))
export const proposalsKey = (operator: Address): Uint8Array => stakingKey(PART.proposals, operator)

/** More than what stands behind any prefix here. */
const MAX_SUFFIX_BYTES = 2 * ADDRESS_BYTES + 16

/** All keys that begin with `prefix`. */
const under = (prefix: Uint8Array, isReverse = false): KeyRange => {
  const from = toLatin1(prefix)
  return { from, to: from + '\u00ff'.repeat(MAX_SUFFIX_BYTES), isReverse }
}

export const validatorsRange = (): KeyRange => under(stakingKey(PART.validator))
export const ranksRange = (): KeyRange => under(stakingKey(PART.rank))
export const delegationsRange = (delegator: Address): KeyRange =>
  under(stakingKey(PART.delegation, delegator))
/** The newest first. */
export const poolsRange = (operator: Address): KeyRange => under(stakingKey(PART.pool, operator), true)
/** With any validator, or with one; the oldest of each first. */
export const poolSharesRange = (delegator: Address, operator?: Address): KeyRange =>
  under(
    operator === undefined
      ? stakingKey(PART.poolShares, delegator)
      : stakingKey(PART.poolShares, delegator, operator),
  )

const HEAD_BYTES = 2

const addressAt = (key: string, offset: number): Address =>
  toAddress(fromLatin1(key.slice(offset, offset + ADDRESS_BYTES)))

const u64At = (key: string, offset: number): bigint => getU64(fromLatin1(key.slice(offset, offset + 8)), 0)

/** What a key of the ranges above says, in latin1 as they give it. */
export const readStakedValidatorKey = (key: string): Address => addressAt(key, HEAD_BYTES)
export const readRankKey = (key: string): Address => addressAt(key, HEAD_BYTES + 8)
export const readDelegationKey = (key: string): Address => addressAt(key, HEAD_BYTES + ADDRESS_BYTES)
export const readPoolKey = (key: string): bigint => u64At(key, HEAD_BYTES + ADDRESS_BYTES)
export const readPoolSharesKey = (key: string): { operator: Address; epoch: bigint } => ({
  operator: addressAt(key, HEAD_BYTES + ADDRESS_BYTES),
  epoch: u64At(key, HEAD_BYTES + 2 * ADDRESS_BYTES),
})
