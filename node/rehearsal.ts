/**
 * A node that has just started plays some 1,500 transactions for itself, while nobody sends any: on its main thread
 * with a pool of its own (here), on the block thread with a chain of its own (execution/rehearse-blocks.ts). V8 compiles what
 * is called often: without it the first thousands of a chain's transactions run in code that is not compiled yet, and share
 * the cores with the compiler.
 *
 * Nothing of it stays but what V8 remembers. It is done in steps of some milliseconds, half a second in all, and pauses
 * when a transaction comes in, for whoever deploys a contract right after the start will call it, and while many questions
 * do, which would share the cores with it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { submitAnswerCodec, submittedCodec } from './api/submit-codec.ts'
import type { ChainView } from './chain/chain-view.ts'
import type { ChainQueries } from './chain/queries.ts'
import type { BlockExecutor } from './execution/blocks.ts'
import { packTransactions } from './execution/packed.ts'
import { createPlayers, payment, PLAY_MONEY, playRound } from './execution/rehearsal-play.ts'
import { createMempool, MEMPOOL_LIMITS } from './mempool/mempool.ts'
import { LIMITS } from './params.ts'
import { createSubmission } from './submission.ts'
import { refuseByBlock } from './transition/admission.ts'

/** Whoever waited for the start asks first, and who sends one transaction often sends another. */
const PAUSE_MS = 300
/** Half a minute: a node that is busy for so long has compiled what it needs. */
const MAX_PAUSES = 100
const STEPS = 48
const VALID_BLOCKS = 1_000n
/** Since the last look: a step takes some 10 ms, a pause 300, and who watches a chain asks a few times a second. */
const FEW_REQUESTS = 5

interface Stage {
  readonly chain: ChainView
  readonly queries: ChainQueries
}

/** Each call takes a round of transfers in, chooses them for a block, and drops them as final. */
export const createPoolRehearsal = ({ chain, queries }: Stage): (() => Promise<void>) => {
  const players = createPlayers()
  let round = 0n
  const mempool = createMempool({
    limits: MEMPOOL_LIMITS,
    isNamed: false,
    accountOf: () => ({ nonce: round, balance: PLAY_MONEY }),
    refuseByBlock,
  })
  const submission = createSubmission({
    chain,
    queries,
    mempool,
    signatures: { areValid: async transactions => transactions.map(() => true) },
    nonceOf: () => round,
    onAccepted: () => undefined,
  })
  return async () => {
    const { chainId, height, baseFee, blockGasLimit } = queries.admission()
    const place = { chainId, nonce: round, validUntilHeight: height + VALID_BLOCKS, maxFee: 1n + baseFee }
    const sent = playRound(players, place, payment)
    const answers = await submission.submit(submittedCodec.decode(submittedCodec.encode(sent)))
    for (const answer of answers)
      if (!answer.accepted) throw new Error(`a transfer of the rehearsal was refused: ${answer.message}`)
    submitAnswerCodec.encode(answers.map(() => undefined))
    packTransactions(
      mempool.select({
        baseFee,
        gasLimit: blockGasLimit,
        maxBytes: LIMITS.blockTransactionsBytes,
        maxCount: LIMITS.blockTransactions,
        isIncluded: () => false,
      }),
    )
    round++
    mempool.revalidate({ nextHeight: height, changed: players.map(({ address }) => address) })
  }
}

/** Whether, since it was asked last, nobody had anything for the node to do. */
export const createIdleCheck = ({
  waiting,
  requests,
}: {
  /** Transactions in the pool. */
  readonly waiting: () => number
  /** Of the API, so far. */
  readonly requests: () => number
}): (() => boolean) => {
  let seen = requests()
  return () => {
    const before = seen
    seen = requests()
    return waiting() === 0 && seen - before <= FEW_REQUESTS
  }
}

/**
 * Resolves when it is over.
 * - `isIdle`: nobody has anything else for the node to do.
 * - `isStopping`: nobody ever will.
 */
export const rehearse = async (
  stage: Stage & {
    readonly executor: Pick<BlockExecutor, 'rehearse'>
    readonly isIdle: () => boolean
    readonly isStopping: () => boolean
  },
): Promise<void> => {
  const { executor, isIdle, isStopping } = stage
  const playPool = createPoolRehearsal(stage)
  let played = 0
  try {
    for (let pauses = 0; played < STEPS && pauses < MAX_PAUSES; pauses++) {
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS).unref())
      while (played < STEPS && isIdle() && !isStopping()) {
        played++
        await playPool()
        await executor.rehearse('play')
        await nextTurn()
      }
      if (isStopping()) return
    }
  } finally {
    if (played > 0) await executor.rehearse('end')
  }
}
