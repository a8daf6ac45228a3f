/** Proofs of the state tree, checked by this project's verifier and by the published one of @confio/ics23. */
import { ics23, verifyMembership } from '@confio/ics23'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProofError, STATE_TREE, verifyAbsence, verifyPresence } from '../../../node/light/ics23.ts'
import { proveKey } from '../../../node/state/proof.ts'
import { type NodeSource, overNodes, updateTree } from '../../../node/state/tree.ts'
import {
  type CommitmentProof,
  decodeCommitmentProof,
  encodeCommitmentProof,
  ProofFormatError,
} from '../../../node/types/commitment-proof.ts'
import { toLatin1 } from '../../../node/types/primitives.ts'

type Entries = ReadonlyMap<string, Uint8Array>

/** The specification in the words of the other verifier. */
const spec = ics23.ProofSpec.create({
  leafSpec: {
    hash: ics23.HashOp.SHA256,
    prehashKey: ics23.HashOp.SHA256,
    prehashValue: ics23.HashOp.SHA256,
    length: ics23.LengthOp.NO_PREFIX,
    prefix: STATE_TREE.leaf.prefix,
  },
  innerSpec: {
    childOrder: [0, 1],
    childSize: 32,
    minPrefixLength: 16,
    maxPrefixLength: 16,
    emptyChild: STATE_TREE.inner.emptyChild as Uint8Array,
    hash: ics23.HashOp.SHA256,
  },
})

