/** The published cases of cosmos/ics23, as far as they use what this verifier knows. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  applyHash,
  applyInner,
  applyLeaf,
  calculateRoot,
  checkAgainstSpec,
  isOutermost,
  ProofError,
  type TreeSpec,
  verifyAbsence,
  verifyPresence,
} from '../../../node/light/ics23.ts'
import {
  decodeCommitmentProof,
  encodeCommitmentProof,
  type ExistenceProof,
  type InnerOp,
  type LeafOp,
  ProofFormatError,
} from '../../../node/types/commitment-proof.ts'
import { fromHex, toHex } from '../../../node/types/primitives.ts'

interface JsonOp {
  readonly hash?: number
  readonly prehash_key?: number
  readonly prehash_value?: number
  readonly length?: number
  readonly prefix?: string
  readonly suffix?: string
}
interface JsonProof {
  readonly key?: string
  readonly value?: string
  readonly leaf?: JsonOp
  readonly path?: readonly JsonOp[]
}
interface JsonSpec {
  readonly leaf_spec: JsonOp
  readonly inner_spec: {
    readonly child_size: number
    readonly min_prefix_length: number
    readonly max_prefix_length: number
    readonly empty_child?: string
    readonly hash: number
  }
  readonly min_depth?: number
  readonly max_depth?: number
}

const { files } = JSON.parse(
  readFileSync(new URL('../../vectors/merkle/ics23.json', import.meta.url), 'utf8'),
) as { files: Record<string, unknown> }

const fromBase64 = (text: string | undefined | null): Uint8Array =>
  new Uint8Array(Buffer.from(text ?? '', 'base64'))
const toLeaf = (op: JsonOp): LeafOp => ({
  hash: op.hash ?? 0,
  prehashKey: op.prehash_key ?? 0,
  prehashValue: op.prehash_value ?? 0,
  length: op.length ?? 0,
  prefix: fromBase64(op.prefix),
})
const toInner = (op: JsonOp): InnerOp => ({
  hash: op.hash ?? 0,
  prefix: fromBase64(op.prefix),
  suffix: fromBase64(op.suffix),
})
/** Of a proof without a leaf there is no such object: it cannot be decoded either. */
const toProof = ({ key, value, leaf, path = [] }: JsonProof): ExistenceProof | undefined =>
  leaf && { key: fromBase64(key), value: fromBase64(value), leaf: toLeaf(leaf), path: path.map(toInner) }
const toSpec = ({ leaf_spec, inner_spec, min_depth = 0, max_depth = 128 }: JsonSpec): TreeSpec => ({
  leaf: toLeaf(leaf_spec),
  inner: {
    hash: inner_spec.hash,
    childBytes: inner_spec.child_size,
    minPrefixBytes: inner_spec.min_prefix_length,
    maxPrefixBytes: inner_spec.max_prefix_length,
    emptyChild: inner_spec.empty_child === undefined ? undefined : fromBase64(inner_spec.empty_child),
  },
  minDepth: min_depth,
  maxDepth: max_depth,
  comparesKeyHashes: false,
  allowsEmptyValue: false,
})

const plain = { hash: 1, prehash_value: 1, length: 1, prefix: 'AA==' }
/** go/proof_data_test.go and go/ics23.go of the same repository. */
const SPECS: Readonly<Record<string, TreeSpec>> = {
  iavl: toSpec({
    leaf_spec: plain,
    inner_spec: { hash: 1, child_size: 33, min_prefix_length: 4, max_prefix_length: 12 },
  }),
  tendermint: toSpec({
    leaf_spec: plain,
    inner_spec: { hash: 1, child_size: 32, min_prefix_length: 1, max_prefix_length: 1 },
  }),
  smt: {
    ...toSpec({
      leaf_spec: { hash: 1, prehash_key: 1, prehash_value: 1, prefix: 'AA==' },
      inner_spec: {
        hash: 1,
        child_size: 32,
        min_prefix_length: 1,
        max_prefix_length: 1,
        empty_child: Buffer.alloc(32).toString('base64'),
      },
      max_depth: 256,
    }),
    comparesKeyHashes: true,
  },
}

const cases = Object.entries(
  files as Record<string, { key: string; proof: string; root: string; value: string }>,
)
  .filter(([name]) => name.includes('/'))
  .map(([name, value]) => ({ name, spec: SPECS[name.split('/')[0] as string] as TreeSpec, ...value }))

const refused = (run: () => unknown): boolean => {
  try {
    run()
  } catch (error) {
    if (error instanceof ProofError || error instanceof ProofFormatError) return true
    throw error
  }
  return false
}

