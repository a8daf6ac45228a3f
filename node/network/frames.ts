/**
 * Frames of a long-lived stream: `u32 length, big-endian | bytes`. A reader holds what it has of one frame and no more;
 * a length above the limit is refused before a byte of it is kept.
 */

const HEAD_BYTES = 4

export class FrameError extends Error {
  override readonly name = 'FrameError'
}

export const toFrame = (...parts: readonly Uint8Array[]): Uint8Array => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const frame = new Uint8Array(HEAD_BYTES + length)
  new DataView(frame.buffer).setUint32(0, length)
  let at = HEAD_BYTES
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

export class FrameReader {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #heldBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether the beginning of a frame is here, and its end is not. */
  get isWithinFrame(): boolean {
    return this.#heldBytes > 0
  }

  /** The frames that `chunk` completes. Throws a {@link FrameError}; the stream is of no use then. */
  push(chunk: Uint8Array): Uint8Array[] {
    if (chunk.length > 0) this.#chunks.push(chunk)
    this.#heldBytes += chunk.length
    const frames: Uint8Array[] = []
    while (this.#heldBytes >= HEAD_BYTES) {
      const length = this.#readLength()
      if (length > this.#maxBytes)
        throw new FrameError(`a frame of ${length} bytes; ${this.#maxBytes} is the most`)
      if (this.#heldBytes < HEAD_BYTES + length) break
      frames.push(this.#take(HEAD_BYTES + length).subarray(HEAD_BYTES))
    }
    return frames
  }

  #readLength(): number {
    const [first] = this.#chunks
    const head = first !== undefined && first.length >= HEAD_BYTES ? first : this.#join()
    return new DataView(head.buffer, head.byteOffset, HEAD_BYTES).getUint32(0)
  }

  #join(): Uint8Array {
    const joined = this.#chunks.length === 1 ? (this.#chunks[0] as Uint8Array) : Buffer.concat(this.#chunks)
    this.#chunks = [joined]
    return joined
  }

  #take(length: number): Uint8Array {
    const joined = this.#join()
    this.#heldBytes -= length
    this.#chunks = this.#heldBytes === 0 ? [] : [joined.subarray(length)]
    return joined.subarray(0, length)
  }
}
