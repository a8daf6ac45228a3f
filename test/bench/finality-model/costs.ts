/** What the cryptography of consensus, the codec and the disk take on this machine, measured: medians in ms. */
import { mkdtempSync, openSync, closeSync, fdatasyncSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { messageCodec, type WireMessage } from '../../../node/consensus/messages.ts'
import { createVoteKeys } from '../../../node/consensus/vote-keys.ts'
import { blsPublicKeyOf, blsSecretKeyFromSeed, blsVerifyAggregate } from '../../../node/crypto/bls.ts'
import { ecvrfProve, ecvrfVerify } from '#ecvrf'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { sha256 } from '../../../node/crypto/hash.ts'
import { toAddress } from '../../../node/types/primitives.ts'
import type { Validator } from '../../../node/types/validator.ts'
import { certificateProblem, createValidatorSet } from '../../../node/types/validator-set.ts'
import type { Certificate, Vote, VoteStatement } from '../../../node/types/vote.ts'
import { BenchError } from '../error.ts'
import { percentile } from '../statistics.ts'

const CHAIN_ID = 'bench'
const TIMES = 15
const MANY_TIMES = 200
const LOG_WRITE_BYTES = 2_048

export interface Costs {
  readonly signMs: number
  /** A quorum of votes: aggregated and verified, and the certificate made. */
  readonly certifyMs: number
  readonly verifyCertificateMs: number
  readonly vrfProveMs: number
  readonly vrfVerifyMs: number
  /** Of a message's bytes; the fixed part, and each byte. */
  readonly decodeMs: number
  readonly encodeMs: number
  /** A frame of the log, durable. */
  readonly syncMs: number
}

const median = (times: number, work: (turn: number) => void): number => {
  work(0)
  const taken = Array.from({ length: times }, (_, turn) => {
    const startMs = performance.now()
    work(turn + 1)
    return performance.now() - startMs
  })
  return percentile(taken, 0.5)
}

const measureSync = (): number => {
  const directory = mkdtempSync(join(tmpdir(), 'vex-bench-'))
  const handle = openSync(join(directory, 'log'), 'w')
  try {
    return median(MANY_TIMES, () => {
      writeSync(handle, Buffer.alloc(LOG_WRITE_BYTES))
      fdatasyncSync(handle)
    })
  } finally {
    closeSync(handle)
    rmSync(directory, { recursive: true })
  }
}

export const measureCosts = (validators: number): Costs => {
  const secrets = Array.from({ length: validators }, (_, i) =>
    blsSecretKeyFromSeed(sha256(Buffer.from(`key ${i}`))),
  )
  const members = secrets.map(
    (secret, i): Validator => ({
      address: toAddress(new Uint8Array(32).fill(i)),
      voteKey: blsPublicKeyOf(secret),
      vrfKey: new Uint8Array(32),
      power: 1n,
    }),
  )
  const set = createValidatorSet(members)
  const keys = secrets.map(secretKey =>
    createVoteKeys({ chainId: CHAIN_ID, epoch: 0n, validators: set, secretKey }),
  )
  const quorum = Math.floor((2 * validators) / 3) + 1
  const statementOf = (turn: number): VoteStatement => ({
    kind: 'notarize',
    epoch: 0n,
    view: BigInt(turn),
    hash: sha256(Buffer.from(`block ${turn}`)),
  })
  const votesOf = (turn: number): Vote[] => keys.slice(0, quorum).map(key => key.sign(statementOf(turn)))
  const [own] = keys
  if (own === undefined) throw new BenchError('wrong_result', 'there are no validators')
  const certificates: Certificate[] = []
  const prepared = Array.from({ length: TIMES + 1 }, (_, turn) => votesOf(turn))
  const certifyMs = median(TIMES, turn => {
    const made = own.certify(statementOf(turn), prepared[turn] ?? [])
    if ('faulty' in made) throw new BenchError('wrong_result', 'good votes were found faulty')
    certificates.push(made)
  })
  const verifyCertificateMs = median(TIMES, turn => {
    const certificate = certificates[turn]
    if (
      certificate === undefined ||
      certificateProblem(CHAIN_ID, set, certificate, blsVerifyAggregate) !== undefined
    )
      throw new BenchError('wrong_result', 'a good certificate was refused')
  })
  const signMs = median(TIMES, turn => own.sign(statementOf(1_000 + turn)))

  const secret = sha256(Buffer.from('vrf'))
  const publicKey = publicKeyOf(secret)
  const proofs: Uint8Array[] = []
  const vrfProveMs = median(TIMES, turn => proofs.push(ecvrfProve(secret, Buffer.from(`view ${turn}`))))
  const vrfVerifyMs = median(TIMES, turn => {
    if (ecvrfVerify(publicKey, Buffer.from(`view ${turn}`), proofs[turn] ?? new Uint8Array(0)) === undefined)
      throw new BenchError('wrong_result', 'a good proof was refused')
  })

  const vote = prepared[0]?.[0]
  if (vote === undefined) throw new BenchError('wrong_result', 'there are no votes')
  const message: WireMessage = { kind: 'vote', vote }
  const bytes = messageCodec.encode(message)
  return {
    signMs,
    certifyMs,
    verifyCertificateMs,
    vrfProveMs,
    vrfVerifyMs,
    decodeMs: median(MANY_TIMES, () => messageCodec.decode(bytes)),
    encodeMs: median(MANY_TIMES, () => messageCodec.encode(message)),
    syncMs: measureSync(),
  }
}
