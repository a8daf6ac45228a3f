/** What the rules of a block say before it runs: all from its parent, but for its time and proposer. */
import type { BlockEnvironment } from '../transition/block.ts'
import { nextBaseFee } from '../transition/gas.ts'
import { blockRandomness } from '../transition/randomness.ts'
import type { BlockHeader } from '../types/block.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Address, Hash, TimeMs } from '../types/primitives.ts'

export const blockEnvironment = (
  genesis: Genesis,
  { hash, header }: { readonly hash: Hash; readonly header: BlockHeader },
  timeMs: TimeMs,
  proposer: Address,
): BlockEnvironment => ({
  chainId: genesis.chainId,
  height: header.height + 1n,
  timeMs,
  proposer,
  baseFee: nextBaseFee(header),
  gasLimit: genesis.params.blockGasLimit,
  randomness: blockRandomness(hash),
})
