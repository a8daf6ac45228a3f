/**
 * Everything of a snapshot but its chunks: whether it leads from the genesis to a state root that the chain's validators
 * signed. By the rules of the light client (light/light-client.ts), but without a trusting period: whoever restores has
 * been away for as long as the chain is old. Validators of long ago could sign another history by now; whoever fears
 * that compares the block's hash with one from a source of their own.
 */
import { createHash } from 'node:crypto'
import { checkGenesis, GenesisError } from '../chain/genesis.ts'
import { blsVerifyAggregate } from '../crypto/bls.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import { parseGenesis } from '../genesis-file.ts'
import { LightClientError } from '../light/error.ts'
import { LightClient } from '../light/light-client.ts'
import { type Block, blockCodec, blockHash } from '../types/block.ts'
import { CodecError } from '../types/codec.ts'
import { type Genesis, genesisHash } from '../types/genesis.ts'
import { type HandOver, handOverCodec } from '../types/hand-over.ts'
import { bytesEqual, fromLatin1, type Hash, MAX_U64, type TimeMs, toHex } from '../types/primitives.ts'
import { receiptCodec } from '../types/receipt.ts'
import { ChunkListError, joinChunks, type UpperTree } from './chunk-list.ts'
import { badFile, SnapshotError } from './error.ts'
import { readRecords, readSnapshotFile, readSnapshotText } from './files.ts'
import { FILE_LIMITS, type Manifest, parseManifest, SNAPSHOT_FILES } from './manifest.ts'

export interface VerifiedSnapshot {
  readonly folder: string
  readonly manifest: Manifest
  /** Of `genesis.json`. */
  readonly genesisText: string
  readonly genesis: Genesis
  readonly upperTree: UpperTree
  readonly block: Block
  readonly blockBytes: Uint8Array
  readonly receiptBytes: readonly Uint8Array[]
  /** From the block's epoch to the next. */
  readonly lastHandOver: HandOver
  /** Of all of them, as they were when they were verified. */
  readonly handOversHash: string
}

export interface VerifyOptions {
  readonly folder: string
  readonly nowMs: TimeMs
  /** Of the chain, if whoever restores knows it. */
  readonly expectedGenesisHash?: Hash | undefined
  readonly expectedBlockHash?: Hash | undefined
}

/** What a file's content makes the project's own code throw, as a fault of the file. */
const asFault = <T>(file: string, action: () => T): T => {
  try {
    return action()
  } catch (error) {
    if (
      error instanceof CodecError ||
      error instanceof GenesisError ||
      error instanceof LightClientError ||
      error instanceof ChunkListError
    )
      throw badFile(
        file,
        error instanceof ChunkListError ? error.message : `is refused: ${error.message}`,
        error,
      )
    throw error
  }
}

/** One after another; `onBytes` hears what was read of the file, but for the lengths. */
export function* readHandOvers(folder: string, onBytes: (bytes: Uint8Array) => void): Generator<HandOver> {
  const file = SNAPSHOT_FILES.handOvers
  for (const record of readRecords(folder, file, handOverCodec.maxBytes)) {
    onBytes(record)
    yield asFault(file, () => handOverCodec.decode(record))
  }
}

const readGenesis = (folder: string, expected: Hash): { genesis: Genesis; genesisText: string } => {
  const file = SNAPSHOT_FILES.genesis
  const genesisText = readSnapshotText(folder, file, FILE_LIMITS.genesis)
  const genesis = asFault(file, () => {
    const parsed = parseGenesis(genesisText)
    checkGenesis(parsed)
    return parsed
  })
  const hash = genesisHash(genesis)
  if (!bytesEqual(hash, expected))
    throw badFile(file, `has the hash ${toHex(hash)}, and ${SNAPSHOT_FILES.manifest} says ${toHex(expected)}`)
  return { genesis, genesisText }
}

