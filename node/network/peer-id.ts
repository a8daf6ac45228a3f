/** The name of a node in the network, as others see it: of the Ed25519 key whose seed its `node.key` holds. */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'

export const peerIdOf = async (nodeKey: Uint8Array): Promise<string> =>
  peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', nodeKey)).toString()
