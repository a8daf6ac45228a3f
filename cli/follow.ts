/** Every block from a height on, one after the other, for as long as `signal` allows. */
import type { VexApi } from './connect.ts'

export type BlockView = Awaited<ReturnType<VexApi['block']['get']['query']>>

export const followBlocks = (
  api: VexApi,
  fromHeight: bigint,
  signal: AbortSignal,
  onBlock: (block: BlockView) => Promise<void> | void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    let previous: Promise<void> = Promise.resolve()
    const subscription = api.subscribe.blocks.subscribe(
      { fromHeight: String(fromHeight) },
      {
        onData({ data }) {
          previous = previous.then(() => (signal.aborted ? undefined : onBlock(data)))
          previous.catch(fail)
        },
        onError: error => fail(error),
        onComplete: () => resolve(),
      },
    )
    const fail = (error: unknown): void => {
      subscription.unsubscribe()
      reject(error instanceof Error ? error : new Error(String(error)))
    }
    const finish = (): void => {
      subscription.unsubscribe()
      resolve()
    }
    if (signal.aborted) finish()
    else signal.addEventListener('abort', finish, { once: true })
  })