/** To the snapshot's block, from the genesis on. */
const followHandOvers = (
  { folder, nowMs }: VerifyOptions,
  { height, genesisHash: trusted }: Manifest,
  genesis: Genesis,
): Pick<VerifiedSnapshot, 'lastHandOver' | 'handOversHash'> => {
  const file = SNAPSHOT_FILES.handOvers
  const client = LightClient.fromGenesis(genesis, trusted, {
    trustingPeriodMs: MAX_U64,
    verifyAggregate: blsVerifyAggregate,
  })
  const hash = createHash('sha256')
  let last: HandOver | undefined
  for (const handOver of readHandOvers(folder, bytes => hash.update(bytes))) {
    if (last?.header.height === height) throw badFile(file, `goes on after block ${height}`)
    asFault(file, () => client.handOver(handOver, nowMs))
    last = handOver
  }
  if (last?.header.height !== height)
    throw badFile(
      file,
      `ends with block ${last?.header.height ?? 0n}, and ${SNAPSHOT_FILES.manifest} says block ${height}`,
    )
  return { lastHandOver: last, handOversHash: hash.digest('hex') }
}

const readBlock = (
  folder: string,
  { header }: HandOver,
): Pick<VerifiedSnapshot, 'block' | 'blockBytes' | 'receiptBytes'> => {
  const file = SNAPSHOT_FILES.block
  const blockBytes = readSnapshotFile(folder, file, blockCodec.maxBytes)
  const block = asFault(file, () => blockCodec.decode(blockBytes))
  if (!bytesEqual(blockHash(block.header), blockHash(header)))
    throw badFile(file, `is not block ${header.height} of ${SNAPSHOT_FILES.handOvers}`)
  if (!bytesEqual(merkleRoot(block.transactions), header.transactionsRoot))
    throw badFile(file, 'holds other transactions than its header says')
  const receiptBytes: Uint8Array[] = []
  for (const record of readRecords(folder, SNAPSHOT_FILES.receipts, receiptCodec.maxBytes)) {
    receiptBytes.push(record)
    if (receiptBytes.length > block.transactions.length) break
  }
  if (
    receiptBytes.length !== block.transactions.length ||
    !bytesEqual(merkleRoot(receiptBytes), header.receiptsRoot)
  )
    throw badFile(SNAPSHOT_FILES.receipts, 'holds other receipts than the header of the block says')
  return { block, blockBytes, receiptBytes }
}

/** Changes nothing. Throws a {@link SnapshotError} that names the file. */
export const verifySnapshot = (options: VerifyOptions): VerifiedSnapshot => {
  const { folder, expectedGenesisHash, expectedBlockHash } = options
  const file = SNAPSHOT_FILES.manifest
  const manifest = parseManifest(readSnapshotText(folder, file, FILE_LIMITS.manifest))
  const { genesis, genesisText } = readGenesis(folder, manifest.genesisHash)
  if (expectedGenesisHash !== undefined && !bytesEqual(expectedGenesisHash, manifest.genesisHash))
    throw new SnapshotError(
      'another_chain',
      `the snapshot is of the chain with genesis ${toHex(manifest.genesisHash)}, not ${toHex(expectedGenesisHash)}`,
    )
  if (manifest.chainId !== genesis.chainId)
    throw badFile(
      file,
      `says chain ${JSON.stringify(manifest.chainId)}, and its genesis ${JSON.stringify(genesis.chainId)}`,
    )
  const followed = followHandOvers(options, manifest, genesis)
  const { header } = followed.lastHandOver
  const hash = blockHash(header)
  if (!bytesEqual(manifest.blockHash, hash))
    throw badFile(
      file,
      `says that block ${header.height} has the hash ${toHex(manifest.blockHash)}; it has ${toHex(hash)}`,
    )
  if (expectedBlockHash !== undefined && !bytesEqual(expectedBlockHash, hash))
    throw new SnapshotError(
      'another_chain',
      `block ${header.height} of the snapshot has the hash ${toHex(hash)}, not that of the checkpoint, ${toHex(expectedBlockHash)}`,
    )
  if (!bytesEqual(manifest.stateRoot, header.stateRoot))
    throw badFile(file, `says another state root than block ${header.height}`)
  const upperTree = asFault(file, () => joinChunks(manifest.chunks, header.height))
  if (!bytesEqual(fromLatin1(upperTree.root), header.stateRoot))
    throw badFile(file, 'lists chunks that do not make the state root')
  return {
    folder,
    manifest,
    genesis,
    genesisText,
    upperTree,
    ...readBlock(folder, followed.lastHandOver),
    ...followed,
  }
}
