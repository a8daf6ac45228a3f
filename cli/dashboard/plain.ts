/**
 * The dashboard without a screen, for pipes, CI and terminals that cannot draw: a line a block and a transaction, or with
 * `--json` a document each. A connection that breaks is taken up after the last block that was shown.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { apiFailure } from '../../node/api/client.ts'
import { createBlockReport } from '../block-report.ts'
import type { Connection } from '../connect.ts'
import { followBlocks } from '../follow.ts'
import type { Output } from '../output.ts'

const RETRY_MS = 1_000

/** Until `signal` aborts. */
export const runPlain = async ({
  connection,
  output,
  signal,
}: {
  connection: Connection
  output: Output
  signal: AbortSignal
}): Promise<void> => {
  const { api, client } = connection
  const report = createBlockReport(connection, output, false)
  let next = BigInt((await api.chain.info.query()).head.height) + 1n
  while (!signal.aborted) {
    try {
      await followBlocks(api, next, signal, async block => {
        await report(block)
        next = BigInt(block.height) + 1n
      })
    } catch (error) {
      const failure = apiFailure(error, client.url)
      if (failure === undefined) throw error
      if (signal.aborted) return
      output.notice(`notice: ${failure.message}. Trying again`)
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
