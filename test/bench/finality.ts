/** Follows the blocks over the API's subscription: when was each transaction final, as a client sees it? */
import type { Session } from './session.ts'

export interface Finality {
  /** Blocks with transactions so far. */
  readonly blocks: number
  /** `performance.now()` when the block that holds the transaction came in. */
  finalAtMs(id: string): number | undefined
  /** Resolves when `count` transactions are final. */
  untilFinal(count: number): Promise<void>
  nextBlock(): Promise<void>
  close(): void
}

/** Resolves once the node has taken the subscription; it starts with the block after the head. */
export const followFinality = async ({ client, node }: Session): Promise<Finality> => {
  const { head } = await client.api.chain.info.query()
  const finalAtMs = new Map<string, number>()
  let blocks = 0
  let wake = Promise.withResolvers<void>()
  // Nobody may be waiting when it is rejected.
  const renew = () => {
    wake = Promise.withResolvers<void>()
    wake.promise.catch(() => undefined)
  }
  renew()
  const onFailed = () => wake.reject(node.failed.reason)
  node.failed.addEventListener('abort', onFailed, { once: true })

  const started = Promise.withResolvers<void>()
  const subscription = client.api.subscribe.blocks.subscribe(
    { fromHeight: String(BigInt(head.height) + 1n) },
    {
      onStarted: () => started.resolve(),
      onData({ data }) {
        const nowMs = performance.now()
        if (data.transactions.length > 0) blocks++
        for (const id of data.transactions) finalAtMs.set(id, nowMs)
        const woken = wake
        renew()
        woken.resolve()
      },
      onError(error) {
        started.reject(error)
        wake.reject(error)
      },
    },
  )
  await started.promise

  const nextBlock = async (): Promise<void> => {
    node.failed.throwIfAborted()
    await wake.promise
  }
  return {
    get blocks() {
      return blocks
    },
    finalAtMs: id => finalAtMs.get(id),
    nextBlock,
    async untilFinal(count) {
      while (finalAtMs.size < count) await nextBlock()
    },
    close() {
      node.failed.removeEventListener('abort', onFailed)
      subscription.unsubscribe()
    },
  }
}
