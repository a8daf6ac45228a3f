/**
 * What comes in and waits for a block: the pool, the signatures it rests on, the accounts it asks about, and the journal
 * that brings it over a restart.
 */
import type { Logger } from 'pino'
import { AccountCache } from './chain/account-cache.ts'
import type { ChainView } from './chain/chain-view.ts'
import type { ChainQueries } from './chain/queries.ts'
import type { CommittedBlock } from './execution/blocks.ts'
import { createSignatureChecks } from './execution/signature-client.ts'
import { type Journal, openJournal, readJournal } from './mempool/journal.ts'
import { createMempool, type Mempool, MEMPOOL_LIMITS } from './mempool/mempool.ts'
import { createSubmission, type Submission } from './submission.ts'
import { refuseByBlock } from './transition/admission.ts'
import type { NamedTransaction } from './types/transaction.ts'

export interface IntakeOptions {
  readonly chain: ChainView
  readonly queries: ChainQueries
  readonly journalPath: string
  /** Peers name transactions by their short ids. */
  readonly hasPeers: boolean
  readonly logger: Logger
  /** Hears of every transaction that entered the pool. */
  readonly onAccepted: (transaction: NamedTransaction) => void
  /** Once: no signature is verified any more. */
  readonly onFault: (error: Error) => void
  /** Hears what to close, the last first, also if the opening fails. */
  readonly onOpened: (close: () => Promise<void>) => void
}

export interface Intake {
  readonly mempool: Mempool
  readonly submission: Submission
  /** Somebody is about to send a transaction. */
  expect(): void
  /** After each commit. */
  committed(block: CommittedBlock): void
}

export const openIntake = async (options: IntakeOptions): Promise<Intake> => {
  const { chain, queries, journalPath, logger, onAccepted, onFault, onOpened } = options
  const accounts = new AccountCache(address => queries.account(address))
  const mempool = createMempool({
    limits: MEMPOOL_LIMITS,
    isNamed: options.hasPeers,
    accountOf: address => accounts.get(address),
    refuseByBlock,
  })
  const signatures = createSignatureChecks(onFault)
  onOpened(() => signatures.close())
  let journal: Journal | undefined
  const submission = createSubmission({
    chain,
    queries,
    mempool,
    signatures,
    nonceOf: sender => accounts.get(sender).nonce,
    onAccepted(transaction) {
      journal?.append(transaction.bytes)
      onAccepted(transaction)
    },
  })

  // What waited before the last stop is checked as if somebody had just sent it.
  await submission.submit(await readJournal(journalPath))
  const opened = await openJournal({
    path: journalPath,
    pool: mempool,
    onError: error => logger.warn({ error }, 'waiting transactions are not kept over a restart'),
  })
  journal = opened
  onOpened(() => opened.close())

  return {
    mempool,
    submission,
    expect: () => signatures.expect(),
    committed({ changedAccounts }) {
      accounts.forget(changedAccounts)
      mempool.revalidate({ nextHeight: queries.nextHeight(), changed: changedAccounts })
    },
  }
}
