/** When an operator's node sends evidence, sends it again, and lets it be. */
import { beforeEach, describe, expect, it } from 'vitest'
import { verifyNative } from '../../node/crypto/ed25519.ts'
import { createEvidenceReporter, type EvidenceReporter } from '../../node/evidence-reporter.ts'
import { intrinsicGas } from '../../node/transition/gas.ts'
import { refuseByForm } from '../../node/transition/admission.ts'
import { type Evidence, voteEvidence } from '../../node/types/evidence.ts'
import { type Address, toHash } from '../../node/types/primitives.ts'
import { type ParsedTransaction, parseTransaction } from '../../node/types/transaction.ts'
import { testAccount } from '../support/transactions.ts'

const operator = testAccount('operator')
const offender = testAccount('offender').address

const evidence = (view: bigint): Evidence => {
  const vote = (byte: number) => ({
    kind: 'finalize' as const,
    epoch: 3n,
    view,
    hash: toHash(new Uint8Array(32).fill(byte)),
    signer: 2,
    signature: new Uint8Array(96).fill(byte),
  })
  const found = voteEvidence(vote(1), vote(2))
  if (found === undefined) throw new Error('they conflict')
  return found
}

let reporter: EvidenceReporter
let sent: ParsedTransaction[]
let problems: { message: string; hex: string }[]
let height: bigint
let left: readonly Address[] | undefined
let answer: { accepted: true } | { accepted: false; message: string }

beforeEach(() => {
  sent = []
  problems = []
  height = 100n
  left = [offender]
  answer = { accepted: true }
  reporter = createEvidenceReporter({
    chainId: 'test',
    operatorSecretKey: operator.secretKey,
    unconvicted: (epoch, positions) => (epoch === 3n && positions.join() === '2' ? left : undefined),
    nextHeight: () => height,
    baseFee: () => 5n,
    pendingNonce: () => BigInt(sent.length),
    submit: transaction => {
      sent.push(parseTransaction(transaction))
      return Promise.resolve(answer)
    },
    onProblem: problem => problems.push(problem),
  })
})

const blocks = (count: number): void => {
  for (let i = 0; i < count; i++) {
    height += 1n
    reporter.onCommit()
  }
}

/** Until what was sent is answered. */
const settled = () => new Promise(setImmediate)

describe('evidence', () => {
  it('is sent at once, signed by the operator, with the gas it takes', () => {
    reporter.report(evidence(7n))
    expect(sent).toHaveLength(1)
    const [parsed] = sent as [ParsedTransaction]
    const { body } = parsed.transaction
    expect(parsed.sender).toEqual(operator.address)
    expect(verifyNative(body.sender, parsed.id, parsed.transaction.signature)).toBe(true)
    expect(body.action).toEqual({ kind: 'submitEvidence', evidence: evidence(7n) })
    expect(body.gasLimit).toBeGreaterThanOrEqual(intrinsicGas(body.action, parsed.bytes.length))
    const context = { chainId: 'test', height, baseFee: 20n, blockGasLimit: 1_000_000_000n }
    expect(refuseByForm(parsed, context)).toBeUndefined()
  })

  it('is sent once while its transaction may still come, and again when it has not', () => {
    reporter.report(evidence(7n))
    reporter.report(evidence(7n))
    blocks(20)
    expect(sent).toHaveLength(1)
    blocks(1)
    expect(sent).toHaveLength(2)
    expect(sent[1]?.transaction.body.nonce).toBe(1n)
  })

  it('is let be once whoever it convicts is tombstoned, or the state forgot the epoch', () => {
    reporter.report(evidence(7n))
    left = []
    blocks(100)
    expect(sent).toHaveLength(1)
    left = undefined
    reporter.report(evidence(8n))
    left = [offender]
    blocks(100)
    expect(sent).toHaveLength(1)
  })

  it('that the node does not take is tried again after each block, and told of every 21 blocks', async () => {
    answer = { accepted: false, message: 'the account holds nothing' }
    reporter.report(evidence(7n))
    await settled()
    const told = {
      message: 'the account holds nothing',
      hex: expect.stringMatching(/^00[0-9a-f]+$/) as string,
    }
    expect(problems).toEqual([told])
    for (let i = 1; i <= 20; i++) {
      blocks(1)
      await settled()
      expect(sent).toHaveLength(1 + i)
    }
    expect(problems).toEqual([told])
    blocks(1)
    await settled()
    expect(problems).toEqual([told, told])
    answer = { accepted: true }
    blocks(1)
    await settled()
    expect(sent).toHaveLength(23)
    blocks(20)
    expect(sent).toHaveLength(23)
  })

  it('is kept for 128 at most', () => {
    for (let view = 1n; view <= 200n; view++) reporter.report(evidence(view))
    expect(sent).toHaveLength(128)
  })
})
