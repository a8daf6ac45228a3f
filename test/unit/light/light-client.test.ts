import { describe, expect, test } from 'vitest'
import { LightClientError, type LightClientErrorCode } from '../../../node/light/error.ts'
import { LightClient } from '../../../node/light/light-client.ts'
import { accountKey, storageKey } from '../../../node/state/keys.ts'
import { blockHash } from '../../../node/types/block.ts'
import { finalHeaderCodec, handOverCodec } from '../../../node/types/hand-over.ts'
import { ZERO_HASH } from '../../../node/types/primitives.ts'
import {
  certify,
  CHAIN_ID,
  CONTRACT,
  EPOCH_BLOCKS,
  finalAt,
  genesis,
  GENESIS_HASH,
  handOverOf,
  headerAt,
  NOBODY,
  proofOf,
  RICH,
  SETS,
  SLOT,
  START_MS,
} from './light-chain.ts'

const DAY_MS = 86_400_000n
const NOW = START_MS + 60_000n
const options = { trustingPeriodMs: DAY_MS }

const fresh = (): LightClient => LightClient.fromGenesis(genesis, GENESIS_HASH, options)
/** In epoch `epoch`, by every hand-over before. */
const at = (epoch: bigint): LightClient => {
  const client = fresh()
  for (let e = 0n; e < epoch; e++) client.handOver(handOverOf(e), NOW)
  return client
}

const refusalOf = (run: () => unknown): LightClientErrorCode | 'accepted' => {
  try {
    run()
  } catch (error) {
    if (error instanceof LightClientError) return error.code
    throw error
  }
  return 'accepted'
}

describe('a light client', () => {
  test('goes from the genesis through epochs whose whole set changes, and verifies any header of its epoch', () => {
    const client = fresh()
    expect(client.verify(finalAt(1n), NOW).header.height).toBe(1n)
    for (let e = 0n; e < 3n; e++) client.handOver(handOverOf(e), NOW)
    expect(client.epoch).toBe(3n)
    const verified = client.verify(finalAt(11n), NOW)
    expect(verified.hash).toEqual(blockHash(verified.header))
    expect(client.trustedMs).toBe(verified.header.timeMs)
  })

  test('starts from a header that the user trusts, with its validators', () => {
    const header = headerAt(8n)
    const checkpoint = { chainId: CHAIN_ID, epochBlocks: EPOCH_BLOCKS, header, validators: SETS[2] ?? [] }
    const client = LightClient.fromCheckpoint(checkpoint, options)
    client.verify(finalAt(9n), NOW)
    client.handOver(handOverOf(2n), NOW)
    client.verify(finalAt(10n), NOW)
    const other = { ...checkpoint, validators: SETS[1] ?? [] }
    expect(refusalOf(() => LightClient.fromCheckpoint(other, options))).toBe('wrong_set')
    const foreign = { ...checkpoint, chainId: 'other' }
    expect(refusalOf(() => LightClient.fromCheckpoint(foreign, options))).toBe('wrong_chain')
  })

  test('takes what any node sends as bytes', () => {
    const client = fresh()
    const final = finalHeaderCodec.decode(finalHeaderCodec.encode(finalAt(2n)))
    client.verify(final, NOW)
    client.handOver(handOverCodec.decode(handOverCodec.encode(handOverOf(0n))), NOW)
    expect(client.epoch).toBe(1n)
  })

  test('verifies accounts and storage, present and absent', () => {
    const client = fresh()
    const header = client.verify(finalAt(1n), NOW)
    expect(client.account(header, RICH, proofOf(accountKey(RICH)))).toMatchObject({ nonce: 3n, balance: 77n })
    expect(client.account(header, NOBODY, proofOf(accountKey(NOBODY)))).toBeUndefined()
    expect(client.storage(header, CONTRACT, SLOT, proofOf(storageKey(CONTRACT, SLOT)))).toEqual(
      Uint8Array.of(1, 2, 3),
    )
    const other = Uint8Array.of(1)
    expect(client.storage(header, CONTRACT, other, proofOf(storageKey(CONTRACT, other)))).toBeUndefined()
  })
})

