/** `vex state restore`: a data directory from a snapshot, of which nothing is believed that is not proved. */
import { readFileSync } from 'node:fs'
import { isRestored, restoreChunks, restoreHead } from '../../node/snapshot/restore.ts'
import { verifySnapshot } from '../../node/snapshot/verify.ts'
import { openRestoredDirectory } from '../../node/storage/restored-directory.ts'
import { type Hash, toHex } from '../../node/types/primitives.ts'
import { formatValidatorKeys, parseValidatorKeys } from '../../node/validator-keys.ts'
import { createOutput } from '../output.ts'
import { createProgress } from './progress.ts'
import type { StateOptions } from './stopped-node.ts'

interface RestoreOptions extends StateOptions {
  readonly from: string
  readonly genesisHash?: Hash
  readonly checkpoint?: Hash
  readonly validatorKey?: string
}

export const restore = async (options: RestoreOptions): Promise<void> => {
  const { from, dataDir, validatorKey } = options
  const output = createOutput(options.json === true)
  const validatorKeys =
    validatorKey === undefined
      ? undefined
      : formatValidatorKeys(parseValidatorKeys(readFileSync(validatorKey, 'utf8')))
  const snapshot = verifySnapshot({
    folder: from,
    nowMs: BigInt(Date.now()),
    expectedGenesisHash: options.genesisHash,
    expectedBlockHash: options.checkpoint,
  })
  const { genesisHash, blockHash, chunks } = snapshot.manifest
  const { height, epoch } = snapshot.block.header
  output.notice(`Restoring the state of block ${height}, which ended epoch ${epoch}, into ${dataDir}`)
  const directory = await openRestoredDirectory(dataDir, { snapshot: from, genesisHash, blockHash })
  const { database } = directory
  let before = chunks.length
  try {
    if (!isRestored(database)) {
      const progress = createProgress(output)
      const restored = restoreChunks(database, snapshot, {
        onProgress: (done, total) => progress(done / total),
        onBadChunk: error => output.notice(`  ${error.message}`),
      })
      before = restored.before
      restoreHead(database, snapshot)
    }
    directory.finish({ genesis: snapshot.genesisText, validatorKeys })
  } finally {
    await database.close()
  }
  const entries = chunks.reduce((sum, chunk) => sum + chunk.entries, 0)
  output.result(
    {
      dataDirectory: dataDir,
      chainId: snapshot.manifest.chainId,
      genesisHash: toHex(genesisHash),
      height,
      epoch,
      blockHash: toHex(blockHash),
      chunks: chunks.length,
      chunksBefore: before,
      entries,
    },
    () =>
      [
        `${dataDir} holds the state of block ${height}: ${entries} entries in ${chunks.length} chunks${before === 0 ? '' : `, ${before} of them from before`}`,
        `block    ${toHex(blockHash)}`,
        `genesis  ${toHex(genesisHash)}   (what all this is proved from: compare it with a source of your own)`,
      ].join('\n'),
  )
}
