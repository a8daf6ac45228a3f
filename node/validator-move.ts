/**
 * A validator's keys from one data directory to another, with what it must not forget: up to where it has signed.
 *
 * Leaving    the file of the move is on disk; then the old directory's floor rises above everything, so that the key never
 *            votes there again, even if it is put back from a copy; then the key is removed. Killed before the floor has
 *            risen, the directory is as it was.
 * Arriving   floor and log are written first: a log with one `sealed` record, in whose views nothing is signed any more
 *            (consensus/own-votes.ts); the key last. Without it nothing votes.
 *
 * The log is ahead of the floor by what was signed in the last moments, so that without the log the mark is not known.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openFloor, readFloor } from './consensus/floor.ts'
import { readHeader, scanFrames } from './consensus/log-format.ts'
import { recordCodec, type StoredRecord } from './consensus/records.ts'
import { isRetired, markOfRecords, raiseMark, RETIRED, type SignedMark } from './consensus/signed-mark.ts'
import { signerOwner } from './consensus/signer-owner.ts'
import { openLog } from './consensus/wal.ts'
import { blsPublicKeyOf } from './crypto/bls.ts'
import { DATA_FILES } from './storage/data-directory.ts'
import { syncFolder, writeSynced } from './storage/synced-files.ts'
import { bytesEqual, fromHex, toHex } from './types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES } from './types/validator.ts'
import { formatValidatorKeys, parseValidatorKeys, type ValidatorKeys } from './validator-keys.ts'
import { identityOf, identityToJson } from './validator-key-file.ts'
import { KeystoreError } from './wallet/keystore-error.ts'
import { openKeystore, parseJson, type SealSettings, sealKeystore } from './wallet/keystore.ts'

const KIND = 'moving validator'
const OWNER_ONLY = 0o600

export type MoveErrorCode = 'log_missing' | 'log_foreign' | 'moved_away' | 'other_chain' | 'has_voted'

export class MoveError extends Error {
  override readonly name = 'MoveError'
  readonly code: MoveErrorCode
  constructor(code: MoveErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export interface Chain {
  readonly chainId: string
  readonly genesisHash: Uint8Array
}

/** Up to where it has signed; `null`: nothing. */
type Signed = { readonly epoch: bigint; readonly view: bigint } | null

export interface MovingValidator extends Chain {
  readonly keys: ValidatorKeys
  readonly signed: Signed
  /** The name of its node in the network: sentries know it by that. */
  readonly nodeKey: Uint8Array | undefined
}

const readRecords = (path: string): readonly StoredRecord[] | undefined => {
  if (!existsSync(path)) return undefined
  const bytes = readFileSync(path)
  return scanFrames(bytes, readHeader(bytes, path), path).records.map(record => recordCodec.decode(record))
}

const isOwnedBy = (records: readonly StoredRecord[], chainId: string, voteKey: Uint8Array): boolean =>
  records.every(
    record => record.kind !== 'owner' || (record.chainId === chainId && bytesEqual(record.voteKey, voteKey)),
  )

/** What a stopped node's directory knows of the votes of its key. Throws a {@link MoveError} where that is not all. */
export const readSigned = (
  path: string,
  { chainId, voteKey, hasBlocks }: { chainId: string; voteKey: Uint8Array; hasBlocks: boolean },
): Signed => {
  const logPath = join(path, DATA_FILES.consensusLog)
  const floorPath = join(path, DATA_FILES.signerFloor)
  const records = readRecords(logPath)
  const floor = existsSync(floorPath) ? readFloor(readFileSync(floorPath), floorPath) : undefined
  if (floor !== undefined && isRetired(floor.mark))
    throw new MoveError(
      'moved_away',
      `the keys of ${path} were moved away: they are in the file of that move`,
    )
  if (records === undefined) {
    if (floor === undefined && !hasBlocks) return null
    throw new MoveError(
      'log_missing',
      `${logPath} is missing: up to where this validator has signed is unknown, so its keys must not vote elsewhere. Restore the file from a copy, or register a new vote key`,
    )
  }
  if (!isOwnedBy(records, chainId, voteKey) || floor?.owner.equals(signerOwner(chainId, voteKey)) === false)
    throw new MoveError('log_foreign', `the votes in ${path} are of another chain or vote key than its keys`)
  const known = markOfRecords(records.filter(record => record.kind !== 'owner'))
  const mark = floor === undefined ? known : raiseMark(known, floor.mark)
  return mark === undefined ? null : { epoch: mark.epoch, view: mark.view }
}

const uint = z
  .string()
  .regex(/^\d{1,20}$/)
  .transform(BigInt)
