/** How the benchmark hands transactions to a Vex node, and asks for receipts: the one place that knows. */
import { SUBMIT_PATH, submitAnswerCodec, submittedCodec } from '../../node/api/submit-codec.ts'
import { fromHex } from '../../node/types/primitives.ts'
import { openPlainConnection, type PlainConnection } from './plain-http.ts'
import { type Batch, splitIntoLanes, type SubmitAnswer, type Submittable, toBatches } from './submit.ts'

export interface Submitter {
  /** All of one lane, which has one request under way. */
  send(batch: Batch<Submittable, Uint8Array>): Promise<readonly SubmitAnswer[]>
  /** How each ended, in their order. Throws if one is not final. */
  statuses(transactions: readonly Submittable[]): Promise<string[]>
  close(): void
}

/** Requests under way at a time, each over a connection of its own. */
const LANES = 4
/** Transactions of a request. */
const BATCH_SIZE = 500

const encode = (transactions: readonly Submittable[]): Uint8Array =>
  submittedCodec.encode(transactions.map(({ transaction }) => fromHex(transaction)))

/** All requests that hand `transactions` over, for {@link openSubmitter}. */
export const prepareSubmission = <T extends Submittable>(transactions: readonly T[]) => {
  const batchesOf = (some: readonly T[]) => toBatches(some, BATCH_SIZE, encode)
  return { lanes: splitIntoLanes(transactions, LANES).map(batchesOf), toBatches: batchesOf }
}

/** A connection for each lane; a sender is in the lane `sender % LANES`, as submit.ts has it. */
export const openSubmitter = (url: string): Submitter => {
  const connections = Array.from({ length: LANES }, () => openPlainConnection(url))
  const ask = async (lane: number, path: string, body: string): Promise<unknown> => {
    const answer = await connections[lane]?.post(path, body)
    return (JSON.parse(answer ?? '') as { result: { data: unknown } }).result.data
  }
  return {
    async send({ transactions, body }) {
      const connection = connections[(transactions[0]?.sender ?? 0) % LANES] as PlainConnection
      const refusals = submitAnswerCodec.decode(await connection.postBytes(SUBMIT_PATH, body))
      return refusals.map(refusal =>
        refusal === undefined ? { accepted: true } : { accepted: false, ...refusal },
      )
    },
    async statuses(transactions) {
      const found = new Map<string, string>()
      const askAll = async (lane: number): Promise<void> => {
        for (const [index, { id }] of transactions.entries()) {
          if (index % LANES !== lane) continue
          const receipt = await ask(lane, '/trpc/transaction.receipt', `{"id":"${id}"}`)
          found.set(id, (receipt as { status: string }).status)
        }
      }
      await Promise.all(connections.map((_, lane) => askAll(lane)))
      return transactions.map(({ id }) => found.get(id) ?? '')
    },
    close() {
      for (const connection of connections) connection.close()
    },
  }
}
