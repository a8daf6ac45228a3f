/**
 * How often a stream tells its sender that it may send more. The library does it after each frame, however small, which
 * is a frame, an encryption and a write to the socket for every message that comes: a quarter of all writes between validators,
 * and as many frames to read. Here it waits until half of the window is used, as Yamux's first implementation does
 * (hashicorp/yamux, stream.go, sendWindowUpdate). Nobody waits longer for it: who has used up his window has used up half.
 */
import { StreamState, YamuxStream } from '@libp2p/yamux/stream'

/** What the library does not tell TypeScript of a stream. */
interface Windows {
  /** Bytes that may come between two updates. */
  readonly recvWindow: number
  /** How many of them have not come yet. */
  readonly recvWindowCapacity: number
}

/** The first update of a stream opens it, or answers that. */
const isOpen = ({ state }: YamuxStream): boolean =>
  state === StreamState.SYNSent || state === StreamState.Established

const isHalfUsed = ({ recvWindow, recvWindowCapacity }: Windows): boolean =>
  recvWindow - recvWindowCapacity >= recvWindow / 2

const sendWindowUpdate: (this: YamuxStream) => void = Reflect.get(YamuxStream.prototype, 'sendWindowUpdate')

/** Of every stream of this process, from now on. */
export const sendFewWindowUpdates = (): void => {
  YamuxStream.prototype.sendWindowUpdate = function (this: YamuxStream): void {
    if (!isOpen(this) || isHalfUsed(this as unknown as Windows)) sendWindowUpdate.call(this)
  }
}