describe('proofs of other trees', () => {
  test('there are six of each of three', () => expect(cases).toHaveLength(18))

  test.each(cases)('$name holds, and for nothing else', ({ spec, key, proof, root, value }) => {
    const commitment = decodeCommitmentProof(fromHex(proof))
    const [rootBytes, keyBytes, valueBytes] = [root, key, value].map(fromHex) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    const check = (of = keyBytes, to = rootBytes, is = valueBytes): void =>
      commitment.kind === 'exist'
        ? verifyPresence(spec, to, commitment, of, is)
        : verifyAbsence(spec, to, commitment, of)
    check()
    const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
    expect(refused(() => check(keyBytes, flipped(rootBytes)))).toBe(true)
    if (commitment.kind === 'exist') {
      expect(refused(() => check(flipped(keyBytes)))).toBe(true)
      expect(refused(() => check(keyBytes, rootBytes, flipped(valueBytes)))).toBe(true)
      expect(refused(() => verifyAbsence(spec, rootBytes, commitment, keyBytes))).toBe(true)
    } else {
      const { left, right } = commitment.proof
      for (const neighbour of [left, right])
        if (neighbour !== undefined) expect(refused(() => check(neighbour.key))).toBe(true)
    }
  })

  test.each(cases)('$name is encoded as it was published', ({ proof }) => {
    expect(toHex(encodeCommitmentProof(decodeCommitmentProof(fromHex(proof))))).toBe(proof)
  })

  test.each(cases)('$name: shorter and longer bytes are refused', ({ proof }) => {
    const bytes = fromHex(proof)
    for (let length = 0; length < bytes.length; length += 7)
      expect(refused(() => decodeCommitmentProof(bytes.slice(0, length)))).toBe(true)
    expect(refused(() => decodeCommitmentProof(Buffer.concat([bytes, Buffer.of(0)])))).toBe(true)
  })
})

describe('steps', () => {
  type Named<T> = Readonly<Record<string, T>>
  const known = ({ hash = 0, length = 0, prehash_key = 0, prehash_value = 0 }: JsonOp): boolean =>
    [1, 2].includes(hash) && [0, 1].includes(length) && [prehash_key, prehash_value].every(op => op <= 2)

  test.each(
    Object.entries(
      files['TestLeafOpData.json'] as Named<{
        Op: JsonOp
        Key: string
        Value: string
        IsErr: boolean
        Expected: string
      }>,
    ),
  )('a leaf: %s', (_, { Op, Key, Value, IsErr, Expected }) => {
    const apply = () => applyLeaf(toLeaf(Op), fromBase64(Key), fromBase64(Value))
    if (IsErr || !known(Op)) expect(refused(apply)).toBe(true)
    else expect(apply()).toEqual(fromBase64(Expected))
  })

  test.each(
    Object.entries(
      files['TestInnerOpData.json'] as Named<{ Op: JsonOp; Child: string; IsErr: boolean; Expected: string }>,
    ),
  )('an inner node: %s', (_, { Op, Child, IsErr, Expected }) => {
    const apply = () => applyInner(toInner(Op), fromBase64(Child))
    if (IsErr) expect(refused(apply)).toBe(true)
    else expect(apply()).toEqual(fromBase64(Expected))
  })

  test.each(
    Object.entries(
      files['TestExistenceProofData.json'] as Named<{ Proof: JsonProof; IsErr: boolean; Expected: string }>,
    ),
  )('a proof: %s', (_, { Proof, IsErr, Expected }) => {
    const proof = toProof(Proof)
    if (IsErr) expect(proof === undefined || refused(() => calculateRoot(proof))).toBe(true)
    else expect(calculateRoot(proof as ExistenceProof)).toEqual(fromBase64(Expected))
  })

  test.each(
    Object.entries(
      files['TestCheckAgainstSpecData.json'] as Named<{ Proof: JsonProof; Spec: JsonSpec; Err: string }>,
    ),
  )('a proof against its specification: %s', (_, { Proof, Spec, Err }) => {
    const proof = toProof(Proof)
    const isRefused = proof === undefined || refused(() => checkAgainstSpec(proof, toSpec(Spec)))
    expect(isRefused).toBe(Err !== '')
  })

  test.each(
    files['TestEmptyBranchData.json'] as readonly {
      Op: JsonOp
      Spec: JsonSpec
      IsLeft: boolean
      IsRight: boolean
    }[],
  )('an empty branch, case %#', ({ Op, Spec, IsLeft, IsRight }) => {
    const isBeside = (side: 'left' | 'right') => isOutermost(toInner(Op), side, toSpec(Spec))
    // The other side of a step that comes from it is always outermost.
    expect(isBeside('left') && isBeside('right')).toBe(IsLeft || IsRight)
  })

  test.each(
    Object.entries(
      files['TestDoHashData.json'] as Named<{
        HashOp: number
        Preimage?: string
        PreImage?: string
        ExpectedHash: string
      }>,
    ),
  )('hashing: %s', (_, { HashOp, Preimage, PreImage, ExpectedHash }) => {
    const hash = () => applyHash(HashOp, Buffer.from(Preimage ?? PreImage ?? ''))
    if (HashOp > 2) expect(refused(hash)).toBe(true)
    else expect(toHex(hash())).toBe(ExpectedHash)
  })
})
