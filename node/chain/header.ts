/** What a header must say, given what its block did: written by a proposer, compared by a validator. */
import { readEpoch } from '../transition/epoch-records.ts'
import type { BlockEnvironment, BlockResult } from '../transition/block.ts'
import type { StateReader } from '../state/view.ts'
import type { BlockHeader } from '../types/block.ts'
import { epochOf, firstHeight } from '../types/epoch.ts'
import { bytesEqual, type Hash } from '../types/primitives.ts'
import { validatorsHash } from '../types/validator.ts'
import type { BlockPlace } from './environment.ts'

/** What a header says beside what its transactions did. */
export interface Placed {
  readonly environment: BlockEnvironment
  readonly parent: { readonly hash: Hash; readonly header: BlockHeader }
  readonly place: BlockPlace
  readonly vrfProof: Uint8Array
  readonly eta: Hash
  readonly nextNonce: Hash | undefined
  /** After the parent. */
  readonly state: StateReader
  readonly epochBlocks: bigint
}

const frozenValidatorsHash = (state: StateReader, epoch: bigint): Hash => {
  const record = readEpoch(state, epoch)
  if (record === undefined) throw new Error(`the state holds no validators of epoch ${epoch}`)
  return validatorsHash(record.validators)
}

export const headerOf = (
  { environment, parent, place, vrfProof, eta, nextNonce, state, epochBlocks }: Placed,
  result: Pick<BlockResult, 'transactionsRoot' | 'receiptsRoot' | 'gasUsed'>,
  stateRoot: Hash,
): BlockHeader => {
  const { parentCertificate, view } = place
  const epoch = epochOf(environment.height, epochBlocks)
  const isFirst = environment.height === firstHeight(epoch, epochBlocks)
  const { validatorsHash: current, nextValidatorsHash: next } = parent.header
  return {
    version: 1,
    chainId: environment.chainId,
    height: environment.height,
    epoch,
    view,
    parentHash: parent.hash,
    parentView: isFirst ? 0n : (parentCertificate?.view ?? 0n),
    parentCertificate,
    timeMs: environment.timeMs,
    proposer: environment.proposer,
    vrfProof,
    eta,
    nextNonce,
    transactionsRoot: result.transactionsRoot,
    stateRoot,
    receiptsRoot: result.receiptsRoot,
    validatorsHash: isFirst ? next : current,
    nextValidatorsHash: isFirst ? frozenValidatorsHash(state, epoch + 1n) : next,
    gasUsed: result.gasUsed,
    gasLimit: environment.gasLimit,
    baseFee: environment.baseFee,
  }
}

/** The first field in which two headers differ. */
export const differingField = (a: BlockHeader, b: BlockHeader): string | undefined => {
  for (const field of Object.keys(a) as (keyof BlockHeader)[]) {
    const x = a[field]
    const y = b[field]
    const same = x instanceof Uint8Array && y instanceof Uint8Array ? bytesEqual(x, y) : x === y
    // Both have the certificate from the same header.
    if (!same && field !== 'parentCertificate') return field
  }
  return undefined
}