const publicSchema = z.object({
  chainId: z.string(),
  genesisHash: z.string().regex(/^[0-9a-f]{64}$/),
  signed: z.strictObject({ epoch: uint, view: uint }).nullable(),
})
const secretSchema = z.strictObject({
  keys: z.string(),
  nodeKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
})

/** The text of the file that moves. */
export const sealMove = async (
  { keys, signed, nodeKey, chainId, genesisHash }: MovingValidator,
  password: string,
  settings?: SealSettings,
): Promise<string> => {
  const secret = Buffer.from(
    JSON.stringify({
      keys: formatValidatorKeys(keys),
      nodeKey: nodeKey === undefined ? null : toHex(nodeKey),
    }),
  )
  try {
    const known = {
      chainId,
      genesisHash: toHex(genesisHash),
      signed: signed && { epoch: String(signed.epoch), view: String(signed.view) },
      ...identityToJson(identityOf(keys)),
    }
    return await sealKeystore({ kind: KIND, public: known, secret }, password, settings)
  } finally {
    secret.fill(0)
  }
}

export const openMove = async (text: string, password: string, what: string): Promise<MovingValidator> => {
  const { keystore, secret } = await openKeystore(text, KIND, password, what)
  try {
    const known = publicSchema.safeParse(keystore.public)
    const hidden = secretSchema.safeParse(parseJson(secret))
    if (!known.success || !hidden.success)
      throw new KeystoreError('tampered', `${what} is not what Vex writes. Export again`)
    const { chainId, genesisHash, signed } = known.data
    const { keys, nodeKey } = hidden.data
    return {
      chainId,
      genesisHash: fromHex(genesisHash),
      signed,
      keys: parseValidatorKeys(keys),
      nodeKey: nodeKey === null ? undefined : fromHex(nodeKey),
    }
  } finally {
    secret.fill(0)
  }
}

const raiseFloor = async (path: string, owner: Uint8Array, mark: SignedMark): Promise<void> => {
  const floor = await openFloor({ path: join(path, DATA_FILES.signerFloor), owner })
  floor.raise(mark)
  await floor.close()
}

/** After the file of the move is on disk. The directory is locked. */
export const leaveDirectory = async (path: string, chainId: string, voteKey: Uint8Array): Promise<void> => {
  await raiseFloor(path, signerOwner(chainId, voteKey), RETIRED)
  rmSync(join(path, DATA_FILES.validatorKeys))
  syncFolder(path)
}

const NO_KEY = new Uint8Array(BLS_PUBLIC_KEY_BYTES)

/** Into the locked directory of a node that has no keys. `keyText` is what its key file shall hold. */
export const enterDirectory = async (
  path: string,
  chain: Chain,
  { keys, signed, chainId, genesisHash }: MovingValidator,
  keyText: string,
): Promise<void> => {
  if (chainId !== chain.chainId || !bytesEqual(genesisHash, chain.genesisHash))
    throw new MoveError(
      'other_chain',
      `these keys have voted on the chain ${chainId} with genesis ${toHex(genesisHash)}, and ${path} is of the chain ${chain.chainId} with genesis ${toHex(chain.genesisHash)}`,
    )
  if (existsSync(join(path, DATA_FILES.validatorKeys)))
    throw new MoveError('has_voted', `${path} has validator keys already: use another directory`)
  const voteKey = blsPublicKeyOf(keys.voteSecretKey)
  const logPath = join(path, DATA_FILES.consensusLog)
  const records = readRecords(logPath) ?? []
  // A follower's log holds no votes; one of these very keys is what an interrupted arrival left.
  if (!isOwnedBy(records, chainId, NO_KEY) && !isOwnedBy(records, chainId, voteKey))
    throw new MoveError('has_voted', `another validator has voted in ${path}: use another directory`)
  if (records.some(record => record.kind === 'vote'))
    throw new MoveError('has_voted', `these keys have voted in ${path} already: use another directory`)
  rmSync(logPath, { force: true })
  rmSync(join(path, DATA_FILES.signerFloor), { force: true })
  if (signed !== null) {
    await raiseFloor(path, signerOwner(chainId, voteKey), { ...signed, kinds: RETIRED.kinds })
    const log = await openLog(logPath)
    log.append(recordCodec.encode({ kind: 'owner', chainId, voteKey, epoch: signed.epoch }))
    log.append(recordCodec.encode({ kind: 'sealed', ...signed }))
    await log.sync()
    await log.close()
  }
  writeSynced(path, DATA_FILES.validatorKeys, keyText, OWNER_ONLY)
}
