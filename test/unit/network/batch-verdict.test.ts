/** What gossip is told of a batch: honest nodes never pass on what another honest node punishes. */
import * as fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SubmitRefusalCode, SubmitResult } from '../../../node/api/backend.ts'
import { type AdmissionResult, batchVerdict, REFUSAL_CLASSES } from '../../../node/network/batch-verdict.ts'
import { REFUSAL_CODES, refuseByForm } from '../../../node/transition/admission.ts'
import { ZERO_HASH } from '../../../node/types/primitives.ts'
import { verifyNative } from '../../../node/crypto/ed25519.ts'
import { type ParsedTransaction, parseTransaction } from '../../../node/types/transaction.ts'
import { createSubmission } from '../../../node/submission.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'
import { addressOf, make } from '../mempool/make.ts'

const CODES = Object.keys(REFUSAL_CLASSES) as SubmitRefusalCode[]
const of = (kind: string) => CODES.filter(code => REFUSAL_CLASSES[code] === kind)
const refused = (code: SubmitRefusalCode): AdmissionResult => ({ accepted: false, code })
const transfer = { kind: 'transfer' as const, to: addressOf('bob'), amount: 1n }
const NEWS: AdmissionResult = { accepted: true }

describe('the table of refusals', () => {
  it('knows every code that a submission can be refused with, and no other', () => {
    const source = readFileSync(join(import.meta.dirname, '../../../node/api/backend.ts'), 'utf8')
    const [, union = ''] = /export type SubmitRefusalCode =\n((?: {2}\| .*\n)+)/.exec(source) ?? []
    const own = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code as string)
    expect(own.length).toBeGreaterThan(5)
    expect([...CODES].sort()).toEqual([...REFUSAL_CODES, ...own].sort())
    // The same for the compiler, and that a submission's results are what the verdict takes.
    const complete: Readonly<Record<SubmitRefusalCode, string>> = REFUSAL_CLASSES
    const results: readonly SubmitResult[] = [{ accepted: true, id: ZERO_HASH }]
    expect([batchVerdict(results), Object.keys(complete).length]).toEqual([{ kind: 'accept' }, CODES.length])
  })

  it('calls no code refused that a submission gives to what is badly signed', async () => {
    const { bytes, id } = signedTransaction(testAccount('alice'), 0n, transfer, { validUntilHeight: 50n })
    const forged = Uint8Array.from(bytes)
    forged[forged.length - 40] = (forged[forged.length - 40] as number) ^ 1
    const codeOf = async (state: {
      waits?: boolean
      isFinal?: boolean
      height?: bigint
      baseFee?: bigint
    }) => {
      const { height = 1n, baseFee = 1n } = state
      const submission = createSubmission({
        chain: { store: { transactionPlace: () => (state.isFinal === true ? {} : undefined) } },
        queries: { admission: () => ({ chainId: TEST_CHAIN_ID, height, baseFee, blockGasLimit: 10n ** 9n }) },
        mempool: { get: () => (state.waits === true ? { id } : undefined), prepare: () => ({}) },
        signatures: {
          areValid: async (all: readonly ParsedTransaction[]) =>
            all.map(({ transaction, id }) =>
              verifyNative(transaction.body.sender, id, transaction.signature),
            ),
        },
        nonceOf: () => (state.isFinal === true ? 1n : 0n),
        onAccepted: () => {},
      } as unknown as Parameters<typeof createSubmission>[0])
      const [result, decoded] = await submission.submit([forged, parseTransaction(forged)])
      expect(decoded).toEqual(result)
      return result?.accepted === false ? result.code : 'accepted'
    }
    const states = [{}, { waits: true }, { isFinal: true }, { height: 60n }, { baseFee: 99n }]
    const codes = await Promise.all(states.map(codeOf))
    expect(codes).toEqual(['bad_signature', 'duplicate', 'already_final', 'expired', 'fee_below_base'])
    for (const code of codes) expect(of('refused')).not.toContain(code)
    expect(codes.filter(code => of('invalid').includes(code as SubmitRefusalCode))).toEqual(['bad_signature'])
  })

  it('calls invalid what the rules refuse at every height and base fee, and nothing else that they refuse', () => {
    const small = fc.bigInt({ min: 0n, max: 200_000n })
    const body = fc.record({
      chainId: fc.constantFrom('test', 'test', 'test', 'other'),
      gasLimit: fc.bigInt({ min: 300_000n, max: 310_000n }),
      maxFee: fc.bigInt({ min: 0n, max: 10n }),
      tip: fc.bigInt({ min: 0n, max: 10n }),
      validUntilHeight: small,
    })
    const context = fc.record({
      chainId: fc.constant('test'),
      height: small,
      baseFee: fc.bigInt({ min: 0n, max: 10n }),
      blockGasLimit: fc.constant(308_000n),
    })
    const seen = new Set<string>()
    fc.assert(
      fc.property(body, context, context, (wish, here, there) => {
        const parsed = make(wish)
        const codes = [here, there].map(each => refuseByForm(parsed, each)?.code)
        for (const code of codes) if (code !== undefined) seen.add(code)
        const kinds = codes.map(code => (code === undefined ? undefined : REFUSAL_CLASSES[code]))
        if (kinds.includes('invalid')) expect(codes[0]).toBe(codes[1])
        expect(kinds).not.toContain('refused')
      }),
      { numRuns: 2000 },
    )
    expect([...seen].sort()).toEqual(
      [
        'expired',
        'expiry_too_far',
        'fee_below_base',
        'gas_limit_too_high',
        'gas_limit_too_low',
        'tip_above_max_fee',
        'wrong_chain',
      ].sort(),
    )
  })
})

