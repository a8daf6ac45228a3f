import { describe, expect, it } from 'vitest'
import { REQUESTS } from '../../../node/network/request-table.ts'
import { LIMITS } from '../../../node/params.ts'
import {
  blocksAnswerCodec,
  blocksRequestCodec,
  handOversAnswerCodec,
  handOversRequestCodec,
  headersAnswerCodec,
  headersRequestCodec,
  MOST,
  snapshotPartAnswerCodec,
  snapshotPartRequestCodec,
  snapshotsAnswerCodec,
  snapshotsRequestCodec,
} from '../../../node/sync/messages.ts'
import { headerCodec } from '../../../node/types/block.ts'
import { toHash, toHex } from '../../../node/types/primitives.ts'

const hash = (byte: number) => toHash(new Uint8Array(32).fill(byte))
const certificate = {
  kind: 'finalize' as const,
  epoch: 3n,
  view: 9n,
  hash: hash(5),
  signers: Uint8Array.of(7),
  signature: new Uint8Array(96).fill(2),
}
const bytes = Uint8Array.of(1, 2, 3)

const encoded: Record<string, Uint8Array> = {
  handOversRequest: handOversRequestCodec.encode({ version: 1, fromEpoch: 258n }),
  handOversAnswer: handOversAnswerCodec.encode({ handOvers: [bytes, bytes] }),
  headersRequest: headersRequestCodec.encode({ version: 1, from: 258n, count: 513 }),
  headersAnswer: headersAnswerCodec.encode({ headers: [bytes], certificate }),
  headersAnswerWithout: headersAnswerCodec.encode({ headers: [bytes], certificate: undefined }),
  blocksRequest: blocksRequestCodec.encode({ version: 1, from: 258n, count: 513, skip: 70_000 }),
  blocksAnswer: blocksAnswerCodec.encode({ firstBytes: 70_000, blocks: [bytes] }),
  snapshotsRequest: snapshotsRequestCodec.encode({ version: 1 }),
  snapshotsAnswer: snapshotsAnswerCodec.encode({
    snapshots: [{ height: 258n, blockHash: hash(1), manifestHash: hash(2) }],
  }),
  snapshotPartRequest: snapshotPartRequestCodec.encode({
    version: 1,
    height: 258n,
    manifestHash: hash(2),
    file: 'chunks/all',
    offset: 70_000n,
  }),
  snapshotPartAnswer: snapshotPartAnswerCodec.encode({ fileBytes: 70_000n, bytes }),
}

const golden: Record<string, string> = {
  handOversRequest: '010201000000000000',
  handOversAnswer: '020301020303010203',
  headersRequest: '0102010000000000000102',
  headersAnswer:
    '01030102030102030000000000000009000000000000000105050505050505050505050505050505050505050505050505050505050505050107020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202',
  headersAnswerWithout: '010301020300',
  blocksRequest: '010201000000000000010270110100',
  blocksAnswer: '701101000103010203',
  snapshotsRequest: '01',
  snapshotsAnswer:
    '01020100000000000001010101010101010101010101010101010101010101010101010101010101010202020202020202020202020202020202020202020202020202020202020202',
  snapshotPartRequest:
    '01020100000000000002020202020202020202020202020202020202020202020202020202020202020a6368756e6b732f616c6c7011010000000000',
  snapshotPartAnswer: '701101000000000003010203',
}

describe('what peers ask and answer', () => {
  it.each(Object.entries(encoded))('%s keeps its bytes', (name, found) => {
    expect(toHex(found)).toBe(golden[name])
  })

  it('fits the table at its largest', () => {
    const header = new Uint8Array(headerCodec.maxBytes)
    const headers = headersAnswerCodec.encode({
      headers: Array.from({ length: MOST.headers }, () => header),
      certificate,
    })
    expect(headers.length).toBeLessThanOrEqual(REQUESTS.headers.maxAnswerBytes)
    const part = snapshotPartAnswerCodec.encode({
      fileBytes: 1n << 40n,
      bytes: new Uint8Array(MOST.partBytes),
    })
    expect(part.length).toBeLessThanOrEqual(REQUESTS.snapshotPart.maxAnswerBytes)
    const block = blocksAnswerCodec.encode({
      firstBytes: LIMITS.blockBytes,
      blocks: [new Uint8Array(MOST.blockBytes)],
    })
    expect(block.length).toBeLessThanOrEqual(REQUESTS.blocks.maxAnswerBytes)
    const file = 'x'.repeat(MOST.fileNameBytes)
    snapshotPartRequestCodec.encode({ version: 1, height: 1n, manifestHash: hash(1), file, offset: 1n })
  })

  it('of another version is refused', () => {
    expect(() => headersRequestCodec.decode(Uint8Array.of(2, ...new Uint8Array(10)))).toThrow(
      'version 2 is not known',
    )
  })
})
