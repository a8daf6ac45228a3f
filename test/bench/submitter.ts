/** How the benchmark hands transactions to a Vex node, and asks for receipts: the one place that knows. */
import { SUBMIT_PATH, submitAnswerCodec, submittedCodec } from '../../node/api/submit-codec.ts'
import { fromHex } from '../../node/types/primitives.ts'
import { openPlainConnection, type PlainConnection } from './plain-http.ts'
import type { SubmitAnswer, Submittable } from './submit.ts'

export interface Submitter {
  /** All of one lane, which has one request under way. */
  submitMany(batch: readonly Submittable[]): Promise<readonly SubmitAnswer[]>
  /** How each ended, in their order. Throws if one is not final. */
  statuses(transactions: readonly Submittable[]): Promise<string[]>
  close(): void
}

/** A connection for each lane; a sender is in the lane `sender % lanes`, as submit.ts has it. */
export const openSubmitter = (url: string, lanes: number): Submitter => {
  const connections = Array.from({ length: lanes }, () => openPlainConnection(url))
  const ask = async (lane: number, path: string, body: string): Promise<unknown> => {
    const answer = await connections[lane % lanes]?.post(path, body)
    return (JSON.parse(answer ?? '') as { result: { data: unknown } }).result.data
  }
  return {
    async submitMany(batch) {
      const body = submittedCodec.encode(batch.map(({ transaction }) => fromHex(transaction)))
      const connection = connections[(batch[0]?.sender ?? 0) % lanes] as PlainConnection
      const refusals = submitAnswerCodec.decode(await connection.postBytes(SUBMIT_PATH, body))
      return refusals.map(refusal =>
        refusal === undefined ? { accepted: true } : { accepted: false, ...refusal },
      )
    },
    async statuses(transactions) {
      const found = new Map<string, string>()
      const askAll = async (lane: number): Promise<void> => {
        for (const [index, { id }] of transactions.entries()) {
          if (index % lanes !== lane) continue
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
