/** What a lone validator says of the block it builds on a parent: its place, with its votes and its proof. */
import { epochInfo } from '../../node/chain/epochs.ts'
import type { BlockPlace } from '../../node/chain/environment.ts'
import { blsSign } from '../../node/crypto/bls.ts'
import { ecvrfProve } from '../../node/crypto/ecvrf.ts'
import { vrfInput } from '../../node/crypto/vrf.ts'
import { publicKeyToAddress } from '../../node/crypto/address.ts'
import type { StateReader } from '../../node/state/view.ts'
import type { BlockHeader } from '../../node/types/block.ts'
import { epochOf } from '../../node/types/epoch.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import type { Hash } from '../../node/types/primitives.ts'
import { type Certificate, voteMessage, type VoteKind } from '../../node/types/vote.ts'
import type { ValidatorKeys } from '../../node/validator-keys.ts'

export const loneCertificate = (
  chainId: string,
  keys: ValidatorKeys,
  { hash, epoch, view }: { readonly hash: Hash; readonly epoch: bigint; readonly view: bigint },
  kind: VoteKind = 'notarize',
): Certificate => {
  const statement = { kind, epoch, view, hash }
  return {
    ...statement,
    signers: Uint8Array.of(1),
    signature: blsSign(keys.voteSecretKey, voteMessage(chainId, statement)),
  }
}

/** `state` knows the epoch of the new block. */
export const placeBlock = (options: {
  genesis: Genesis
  keys: ValidatorKeys
  parent: { readonly hash: Hash; readonly header: BlockHeader }
  state: Pick<StateReader, 'get'>
  view: bigint
  timeMs: bigint
}): { parentHash: Hash; place: BlockPlace; vrfProof: Uint8Array } => {
  const { genesis, keys, parent, view, timeMs } = options
  const { chainId } = genesis
  const epoch = epochOf(parent.header.height + 1n, genesis.params.epochBlocks)
  const info = epochInfo(genesis, options.state, epoch)
  if (info === undefined) throw new Error(`the state does not know epoch ${epoch}`)
  const { header, hash } = parent
  return {
    parentHash: hash,
    place: {
      view,
      timeMs,
      proposer: publicKeyToAddress(keys.operatorPublicKey),
      parentCertificate:
        header.height === 0n
          ? undefined
          : loneCertificate(chainId, keys, { hash, epoch: header.epoch, view: header.view }),
    },
    vrfProof: ecvrfProve(keys.vrfSecretKey, vrfInput({ chainId, nonce: info.nonce, epoch, view })),
  }
}
