import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import { LIMITS } from '../../../node/params.ts'
import { blockRecordParts, recordCodec, type StoredRecord } from '../../../node/consensus/records.ts'
import { toHash } from '../../../node/types/primitives.ts'
import type { Certificate, Vote } from '../../../node/types/vote.ts'

const hash = toHash(new Uint8Array(32).fill(5))
const statement = { kind: 'notarize' as const, epoch: 0n, view: 9n, hash }
const vote: Vote = { ...statement, signer: 2, signature: new Uint8Array(96).fill(1) }
const certificate: Certificate = {
  ...statement,
  kind: 'nullify',
  hash: undefined,
  signers: Uint8Array.of(7),
  signature: new Uint8Array(96).fill(2),
}
const block = Uint8Array.of(1, 2, 3)

const messages: WireMessage[] = [
  { kind: 'proposal', view: 9n, block, signature: vote.signature, justification: [certificate] },
  { kind: 'vote', vote },
  { kind: 'certificates', certificates: [certificate] },
  { kind: 'standstill', epoch: 2n, finalView: 3n, certificates: [certificate], votes: [vote] },
  { kind: 'blocksWanted', hash, above: 7n },
  { kind: 'blocks', hash, blocks: [block, block] },
  { kind: 'blocks', hash, blocks: [] },
  { kind: 'certificatesWanted', epoch: 2n, above: 1n, upTo: 9n },
]

const records: StoredRecord[] = [
  { kind: 'owner', chainId: 'vex', epoch: 0n, voteKey: new Uint8Array(48) },
  { kind: 'vote', statement },
  { kind: 'certificate', certificate },
  {
    kind: 'block',
    block: { hash, height: 1n, epoch: 0n, view: 9n, parentHash: hash, parentView: 8n },
    bytes: block,
  },
  { kind: 'sealed', epoch: 3n, view: 70n },
]

const digest = (parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex').slice(0, 16)

describe('messages between validators', () => {
  it.each(messages)('$kind comes back as it was', message => {
    expect(messageCodec.decode(messageCodec.encode(message))).toEqual(message)
  })

  it('refuses a list, a block or a message above its limit', () => {
    const many = Array.from({ length: 66 }, () => certificate)
    expect(() => messageCodec.encode({ kind: 'certificates', certificates: many })).toThrow(/the limit is 65/)
    const large = new Uint8Array(4 * 1024 * 1024 + 1)
    expect(() => messageCodec.encode({ kind: 'blocks', hash, blocks: [large] })).toThrow(/the limit is/)
    expect(() => messageCodec.decode(new Uint8Array(5 * 1024 * 1024))).toThrow(/the limit is/)
  })

  it('keeps its wire format: these bytes are agreed with every other node', () => {
    expect(digest(messages.map(message => messageCodec.encode(message)))).toBe('c65328199af31634')
  })
})

describe('records of the log', () => {
  it.each(records)('$kind comes back as it was', record => {
    expect(recordCodec.decode(recordCodec.encode(record))).toEqual(record)
  })

  it.each([0, 1, 127, 128, 16_383, 16_384, 70_000, LIMITS.blockBytes])(
    'a block of %i bytes is the same in parts, its bytes as they are',
    size => {
      const found = records.find(record => record.kind === 'block')
      if (found === undefined) throw new Error('no record has a block')
      const bytes = new Uint8Array(size).fill(9)
      const parts = blockRecordParts(found.block, bytes)
      expect(parts.at(-1)).toBe(bytes)
      expect(Buffer.concat(parts).equals(recordCodec.encode({ ...found, bytes }))).toBe(true)
    },
  )

  it('a block above its limit is refused in parts too', () => {
    const found = records.find(record => record.kind === 'block')
    if (found === undefined) throw new Error('no record has a block')
    expect(() => blockRecordParts(found.block, new Uint8Array(LIMITS.blockBytes + 1))).toThrow(/the limit is/)
  })

  it('keep their format: logs on disk are read by later versions', () => {
    expect(digest(records.map(record => recordCodec.encode(record)))).toBe('a0f617c0980bf327')
  })
})
