/** `vex state snapshot`: the state at the end of an epoch as a folder that anybody can check and restore. */
import { openSnapshotSource } from '../../node/snapshot/source.ts'
import { writeSnapshot } from '../../node/snapshot/write.ts'
import { toHex } from '../../node/types/primitives.ts'
import { createOutput } from '../output.ts'
import { createProgress } from '../terminal/progress.ts'
import { takeSteps } from './steps.ts'
import { type StateOptions, withStoppedNode } from './stopped-node.ts'

/** `1 chunk`, `2 chunks`. */
export const formatChunks = (count: number): string => `${count} ${count === 1 ? 'chunk' : 'chunks'}`

interface SnapshotOptions extends StateOptions {
  readonly out: string
  readonly height?: bigint
}

export const snapshot = (options: SnapshotOptions): Promise<void> =>
  withStoppedNode(options.dataDir, async ({ db, chain }) => {
    const output = createOutput(options)
    const source = openSnapshotSource(chain, db, options.height)
    const { height, epoch } = source.header
    output.notice(`Writing the state of block ${height}, which ended epoch ${epoch}`)
    const progress = createProgress(output, { what: 'Writing' })
    const { chunks, genesisHash, blockHash, stateRoot } = await takeSteps(
      writeSnapshot(source, { folder: options.out }),
      done => progress.set(done),
    )
    progress.end()
    const entries = chunks.reduce((sum, chunk) => sum + chunk.entries, 0)
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.bytes, 0)
    output.result(
      {
        folder: options.out,
        height,
        epoch,
        blockHash: toHex(blockHash),
        genesisHash: toHex(genesisHash),
        stateRoot: toHex(stateRoot),
        chunks: chunks.length,
        entries,
        bytes,
      },
      () =>
        [
          `The state of block ${height} is in ${options.out}: ${entries} entries in ${formatChunks(chunks.length)}, ${bytes} bytes`,
          `block    ${toHex(blockHash)}`,
          `genesis  ${toHex(genesisHash)}`,
        ].join('\n'),
    )
  })
