/** Sends many signed transactions as bytes, in one request: the quickest way in (submit-codec.ts). Runs in browsers, too. */
import { SUBMIT_PATH, SUBMIT_TYPE, submitAnswerCodec, submittedCodec } from './submit-codec.ts'

export interface SubmitTarget {
  /** Of a node's API. */
  readonly url: string
  /** If it asks for one. */
  readonly token?: string | undefined
}

/** Of one transaction: taken into the pool, or why not. */
export type BatchResult =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly code: string; readonly message: string }

/** The request as a whole got no answer of use; what became of the transactions is not known, and sending them again does no harm. */
export class SubmitError extends Error {
  override readonly name = 'SubmitError'
  /** `unreachable`, `not_vex`, or what the node says. */
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const problemOf = async (response: Response): Promise<SubmitError> => {
  const text = await response.text()
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown }
    if (typeof code === 'string' && typeof message === 'string') return new SubmitError(code, message)
  } catch {
    // It is no JSON, hence not a node's.
  }
  return new SubmitError('not_vex', `something answers ${response.status}, but it is not a Vex node`)
}

/** For each in order. At most 2,000 at a time, 16 MiB in all. Throws a {@link SubmitError}. */
export const submitBytes = async (
  { url, token }: SubmitTarget,
  transactions: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<BatchResult[]> => {
  const target = `${url.replace(/\/+$/, '')}${SUBMIT_PATH}`
  const body = submittedCodec.encode([...transactions]) as Uint8Array<ArrayBuffer>
  let response: Response
  try {
    response = await fetch(target, {
      method: 'POST',
      headers: {
        'content-type': SUBMIT_TYPE,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body,
      ...(signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (signal?.aborted === true) throw cause
    throw new SubmitError('unreachable', `no Vex node answers at ${url}`, { cause })
  }
  if (!response.ok) throw await problemOf(response)
  const answers = submitAnswerCodec.decode(new Uint8Array(await response.arrayBuffer()))
  if (answers.length !== transactions.length)
    throw new SubmitError('not_vex', `${answers.length} answers came for ${transactions.length} transactions`)
  return answers.map(refusal =>
    refusal === undefined ? { accepted: true } : { accepted: false, ...refusal },
  )
}
