/**
 * The sending end of a long-lived stream: a bounded queue, drained as fast as the peer reads. What does not fit is
 * dropped, for consensus lives with losses; a peer that has read nothing for a while is given up.
 */
import type { Stream } from '@libp2p/interface'

const MAX_QUEUED_BYTES = 16 * 1024 * 1024
const STUCK_MS = 10_000

export interface Sender {
  /** False if it was dropped. The bytes are those of whole frames and must not change afterwards. */
  send(frame: Uint8Array): boolean
  close(): void
}

export const createSender = (stream: Stream, onStuck: () => void): Sender => {
  let queue: Uint8Array[] = []
  let queuedBytes = 0
  let stuck: NodeJS.Timeout | undefined
  let isOpen = true

  const pump = (): void => {
    let at = 0
    if (!isOpen) return
    while (at < queue.length && !stream.writableNeedsDrain) {
      const frame = queue[at++] as Uint8Array
      queuedBytes -= frame.length
      stream.send(frame)
    }
    queue = queue.slice(at)
    if (stream.writableNeedsDrain) stuck ??= setTimeout(onStuck, STUCK_MS).unref()
  }
  stream.addEventListener('drain', () => {
    clearTimeout(stuck)
    stuck = undefined
    pump()
  })
  const end = (): void => {
    isOpen = false
    clearTimeout(stuck)
    queue = []
  }
  stream.addEventListener('close', end)

  return {
    send(frame) {
      if (!isOpen || queuedBytes + frame.length > MAX_QUEUED_BYTES) return false
      queue.push(frame)
      queuedBytes += frame.length
      pump()
      return true
    },
    close() {
      end()
      stream.close().catch(() => stream.abort(new Error('closed')))
    },
  }
}