describe('a batch', () => {
  it.each(of('invalid'))('with one that is %s is rejected, whatever else it holds', code => {
    expect(batchVerdict([NEWS, refused(code), refused('duplicate')])).toEqual({ kind: 'reject' })
    expect(batchVerdict([refused(code)])).toEqual({ kind: 'reject' })
  })

  it.each([...of('unverified'), ...of('refused')])('of nothing but %s is ignored', code => {
    expect(batchVerdict([refused(code), refused(code)])).toEqual({ kind: 'ignore' })
  })

  it.each(of('refused'))('with news is accepted beside %s, whose signature is good', code => {
    expect(batchVerdict([refused(code), NEWS])).toEqual({ kind: 'accept' })
  })

  it.each(of('unverified'))('with news waits for the signature of what is %s', code => {
    expect(batchVerdict([refused(code), NEWS, refused(code)])).toEqual({ kind: 'verify', indexes: [0, 2] })
  })

  it('of nothing says nothing', () => {
    expect(batchVerdict([])).toEqual({ kind: 'ignore' })
  })

  it('that one honest node passes on is rejected by none', () => {
    const mostlyNone = (codes: SubmitRefusalCode[]) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...codes) },
      )
    /** A transaction, and how two nodes see it: before the signature, and after. */
    const early = mostlyNone(of('unverified'))
    const late = mostlyNone(of('refused'))
    const view = fc.record({ early, late })
    const transaction = fc.record({
      invalid: mostlyNone(of('invalid')),
      isWellSigned: fc.constantFrom(true, true, true, true, false),
      views: fc.tuple(view, view),
    })
    const seen = { accept: 0, ignore: 0, reject: 0, verify: 0 }
    fc.assert(
      fc.property(fc.array(transaction, { minLength: 1, maxLength: 4 }), list => {
        const verdicts = [0, 1].map(node => {
          const verdict = batchVerdict(
            list.map(({ invalid, isWellSigned, views }) => {
              const { early, late } = views[node] as (typeof views)[0]
              const code = invalid ?? early ?? (isWellSigned ? late : 'bad_signature')
              return code === undefined ? NEWS : refused(code)
            }),
          )
          if (verdict.kind !== 'verify') return verdict.kind
          seen.verify++
          return verdict.indexes.every(index => list[index]?.isWellSigned) ? 'accept' : 'reject'
        })
        for (const verdict of verdicts) seen[verdict]++
        expect(verdicts[0] === 'accept' && verdicts[1] === 'reject').toBe(false)
      }),
      { numRuns: 2000 },
    )
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(100)
  })
})
