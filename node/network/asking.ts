/** Questions over a stream of their own: length-prefixed question, length-prefixed answer, one deadline for both. */
import type { Connection, Stream } from '@libp2p/interface'
import { lpStream } from '@libp2p/utils'
import { RequestError } from './ports.ts'

export interface AskLimits {
  readonly maxRequestBytes: number
  readonly maxAnswerBytes: number
  readonly deadlineMs: number
}

const SPARE_BYTES = 64

const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

/** What was thrown becomes one of five codes. */
const toRequestError = (
  error: unknown,
  deadline: AbortSignal,
  own: AbortSignal | undefined,
): RequestError => {
  const { name, message } = toError(error)
  if (own?.aborted === true)
    return new RequestError('aborted', 'the question was taken back', { cause: error })
  if (deadline.aborted) return new RequestError('timeout', 'no answer in time', { cause: error })
  if (name === 'InvalidDataLengthError' || name === 'InvalidDataLengthLengthError')
    return new RequestError('too_large', message, { cause: error })
  return new RequestError('closed', message, { cause: error })
}

/** An answer: 1 and its bytes, or 0 for a refusal. */
const ANSWERED = 1
const REFUSED = 0

/** Asks over a new stream of the connection. Rejects with a {@link RequestError} only. */
export const ask = async (
  connection: Connection,
  protocol: string,
  body: Uint8Array,
  limits: AskLimits,
  own?: AbortSignal,
): Promise<Uint8Array> => {
  const deadline = AbortSignal.timeout(limits.deadlineMs)
  const signal = own === undefined ? deadline : AbortSignal.any([deadline, own])
  let stream: Stream | undefined
  try {
    stream = await connection.newStream(protocol, { signal })
    const max = limits.maxAnswerBytes + 1
    const framed = lpStream(stream, { maxDataLength: max, maxBufferSize: max + SPARE_BYTES })
    await framed.write(body, { signal })
    const answer = (await framed.read({ signal })).subarray()
    stream.close({ signal }).catch(() => {})
    if (answer[0] !== ANSWERED)
      throw new RequestError('refused', 'the peer does not have it, or will not say')
    // A plain one, for callers that slice: a Buffer's slice is a view.
    return new Uint8Array(answer.buffer, answer.byteOffset + 1, answer.byteLength - 1)
  } catch (error) {
    stream?.abort(toError(error))
    throw error instanceof RequestError ? error : toRequestError(error, deadline, own)
  }
}

/** Answers the one question of a stream. `undefined` refuses. Throws if the peer breaks a limit or is too slow. */
export const answer = async (
  stream: Stream,
  limits: AskLimits,
  handle: (body: Uint8Array, signal: AbortSignal) => Promise<Uint8Array | undefined>,
): Promise<void> => {
  const signal = AbortSignal.timeout(limits.deadlineMs)
  try {
    const max = limits.maxRequestBytes
    const framed = lpStream(stream, { maxDataLength: max, maxBufferSize: max + SPARE_BYTES })
    const body = (await framed.read({ signal })).subarray()
    const answered = await handle(body, signal)
    if (answered === undefined) await framed.write(Uint8Array.of(REFUSED), { signal })
    else {
      if (answered.length > limits.maxAnswerBytes)
        throw new RangeError(`an answer of ${answered.length} bytes; ${limits.maxAnswerBytes} is the most`)
      await framed.write(Buffer.concat([Uint8Array.of(ANSWERED), answered]), { signal })
    }
    await stream.close({ signal })
  } catch (error) {
    stream.abort(toError(error))
    throw error
  }
}
