/** Runs a node in this process until it is told to stop or cannot go on, and closes it cleanly. */
import type { VexNode } from '../node/node.ts'
import { aborted, listenForStop } from './signals.ts'

/** Gives the height it ended at; throws what ended it if that was not asked for. */
export const runNode = async (
  start: (onFatal: (error: unknown) => void) => Promise<VexNode>,
  use: (node: VexNode, signal: AbortSignal) => Promise<void>,
): Promise<bigint> => {
  const stop = listenForStop()
  let height = 0n
  let fatal: { readonly error: unknown } | undefined
  try {
    const node = await start(error => {
      fatal = { error }
      stop.request()
    })
    try {
      const { signal } = stop
      const work = signal.aborted ? Promise.resolve() : use(node, signal)
      await Promise.race([work, aborted(signal)])
      // What the work still waits for fails when the node goes: no news for anybody.
      if (signal.aborted) work.catch(() => undefined)
    } finally {
      await node.stop()
      height = node.head.header.height
    }
  } finally {
    stop.release()
  }
  if (fatal !== undefined) throw fatal.error
  return height
}
