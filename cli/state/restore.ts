/** `vex state restore`: a data directory from a snapshot, of which nothing is believed that is not proved. */
import { readFileSync } from 'node:fs'
import { restoreDirectory } from '../../node/snapshot/restore-directory.ts'
import { verifySnapshot } from '../../node/snapshot/verify.ts'
import { bytesEqual, type Hash, toHex } from '../../node/types/primitives.ts'
import type { Validator } from '../../node/types/validator.ts'
import { readIdentity, type ValidatorIdentity } from '../../node/validator-key-file.ts'
import { createOutput } from '../output.ts'
import { createProgress } from '../terminal/progress.ts'
import { formatChunks } from './snapshot.ts'
import type { StateOptions } from './stopped-node.ts'

interface RestoreOptions extends StateOptions {
  readonly from: string
  readonly genesisHash?: Hash
  readonly checkpoint?: Hash
  readonly validatorKeys?: string
}

/** Then it could contradict votes that it has forgotten (assertNeverVoted of node/node.ts). */
const votesAmongOthers = ({ voteKey: own }: ValidatorIdentity, validators: readonly Validator[]): boolean =>
  validators.length > 1 && validators.some(({ voteKey }) => bytesEqual(voteKey, own))

export const restore = async (options: RestoreOptions): Promise<void> => {
  const { from, dataDir, validatorKeys: keyFile } = options
  const output = createOutput(options)
  const keyText = keyFile === undefined ? undefined : readFileSync(keyFile, 'utf8')
  const keys = keyText === undefined ? undefined : readIdentity(keyText, `the key file ${keyFile}`)
  const snapshot = verifySnapshot({
    folder: from,
    nowMs: BigInt(Date.now()),
    expectedGenesisHash: options.genesisHash,
    expectedBlockHash: options.checkpoint,
  })
  const { genesisHash, blockHash, chunks } = snapshot.manifest
  const { height, epoch } = snapshot.block.header
  output.notice(`Restoring the state of block ${height}, which ended epoch ${epoch}, into ${dataDir}`)
  const progress = createProgress(output, { what: 'Restoring' })
  const { before } = await restoreDirectory(snapshot, {
    path: dataDir,
    validatorKeys: keyText,
    onStep({ done, bad }) {
      if (bad !== undefined) output.notice(`  ${bad.message}`)
      progress.set(done)
    },
  })
  progress.end()
  if (keys !== undefined && votesAmongOthers(keys, snapshot.lastHandOver.nextValidators))
    output.notice(
      `This validator votes in the next epoch, and no snapshot says what it has signed there: put its consensus.log and signer.floor into ${dataDir}, or the node refuses to start`,
    )
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
        `${dataDir} holds the state of block ${height}: ${entries} entries in ${formatChunks(chunks.length)}${before === 0 ? '' : `, ${before} of them from before`}`,
        `block    ${toHex(blockHash)}`,
        `genesis  ${toHex(genesisHash)}   (what all this is proved from: compare it with a source of your own)`,
      ].join('\n'),
  )
}
