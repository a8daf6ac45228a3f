/** Every pair of votes over two epochs, two views, two blocks: which of them is slashable, said a second time. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  certificateEvidence,
  conflictOf,
  convictedBy,
  type Evidence,
  EVIDENCE_BYTES,
  evidenceCodec,
  voteEvidence,
} from '../../../node/types/evidence.ts'
import { type Hash, toHash } from '../../../node/types/primitives.ts'
import { type Certificate, type Vote, VOTE_KINDS, type VoteStatement } from '../../../node/types/vote.ts'

const hashOf = (byte: number): Hash => toHash(new Uint8Array(32).fill(byte))
const NAMES: Record<string, Hash> = { B: hashOf(1), 'B′': hashOf(2) }

/** "N(B) 3/7": kind, block, epoch and view. */
const statements: [string, VoteStatement][] = VOTE_KINDS.flatMap(kind =>
  (kind === 'nullify' ? [''] : Object.keys(NAMES)).flatMap(name =>
    [3n, 4n].flatMap(epoch =>
      [7n, 8n].map((view): [string, VoteStatement] => [
        `${{ notarize: 'N', nullify: 'L', finalize: 'F' }[kind]}${name && `(${name})`} ${epoch}/${view}`,
        { kind, epoch, view, hash: NAMES[name] },
      ]),
    ),
  ),
)

/** The page's sentence, pair by pair; everything that is not here is not slashable. */
const SLASHABLE: Record<string, string> = {
  'N(B)|N(B′)': 'two_notarize',
  'F(B)|F(B′)': 'two_finalize',
  'L|F(B)': 'nullify_and_finalize',
  'L|F(B′)': 'nullify_and_finalize',
}

const voteOf = (statement: VoteStatement, signer = 5, signature = 1): Vote => ({
  ...statement,
  signer,
  signature: new Uint8Array(96).fill(signature),
})
const certificateOf = (statement: VoteStatement, ...signers: number[]): Certificate => {
  const bitmap = new Uint8Array(16)
  for (const signer of signers) bitmap[signer >> 3]! |= 1 << (signer & 7)
  return { ...statement, signers: bitmap, signature: new Uint8Array(96).fill(1) }
}

const pairs = statements.flatMap(a => statements.map(b => [a, b] as const))

describe('what is slashable', () => {
  it(`is what the table says, for each of ${pairs.length} pairs and both ways round`, () => {
    expect(pairs).toHaveLength(400)
    let slashable = 0
    for (const [[nameA, a], [nameB, b]] of pairs) {
      const [voteA, placeA] = nameA.split(' ')
      const [voteB, placeB] = nameB.split(' ')
      const expected =
        placeA === placeB ? (SLASHABLE[`${voteA}|${voteB}`] ?? SLASHABLE[`${voteB}|${voteA}`]) : undefined
      expect(conflictOf(a, b), `${nameA} with ${nameB}`).toBe(expected)
      if (expected !== undefined) slashable++
    }
    // Four pairs, both ways round, in two epochs of two views.
    expect(slashable).toBe(4 * 2 * 4)
  })

  it('never convicts for one vote with two signatures, nor for votes of two signers', () => {
    for (const [, statement] of statements)
      expect(voteEvidence(voteOf(statement, 5, 1), voteOf(statement, 5, 2))).toBeUndefined()
    for (const [[, a], [, b]] of pairs) expect(voteEvidence(voteOf(a, 5), voteOf(b, 6))).toBeUndefined()
  })

  it('is put in one order, whichever came first, and convicts in no other', () => {
    for (const [[, a], [, b]] of pairs) {
      if (conflictOf(a, b) === undefined) continue
      const evidence = voteEvidence(voteOf(a), voteOf(b)) as Evidence & { kind: 'votes' }
      expect(voteEvidence(voteOf(b), voteOf(a))).toEqual(evidence)
      expect(convictedBy(evidence)).toEqual([5])
      expect(convictedBy({ ...evidence, first: evidence.second, second: evidence.first })).toEqual([])
      expect(certificateEvidence(certificateOf(a, 1), certificateOf(b, 1))).toEqual(
        certificateEvidence(certificateOf(b, 1), certificateOf(a, 1)),
      )
    }
  })

  it('convicts who stands in both certificates, up to the last of 128', () => {
    const [n, other] = [statements[0]![1], { ...statements[0]![1], hash: NAMES['B′'] }]
    const evidence = certificateEvidence(
      certificateOf(n, 0, 7, 8, 90, 127),
      certificateOf(other, 1, 7, 9, 90, 127),
    )
    expect(convictedBy(evidence as Evidence)).toEqual([7, 90, 127])
    const apart = certificateEvidence(certificateOf(n, 0, 1), certificateOf(other, 2, 3))
    expect(convictedBy(apart as Evidence)).toEqual([])
  })

  it('convicts nobody for what is no evidence, however it is written', () => {
    for (const [[, a], [, b]] of pairs) {
      if (conflictOf(a, b) !== undefined) continue
      expect(convictedBy({ kind: 'votes', first: voteOf(a), second: voteOf(b) })).toEqual([])
      expect(
        convictedBy({ kind: 'certificates', first: certificateOf(a, 1), second: certificateOf(b, 1) }),
      ).toEqual([])
    }
  })
})

describe('its bytes', () => {
  const all = pairs.flatMap(([[, a], [, b]]) => {
    const votes = voteEvidence(voteOf(a), voteOf(b))
    const certificates = certificateEvidence(certificateOf(a, 1), certificateOf(b, 1))
    return [votes, certificates].filter(evidence => evidence !== undefined)
  })

  it('come back as they were, and fit', () => {
    for (const evidence of all) {
      const bytes = evidenceCodec.encode(evidence)
      expect(evidenceCodec.decode(bytes)).toEqual(evidence)
      expect(bytes.length).toBeLessThanOrEqual(EVIDENCE_BYTES / 2)
    }
    expect(() => evidenceCodec.decode(new Uint8Array(EVIDENCE_BYTES + 1))).toThrow(/the limit is/)
    expect(() => evidenceCodec.decode(Uint8Array.of(2, 0))).toThrow(/Evidence number 2/)
  })

  it('are fixed: every node has to read them alike', () => {
    const digest = createHash('sha256')
    for (const evidence of all) digest.update(evidenceCodec.encode(evidence))
    expect(digest.digest('hex').slice(0, 16)).toBe('65da1a8368230115')
  })
})
