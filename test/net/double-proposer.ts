/**
 * A validator that proposes two blocks in each view that it leads. It is a whole node with the fourth one's keys, whose
 * messages pass through here: its block goes to the one half of the others, and a second one, as valid and signed as well,
 * to the other half. Then, as it is told:
 * - careful: no half ever hears from it what gives the other one's block away (test/sim/adversaries/careful-splitter.ts);
 * - crossing: a while later it votes for the second block in the first half, and for the first in the second: a quorum for both
 *   is what it hopes for (test/sim/adversaries/split-proposer.ts).
 *
 * The smaller half gets the second block, so that its own node, which voted for the first, does not see a certificate
 * with a vote that it did not make: it would stop for having met its own key.
 */
import { pino } from 'pino'
import type { PlannedNode } from '../../cli/devnet/plan.ts'
import { messageCodec, type WireMessage } from '../../node/consensus/messages.ts'
import type { Transport } from '../../node/consensus/ports.ts'
import { startNode } from '../../node/node.ts'
import type { Vote } from '../../node/types/vote.ts'
import { blockCodec, blockHash } from '../../node/types/block.ts'
import { type ImpostorOptions, openImpostor } from './impostor.ts'

export interface DoubleProposer {
  readonly close: () => Promise<void>
  /** In which it has proposed twice, by `epoch/view`. */
  readonly views: ReadonlySet<string>
  /** What ended its node, if something did. */
  readonly failures: readonly unknown[]
}

export type DoubleProposal = 'careful' | 'crossing'

const LATER_MS = 60

export const startDoubleProposer = async (
  node: PlannedNode,
  options: ImpostorOptions,
  { dataDirectory, form }: { readonly dataDirectory: string; readonly form: DoubleProposal },
): Promise<DoubleProposer> => {
  const { transport, keys, sign, close } = await openImpostor(node, options)
  const views = new Set<string>()
  const failures: unknown[] = []
  const send = (to: readonly string[], message: WireMessage): void => {
    const bytes = messageCodec.encode(message)
    for (const peer of to) transport.send(peer, bytes)
  }

  /** False: it is to go out as it is. */
  const split = (first: WireMessage): boolean => {
    if (first.kind !== 'proposal') return false
    const { header, transactions } = blockCodec.decode(first.block)
    // Of an epoch's last block, proposed once more, there is no other.
    if (header.view !== first.view) return false
    const others = transport.peers().map(({ id }) => id)
    const few = others.slice(0, Math.floor(others.length / 2))
    const many = others.slice(few.length)
    if (few.length === 0) return false
    const second = { ...header, timeMs: header.timeMs + 1n }
    const { epoch, view } = header
    const [voteForFirst, voteForSecond] = [header, second].map(each =>
      sign({ kind: 'notarize', epoch, view, hash: blockHash(each) }),
    ) as [ReturnType<typeof sign>, ReturnType<typeof sign>]
    const block = blockCodec.encode({ header: second, transactions })
    send(many, first)
    send(few, { ...first, block, signature: voteForSecond.signature })
    views.add(`${epoch}/${view}`)
    if (form === 'careful') return true
    setTimeout(() => {
      send(many, { kind: 'vote', vote: voteForSecond })
      send(few, { kind: 'vote', vote: voteForFirst })
    }, LATER_MS).unref()
    return true
  }

  const isOneSided = ({ kind, epoch, view }: Vote): boolean =>
    kind === 'notarize' && views.has(`${epoch}/${view}`)

  /** Its own node repeats its votes to everybody when nothing becomes final. */
  const withoutSides = (message: WireMessage): WireMessage =>
    message.kind === 'standstill'
      ? { ...message, votes: message.votes.filter(vote => !isOneSided(vote)) }
      : message

  const twoFaced: Transport = {
    ...transport,
    broadcast(message) {
      const decoded = messageCodec.decode(message)
      if (split(decoded)) return
      transport.broadcast(form === 'careful' ? messageCodec.encode(withoutSides(decoded)) : message)
    },
  }
  const liar = await startNode({
    dataDirectory,
    host: '127.0.0.1',
    port: 0,
    createGenesis: () => options.genesis,
    validatorKeys: keys,
    transport: twoFaced,
    logger: pino({ level: 'silent' }),
    onFatal: error => failures.push(error),
  })
  return {
    views,
    failures,
    async close() {
      await liar.stop()
      await close()
    },
  }
}
