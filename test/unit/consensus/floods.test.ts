/** Peers who send without end: what is kept of it has a bound, and others still get through. */
import { describe, expect, it } from 'vitest'
import type { BlockRef } from '../../../node/consensus/block-ref.ts'
import { HeldBlocks } from '../../../node/consensus/held-blocks.ts'
import { Inbox, INBOX_BYTES_PER_PEER, INBOX_MESSAGES_PER_PEER } from '../../../node/consensus/inbox.ts'
import { FETCH_BLOCKS, messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { block, certificate, GENESIS, Harness } from './harness.ts'
import { MemoryApplication, makeBlock } from './single-chain.ts'

const reports: string[] = []
const newInbox = () =>
  new Inbox(new MemoryApplication(), { report: (peer, reason) => reports.push(`${peer} ${reason}`) })
const peer = (id: string) => ({ id, voteKey: undefined })
const wanted = messageCodec.encode({ kind: 'blocksWanted', hash: GENESIS.hash, above: 0n })

describe('the inbox', () => {
  it('takes so many messages of each peer, and of one as many while another floods', () => {
    const inbox = newInbox()
    for (let i = 0; i < 5 * INBOX_MESSAGES_PER_PEER; i++) inbox.receive(peer('flood'), wanted)
    expect(inbox.size).toBe(INBOX_MESSAGES_PER_PEER)
    for (let i = 0; i < 10; i++) expect(inbox.receive(peer('honest'), wanted)).toBe(true)
    expect(inbox.take()).toHaveLength(INBOX_MESSAGES_PER_PEER + 10)
    expect(inbox.receive(peer('flood'), wanted)).toBe(true)
  })

  it('takes so many bytes of each peer, without decoding the rest', () => {
    const inbox = newInbox()
    const large = makeBlock({ epoch: 0n, view: 1n, parent: GENESIS, parentView: 0n }, new Uint8Array(900_000))
    const bytes = messageCodec.encode({ kind: 'blocks', hash: large.ref.hash, blocks: [large.bytes] })
    let taken = 0
    for (let i = 0; i < 100; i++) if (inbox.receive(peer('flood'), bytes)) taken++
    expect(taken).toBe(Math.floor(INBOX_BYTES_PER_PEER / bytes.length))
    expect(inbox.receive(peer('honest'), bytes)).toBe(true)
    // Nonsense from the one who is over its limit is not even read.
    reports.length = 0
    expect(inbox.receive(peer('flood'), new Uint8Array(900_000).fill(250))).toBe(false)
    expect(reports).toEqual([])
  })

  it('reports what cannot be decoded, and blocks that are none', () => {
    const inbox = newInbox()
    reports.length = 0
    expect(inbox.receive(peer('a'), Uint8Array.of(250))).toBe(false)
    const message: WireMessage = { kind: 'blocks', hash: GENESIS.hash, blocks: [Uint8Array.of(1, 2)] }
    inbox.receive(peer('b'), messageCodec.encode(message))
    expect(reports).toEqual([
      expect.stringMatching(/^a unknown|^a .*ConsensusMessage/),
      'b bytes that are no block',
    ])
  })
})

describe('the machine', () => {
  it('holds no more than its windows of votes, whatever views, kinds and blocks they name', () => {
    const node = new Harness(0)
    const kinds = ['notarize', 'nullify', 'finalize'] as const
    for (let i = 0; i < 30_000; i++) {
      const view = BigInt(1 + (i % 5000))
      const kind = kinds[i % 3]!
      node.vote(kind, 1 + (i % 3), view, kind === 'nullify' ? undefined : block(view, GENESIS, `${i}`))
    }
    expect(node.machine.held.votes).toBeLessThanOrEqual(64 * 3 * 3)
    expect(node.machine.held.votes).toBeGreaterThan(64)
  })

  it('holds no more than a window of proposals, however many are made for every view', () => {
    const node = new Harness(0)
    for (let view = 1n; view <= 500n; view++) {
      for (let i = 0; i < 5; i++)
        node.give({ kind: 'proposal', from: Number(view % 4n), view, block: block(view, GENESIS, `${i}`) })
      node.certify('nullify', view)
    }
    expect(node.machine.held.blocks).toBeLessThanOrEqual(64)
  })

  it('wants a certificate once: the rest of a flood is not verified', () => {
    const node = new Harness(0)
    const n1 = certificate('notarize', 1n, block(1n, GENESIS))
    expect(node.machine.wantsCertificate(n1)).toBe(true)
    node.give({ kind: 'certificate', certificate: n1 })
    expect(node.machine.wantsCertificate(n1)).toBe(false)
    expect(node.machine.wantsCertificate({ ...n1, epoch: 1n })).toBe(false)
  })
})

describe('a question for blocks', () => {
  const chain: { ref: BlockRef; bytes: Uint8Array }[] = []
  for (let i = 0; i < 200; i++)
    chain.push(
      makeBlock(
        { epoch: 0n, view: BigInt(i + 1), parent: chain.at(-1)?.ref ?? GENESIS, parentView: BigInt(i) },
        new Uint8Array(i > 150 ? 300_000 : 10),
      ),
    )
  const blocks = new HeldBlocks()
  for (const one of chain.slice(100)) blocks.keep(one)
  const load = (hash: Uint8Array) => chain.slice(0, 100).find(({ ref }) => toHex(ref.hash) === toHex(hash))
  const heights = (answer: Uint8Array[]) =>
    answer.map(bytes => Number(new MemoryApplication().identifyBlock(bytes)?.height))

  it('is answered with the block and its ancestors above a height, from memory and database', () => {
    expect(heights(blocks.answer(chain[102]!.ref.hash, 98n, load))).toEqual([103, 102, 101, 100, 99])
    expect(heights(blocks.answer(chain[102]!.ref.hash, 500n, load))).toEqual([103])
    expect(blocks.answer(GENESIS.hash, 0n, load)).toEqual([])
  })

  it('never with more than so many, nor with more bytes than one block and a megabyte', () => {
    expect(heights(blocks.answer(chain[140]!.ref.hash, 0n, load))).toHaveLength(FETCH_BLOCKS)
    const large = blocks.answer(chain[199]!.ref.hash, 0n, load)
    expect(heights(large)).toEqual([200, 199, 198])
    expect(messageCodec.encode({ kind: 'blocks', hash: GENESIS.hash, blocks: large }).length).toBeLessThan(
      1 << 20,
    )
  })
})