/** A tree made in a few versions, so that its nodes are of different ages. */
const treeOf = (versions: readonly (readonly [Uint8Array, Uint8Array | undefined])[][]) => {
  let source: NodeSource = () => undefined
  const values = new Map<string, Uint8Array>()
  let previous: bigint | undefined
  let root: Uint8Array = new Uint8Array(32)
  for (const [i, changes] of versions.entries()) {
    const unique = new Map(changes.map(([key, value]) => [toLatin1(key), { key, value }]))
    const update = updateTree(source, previous, BigInt(i), [...unique.values()])
    source = overNodes(update, source)
    previous = BigInt(i)
    root = update.root
    for (const [name, { value }] of unique) {
      if (value === undefined) values.delete(name)
      else values.set(name, value)
    }
  }
  const state = { source, version: previous ?? 0n, valueOf: (key: Uint8Array) => values.get(toLatin1(key)) }
  return { state, root, values: values as Entries }
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

/** By both verifiers; a proof of absence by its neighbours, whose order by key hash the other does not know of. */
const isAccepted = (
  root: Uint8Array,
  proof: CommitmentProof,
  key: Uint8Array,
  value?: Uint8Array,
): boolean => {
  try {
    if (value === undefined) verifyAbsence(STATE_TREE, root, proof, key)
    else verifyPresence(STATE_TREE, root, proof, key, value)
    return true
  } catch (error) {
    if (error instanceof ProofError) return false
    throw error
  }
}
const isAcceptedElsewhere = (root: Uint8Array, proof: CommitmentProof): boolean => {
  const known = proof.kind === 'exist' ? [proof.proof] : [proof.proof.left, proof.proof.right]
  return known.every(
    part =>
      part === undefined ||
      verifyMembership(
        ics23.CommitmentProof.decode(encodeCommitmentProof({ kind: 'exist', proof: part })),
        spec,
        root,
        part.key,
        part.value,
      ),
  )
}

const key = fc.uint8Array({ minLength: 1, maxLength: 6 })
const change = fc.tuple(
  key,
  fc.option(fc.uint8Array({ minLength: 1, maxLength: 9 }), { nil: undefined, freq: 6 }),
)
const versions = fc.array(fc.array(change, { maxLength: 40 }), { minLength: 1, maxLength: 4 })

describe('a proof', () => {
  test('of every key holds, and of keys that are not there, in random trees', () => {
    fc.assert(
      fc.property(versions, fc.array(key, { maxLength: 20 }), (history, others) => {
        const { state, root, values } = treeOf(history)
        if (values.size === 0) return
        for (const [name, value] of values) {
          const proof = proveKey(state, bytes(name))
          expect(isAccepted(root, proof, bytes(name), value)).toBe(true)
          expect(isAcceptedElsewhere(root, proof)).toBe(true)
          expect(isAccepted(root, proof, bytes(name))).toBe(false)
          expect(isAccepted(root, proof, bytes(name), Buffer.concat([value, Buffer.of(0)]))).toBe(false)
          expect(decodeCommitmentProof(encodeCommitmentProof(proof))).toEqual(proof)
        }
        for (const absent of others.filter(other => !values.has(toLatin1(other)))) {
          const proof = proveKey(state, absent)
          expect(proof.kind).toBe('nonexist')
          expect(isAccepted(root, proof, absent)).toBe(true)
          expect(isAcceptedElsewhere(root, proof)).toBe(true)
          expect(isAccepted(root, proof, absent, Uint8Array.of(1))).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of absence never holds for a key that is there, whatever proof of the tree it is made of', () => {
    fc.assert(
      fc.property(fc.uniqueArray(key, { minLength: 3, maxLength: 30, selector: toLatin1 }), keys => {
        const { state, root } = treeOf([keys.map(each => [each, Uint8Array.of(1)] as const)])
        const proofs = keys.map(each => proveKey(state, each))
        for (const present of keys)
          for (const left of [undefined, ...proofs])
            for (const right of [undefined, ...proofs]) {
              if (left?.kind === 'nonexist' || right?.kind === 'nonexist')
                throw new Error('a key proves absence')
              const made = {
                kind: 'nonexist',
                proof: { key: present, left: left?.proof, right: right?.proof },
              } as const
              expect(isAccepted(root, made, present)).toBe(false)
            }
      }),
      { numRuns: 4 },
    )
  })

  test('that was changed anywhere is refused', () => {
    const { state, root } = treeOf([
      Array.from({ length: 50 }, (_, i) => [bytes(`key ${i}`), bytes(`value ${i}`)] as const),
    ])
    for (const [name, value] of [
      [bytes('key 7'), bytes('value 7')],
      [bytes('no key'), undefined],
    ] as const) {
      const encoded = encodeCommitmentProof(proveKey(state, name))
      for (let at = 0; at < encoded.length; at++) {
        const changed = Uint8Array.from(encoded)
        changed[at] = (changed[at] as number) ^ 4
        let holds = false
        try {
          holds = isAccepted(root, decodeCommitmentProof(changed), name, value)
        } catch (error) {
          if (!(error instanceof ProofFormatError)) throw error
        }
        // A proof of absence says for which key it was made; that it holds for another says nothing else.
        const isKey = value === undefined && at >= 4 && at < 6 + name.length
        if (!isKey) expect(holds, `byte ${at}`).toBe(false)
      }
    }
  })

  test('of absence between the largest values that a state holds can be sent, and nothing much larger', () => {
    const [offences, code] = [new Uint8Array(448 * 1024), new Uint8Array(128 * 1024)]
    const { state, root } = treeOf([[[bytes('offences'), offences] as const, [bytes('code'), code] as const]])
    const between = Array.from({ length: 100 }, (_, i) => bytes(`no key ${i}`)).find(each => {
      const { kind, proof } = proveKey(state, each)
      return kind === 'nonexist' && proof.left !== undefined && proof.right !== undefined
    }) as Uint8Array
    const encoded = encodeCommitmentProof(proveKey(state, between))
    expect(encoded.length).toBeGreaterThan(576 * 1024)
    expect(isAccepted(root, decodeCommitmentProof(encoded), between)).toBe(true)
    expect(() => decodeCommitmentProof(new Uint8Array(1024 * 1024 + 1))).toThrow('they are too many')
  })

  test('of an entry without bytes is for this verifier alone', () => {
    const { state, root } = treeOf([
      [[bytes('a'), new Uint8Array(0)] as const, [bytes('b'), bytes('x')] as const],
    ])
    const proof = proveKey(state, bytes('a'))
    expect(isAccepted(root, proof, bytes('a'), new Uint8Array(0))).toBe(true)
    expect(isAcceptedElsewhere(root, proof)).toBe(false)
  })

  test('of an older version holds for the older root, as long as its nodes are there', () => {
    let source: NodeSource = () => undefined
    const first = updateTree(source, undefined, 0n, [{ key: bytes('a'), value: bytes('1') }])
    source = overNodes(first, source)
    const second = updateTree(source, 0n, 1n, [{ key: bytes('a'), value: bytes('2') }])
    source = overNodes(second, source)
    const at = (version: bigint, value: string) =>
      proveKey({ source, version, valueOf: () => bytes(value) }, bytes('a'))
    expect(isAccepted(first.root, at(0n, '1'), bytes('a'), bytes('1'))).toBe(true)
    expect(isAccepted(second.root, at(1n, '2'), bytes('a'), bytes('2'))).toBe(true)
    expect(isAccepted(second.root, at(0n, '1'), bytes('a'), bytes('1'))).toBe(false)
    expect(() => at(1n, '1')).toThrow('do not belong to one version')
    expect(() => at(2n, '2')).toThrow('pruned')
  })
})
