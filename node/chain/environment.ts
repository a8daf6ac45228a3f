/** What the rules of a block say before it runs: all from its parent, its place, its time and its leader's proof. */
import { epochNonce, nextEta } from '../crypto/vrf.ts'
import type { BlockEnvironment } from '../transition/block.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { blockRandomness } from '../transition/randomness.ts'
import type { BlockHeader } from '../types/block.ts'
import { epochOf, nonceHeight } from '../types/epoch.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Address, Hash, TimeMs } from '../types/primitives.ts'
import type { Certificate } from '../types/vote.ts'

/** What its header says of a block that stands on a parent: chosen by its leader, checked by everybody. */
export interface BlockPlace {
  readonly view: bigint
  readonly timeMs: TimeMs
  readonly proposer: Address
  readonly parentCertificate: Certificate | undefined
}

/** The header fields that follow from the randomness. */
export const nextRandomness = (
  { chainId, params: { epochBlocks } }: Genesis,
  parent: BlockHeader,
  vrfOutput: Uint8Array,
): { eta: Hash; nextNonce: Hash | undefined } => {
  const height = parent.height + 1n
  const epoch = epochOf(height, epochBlocks)
  const eta = nextEta(parent.eta, vrfOutput)
  if (height === nonceHeight(epoch, epochBlocks))
    return { eta, nextNonce: epochNonce(chainId, epoch + 1n, eta) }
  return { eta, nextNonce: height > nonceHeight(epoch, epochBlocks) ? parent.nextNonce : undefined }
}

export const blockEnvironment = (
  genesis: Genesis,
  parent: BlockHeader,
  { timeMs, proposer, parentCertificate }: Omit<BlockPlace, 'view'>,
  { eta, nextNonce }: { readonly eta: Hash; readonly nextNonce: Hash | undefined },
): BlockEnvironment => {
  const height = parent.height + 1n
  const { epochBlocks } = genesis.params
  return {
    chainId: genesis.chainId,
    height,
    timeMs,
    proposer,
    baseFee: nextBaseFee(parent),
    gasLimit: genesis.params.blockGasLimit,
    randomness: blockRandomness(eta),
    epochs: {
      params: genesis.params,
      epoch: epochOf(height, epochBlocks),
      nextNonce,
      parentCertificate,
    },
  }
}
