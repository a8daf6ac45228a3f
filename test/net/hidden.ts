/** What a scenario asks about a validator that hides: what it did for the chain, and who knows of it. */
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { peerIdOf } from '../../node/network/peer-id.ts'
import { fromHex } from '../../node/types/primitives.ts'
import { claim, type World } from './world.ts'

export interface Deeds {
  readonly blocks: number
  /** Blocks whose certificate has its vote. */
  readonly signed: number
  /** Blocks that it made. */
  readonly proposed: number
}

const addressOf = ({ validatorKeys }: PlannedNode): string => {
  if (validatorKeys === undefined) throw new RangeError('a validator has keys')
  return formatAddress(publicKeyToAddress(validatorKeys.operatorPublicKey))
}

/** Of the blocks in (above, upTo], as `asked` has them. */
export const deedsOf = async (
  world: World,
  { asked, place, above, upTo }: { asked: number; place: number; above: bigint; upTo: bigint },
): Promise<Deeds> => {
  const { api } = await world.client(asked)
  const address = addressOf(world.devnet.nodes[place] as PlannedNode)
  const positions = new Map<string, number>()
  const positionIn = async (epoch: string): Promise<number> => {
    const known = positions.get(epoch)
    if (known !== undefined) return known
    const { validators } = await api.staking.epoch.query({ epoch })
    const position = validators.findIndex(each => each.address === address)
    positions.set(epoch, position)
    return position
  }
  let blocks = 0
  let signed = 0
  let proposed = 0
  for (let height = above + 1n; height <= upTo; height++) {
    const { certificate, proposer } = await api.block.get.query({ height: String(height) })
    blocks++
    if (proposer === address) proposed++
    // A block may be final by the certificate of a later one.
    if (certificate === null) continue
    const position = await positionIn(certificate.epoch)
    const byte = fromHex(certificate.signers.slice(2))[position >> 3] ?? 0
    if ((byte & (1 << (position & 7))) !== 0) signed++
  }
  return { blocks, signed, proposed }
}

/** Neither what the other nodes answer nor what they log names it, nor is anybody connected to it but the sentries. */
export const claimHidden = async (world: World, place: number): Promise<void> => {
  const hidden = world.devnet.nodes[place] as PlannedNode
  const peerId = await peerIdOf(hidden.nodeKey)
  const sentries = world.devnet.nodes.filter(({ kind }) => kind === 'sentry')
  for (const node of world.devnet.nodes) {
    if (node.place === place || !world.devnet.child(node.place).isRunning) continue
    const { api } = await world.client(node.place)
    const answer = JSON.stringify(await api.network.peers.query())
    claim(!answer.includes(peerId), `${node.name} tells of the hidden validator's peer id`)
    if (sentries.includes(node)) continue
    const logged = world.lines.some(
      ({ node: name, line }) => name === node.name && JSON.stringify(line).includes(peerId),
    )
    claim(!logged, `${node.name} knows the hidden validator's peer id`)
  }
  const { api } = await world.client(place)
  const { peers } = await api.network.peers.query()
  claim(
    peers.every(({ kind }) => kind === 'sentry'),
    'the hidden validator talks to others than its sentries',
  )
}
