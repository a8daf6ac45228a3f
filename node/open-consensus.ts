/** Before this node votes: what it must know of its earlier votes, and what it says where that is gone. */
import { join } from 'node:path'
import type { EpochInfo } from './chain/epochs.ts'
import { createConsensus } from './consensus/driver.ts'
import { ConsensusError } from './consensus/error.ts'
import { blsPublicKeyOf } from './crypto/bls.ts'
import { type DataDirectory, VALIDATOR_KEY_FILE } from './storage/data-directory.ts'
import { StorageError } from './storage/database.ts'
import { bytesEqual, type Height } from './types/primitives.ts'
import type { ValidatorKeys } from './validator-keys.ts'

/**
 * Without its log a validator does not know what it has signed above the last final block. Alone that harms
 * nobody: no certificate exists that it did not make. Among others it could vote twice, and be slashed.
 */
export const assertNeverVoted = (
  height: Height,
  { validators }: EpochInfo,
  keys: ValidatorKeys | undefined,
  logPath: string,
): void => {
  if (height === 0n || validators.length === 1 || keys === undefined) return
  const own = blsPublicKeyOf(keys.voteSecretKey)
  // Votes of epochs that are over bind nobody.
  if (!validators.some(({ voteKey }) => bytesEqual(voteKey, own))) return
  throw new StorageError(
    'incomplete',
    `${logPath} is missing, but the chain is at height ${height}: what this validator has signed is unknown, so it must not vote. Restore the file from a copy`,
  )
}

/** Without its keys a validator looks to its log like a stranger. */
export const openConsensus = (
  { path, validatorKeys }: DataDirectory,
  options: Parameters<typeof createConsensus>[0],
): ReturnType<typeof createConsensus> => {
  try {
    return createConsensus(options)
  } catch (cause) {
    if (validatorKeys !== undefined || !(cause instanceof ConsensusError) || cause.code !== 'log_foreign')
      throw cause
    throw new StorageError(
      'incomplete',
      `${join(path, VALIDATOR_KEY_FILE)} is missing, but a validator has voted with it here. Restore the file from a copy`,
      { cause },
    )
  }
}
