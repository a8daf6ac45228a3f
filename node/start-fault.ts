/**
 * Faults of what lies on disk, as the operator hears of them: the sentence of whoever met it, and the command that
 * examines the directory and names the repair.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { GenesisError } from './chain/genesis.ts'
import { ConsensusError, type ConsensusErrorCode } from './consensus/error.ts'
import { BlockExecutionFault } from './execution/block-protocol.ts'
import { TreeError } from './state/tree-node.ts'
import { DATA_FILES } from './storage/data-directory.ts'
import { StorageError, type StorageErrorCode } from './storage/database.ts'
import { CodecError } from './types/codec.ts'
import { ValidatorKeysError } from './validator-keys.ts'

const STORAGE: ReadonlySet<StorageErrorCode> = new Set(['wrong_chain', 'incomplete', 'corrupt', 'io'])
const CONSENSUS: ReadonlySet<ConsensusErrorCode> = new Set([
  'log_corrupt',
  'log_foreign',
  'log_stale',
  'io',
  'conflict',
  'diverged',
  'application',
])

const quoted = (path: string): string => (/^[\w./@%+,:-]+$/.test(path) ? path : JSON.stringify(path))

/** Faults of anything but the directory come back as they are. */
export const withDoctor = (error: unknown, directory: string): unknown => {
  const advice = `. What is wrong and what repairs it: vex doctor --data-dir ${quoted(directory)}`
  const told = (message: string): string =>
    message.includes('vex doctor') ? message : message.replace(/\.$/, '') + advice
  if (error instanceof StorageError && STORAGE.has(error.code))
    return new StorageError(error.code, told(error.message), { cause: error })
  if (error instanceof ConsensusError && CONSENSUS.has(error.code))
    return new ConsensusError(error.code, told(error.message), {
      cause: error,
      ...(error.evidence === undefined ? {} : { evidence: error.evidence }),
    })
  const isGiven = existsSync(join(directory, DATA_FILES.genesis))
  if (
    error instanceof ValidatorKeysError ||
    error instanceof CodecError ||
    error instanceof TreeError ||
    error instanceof BlockExecutionFault ||
    (error instanceof GenesisError && isGiven)
  )
    return new StorageError('corrupt', told(`${directory} does not hold what it must: ${error.message}`), {
      cause: error,
    })
  return error
}