describe('a light client refuses', () => {
  test('another genesis than the trusted one', () => {
    expect(refusalOf(() => LightClient.fromGenesis({ ...genesis, timeMs: 1n }, GENESIS_HASH, options))).toBe(
      'wrong_chain',
    )
  })

  test.each<[what: string, code: LightClientErrorCode, run: (client: LightClient) => unknown]>([
    ['another chain', 'wrong_chain', client => client.verify(finalAt(4n, { chainId: 'other' }), NOW)],
    ['a later epoch, without its hand-over', 'wrong_epoch', client => client.verify(finalAt(7n), NOW)],
    ['a height of another epoch', 'wrong_epoch', client => client.verify(finalAt(4n, { height: 3n }), NOW)],
    [
      'a header that names other validators',
      'wrong_set',
      client => client.verify(finalAt(4n, { validatorsHash: ZERO_HASH }), NOW),
    ],
    [
      'a header that is not the certified one',
      'not_final',
      client => client.verify({ ...finalAt(4n), header: headerAt(4n, { gasUsed: 1n }) }, NOW),
    ],
    [
      'a certificate of two thirds, which is no quorum of four',
      'not_final',
      client => {
        const header = headerAt(4n)
        return client.verify({ header, certificate: certify(header, { signers: [0, 1] }) }, NOW)
      },
    ],
    [
      'a block that was only notarised',
      'not_final',
      client => {
        const header = headerAt(4n)
        return client.verify({ header, certificate: certify(header, { change: { kind: 'notarize' } }) }, NOW)
      },
    ],
    [
      'a certificate of another epoch',
      'not_final',
      client => {
        const header = headerAt(4n)
        return client.verify({ header, certificate: certify(header, { change: { epoch: 0n } }) }, NOW)
      },
    ],
    [
      'signers who did not sign',
      'not_final',
      client => {
        const header = headerAt(4n)
        const certificate = certify(header, { signers: [0, 1, 2] })
        return client.verify({ header, certificate: { ...certificate, signers: Uint8Array.of(0b1111) } }, NOW)
      },
    ],
    [
      'a signer beyond the set',
      'not_final',
      client => {
        const header = headerAt(4n)
        return client.verify(
          { header, certificate: { ...certify(header), signers: Uint8Array.of(0b11111) } },
          NOW,
        )
      },
    ],
    [
      'a block of the future',
      'from_the_future',
      client => client.verify(finalAt(4n, { timeMs: NOW + 60_000n }), NOW),
    ],
    [
      'a hand-over to validators whom nobody voted for',
      'wrong_set',
      client => client.handOver({ ...handOverOf(1n), nextValidators: [...(SETS[3] ?? [])] }, NOW),
    ],
    [
      'a hand-over before the epoch ends',
      'wrong_epoch',
      client => client.handOver({ ...finalAt(5n), nextValidators: [...(SETS[2] ?? [])] }, NOW),
    ],
    ['a hand-over of the epoch before', 'wrong_epoch', client => client.handOver(handOverOf(0n), NOW)],
    [
      'anything, when what it trusts is too old',
      'expired_trust',
      client => client.verify(finalAt(4n), START_MS + 3_000n + DAY_MS + 1n),
    ],
  ])('%s', (_, code, run) => {
    const client = at(1n)
    expect(refusalOf(() => run(client))).toBe(code)
    // And stands where it stood.
    expect(client.epoch).toBe(1n)
    client.verify(finalAt(4n), NOW)
  })

  test('a fork, and hands out what convicts its voters', () => {
    const client = at(1n)
    const [honest, fork] = [finalAt(5n), finalAt(5n, { gasUsed: 9n })]
    client.verify(honest, NOW)
    try {
      client.verify(fork, NOW)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'fork', evidence: [honest, fork] })
    }
    client.verify(honest, NOW)
  })

  test('a fork of an epoch that has ended, as long as its voters can be punished', () => {
    const client = at(2n)
    const [honest, fork] = [finalAt(6n), finalAt(6n, { gasUsed: 9n })]
    expect(client.verify(honest, NOW).header.height).toBe(6n)
    try {
      client.verify(fork, NOW)
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({ code: 'fork', evidence: [honest, fork] })
    }
    // What keeps the client's trust young does not prolong that in those who have gone since.
    const later = START_MS + DAY_MS
    client.verify(finalAt(7n, { timeMs: later }), later)
    expect(client.verify(finalAt(5n), later).header.height).toBe(5n)
    const tooLate = START_MS + 6_000n + DAY_MS + 1n
    expect(refusalOf(() => client.verify(finalAt(5n), tooLate))).toBe('expired_trust')
    client.verify(finalAt(8n), tooLate)
  })

  test('an ended epoch that would prolong its trust', () => {
    const client = at(1n)
    const before = client.trustedMs
    client.verify(finalAt(2n, { timeMs: NOW }), NOW)
    expect(client.trustedMs).toBe(before)
  })

  test('epochs that ended long ago', () => {
    const client = at(1n)
    for (let e = 1n; e < 10n; e++) client.handOver(handOverOf(e), NOW)
    expect(refusalOf(() => client.verify(finalAt(3n), NOW))).toBe('wrong_epoch')
    client.verify(finalAt(7n), NOW)
  })

  test('a fork of the checkpoint itself', () => {
    const header = headerAt(8n)
    const start = LightClient.fromCheckpoint(
      { chainId: CHAIN_ID, epochBlocks: EPOCH_BLOCKS, header, validators: SETS[2] ?? [] },
      options,
    )
    expect(refusalOf(() => start.verify(finalAt(8n, { gasUsed: 9n }), NOW))).toBe('fork')
    start.verify(finalAt(8n), NOW)
  })

  test('proofs of another key, of another root, changed, or of a header it did not verify', () => {
    const client = fresh()
    const header = client.verify(finalAt(1n), NOW)
    const proof = proofOf(accountKey(RICH))
    expect(refusalOf(() => client.account(header, NOBODY, proof))).toBe('proof_refused')
    const changed = proof.map((byte, i) => (i === proof.length - 1 ? byte ^ 1 : byte))
    expect(refusalOf(() => client.account(header, RICH, changed))).toBe('proof_refused')
    expect(refusalOf(() => client.account(header, RICH, new Uint8Array(9)))).toBe('proof_refused')
    const elsewhere = client.verify(finalAt(2n, { stateRoot: ZERO_HASH }), NOW)
    expect(refusalOf(() => client.account(elsewhere, RICH, proof))).toBe('proof_refused')
    expect(() => client.account({ ...header }, RICH, proof)).toThrow(TypeError)
  })
})
