/**
 * From bytes that somebody sent to a transaction in the pool: decode, the cheap refusals, the signature, the
 * pool's own rules, and what is noted so that a restart does not lose it.
 */
import type { SubmitResult } from './api/backend.ts'
import type { ChainView } from './chain/chain-view.ts'
import type { ChainQueries } from './chain/queries.ts'
import type { SignatureChecks } from './execution/signature-client.ts'
import type { Entry } from './mempool/entry.ts'
import type { Mempool } from './mempool/mempool.ts'
import { refuseByForm } from './transition/admission.ts'
import { CodecError } from './types/codec.ts'
import type { Address } from './types/primitives.ts'
import { type NamedTransaction, type ParsedTransaction, parseTransaction } from './types/transaction.ts'

/** Bytes that somebody sent, or what they were decoded to. */
type Submitted = Uint8Array | ParsedTransaction
type Refused = { readonly refused: SubmitResult }
type Parsed = { readonly parsed: ParsedTransaction } | Refused
/** Until its signature is verified. */
type Held = { readonly entry: Entry } | Refused

const refuse = (code: Extract<SubmitResult, { accepted: false }>['code'], message: string): Parsed => ({
  refused: { accepted: false, code, message },
})

const parse = (bytes: Uint8Array): Parsed => {
  try {
    return { parsed: parseTransaction(bytes) }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return refuse(error.code === 'too_large' ? 'too_large' : 'malformed', error.message)
  }
}

export interface Submission {
  /** One answer for each transaction, in order. */
  readonly submit: (transactions: readonly Submitted[]) => Promise<SubmitResult[]>
  /** For blocks of others: what the pool holds was verified when it came in. */
  readonly areSignaturesValid: (transactions: readonly ParsedTransaction[]) => Promise<boolean>
}

export const createSubmission = (options: {
  chain: ChainView
  queries: ChainQueries
  mempool: Mempool
  signatures: Pick<SignatureChecks, 'areValid'>
  /** The sender's next nonce, as the last block left it. */
  nonceOf: (sender: Address) => bigint
  /** Hears of every transaction that entered the pool. */
  onAccepted: (transaction: NamedTransaction) => void
}): Submission => {
  const { chain, queries, mempool, signatures, nonceOf, onAccepted } = options

  const screen = (submitted: Submitted): Parsed => {
    const result = submitted instanceof Uint8Array ? parse(submitted) : { parsed: submitted }
    if ('refused' in result) return result
    const { parsed } = result
    if (mempool.get(parsed.id) !== undefined)
      return refuse('duplicate', 'the transaction waits in the pool already')
    const refusal = refuseByForm(parsed, queries.admission())
    if (refusal !== undefined) return refuse(refusal.code, refusal.message)
    // What is final has used its nonce.
    const isUsed = parsed.transaction.body.nonce < nonceOf(parsed.sender)
    if (isUsed && chain.store.transactionPlace(parsed.id) !== undefined) {
      return refuse('already_final', 'the transaction is in a final block already; ask for its receipt')
    }
    return result
  }

  /** What is left of them when this returns is small: while many wait for their signatures, the collector copies it. */
  const begin = (
    transactions: readonly Submitted[],
  ): { held: Held[]; verified: Promise<readonly boolean[]> } => {
    const screened = transactions.map(screen)
    const verified = signatures.areValid(
      screened.flatMap(result => ('parsed' in result ? [result.parsed] : [])),
    )
    const held = screened.map(result =>
      'parsed' in result ? { entry: mempool.prepare(result.parsed) } : result,
    )
    return { held, verified }
  }

  const enter = (entry: Entry): SubmitResult => {
    const { height, baseFee } = queries.admission()
    const outcome = mempool.enter(entry, { height, baseFee })
    if (outcome.kind === 'refused') return { accepted: false, code: outcome.code, message: outcome.message }
    onAccepted(entry.transaction)
    return { accepted: true, id: entry.transaction.id }
  }

  return {
    async submit(transactions) {
      const { held, verified } = begin(transactions)
      const valid = await verified
      let checked = 0
      return held.map((result): SubmitResult => {
        if ('refused' in result) return result.refused
        if (valid[checked++] === true) return enter(result.entry)
        return {
          accepted: false,
          code: 'bad_signature',
          message:
            'the signature does not belong to this sender and these bytes. Sign the transaction id with the sender’s key',
        }
      })
    },

    async areSignaturesValid(transactions) {
      const unknown = transactions.filter(({ bytes }) => !mempool.holds(bytes))
      return (await signatures.areValid(unknown)).every(Boolean)
    },
  }
}
