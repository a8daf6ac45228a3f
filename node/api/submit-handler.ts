/** Answers `POST /submit` (submit-codec.ts). */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { CodecError } from '../types/codec.ts'
import { release } from '../types/release.ts'
import type { ApiBackend, SubmitResult } from './backend.ts'
import { MAX_BODY_BYTES } from './limits.ts'
import { readBody } from './read-body.ts'
import { sendJson } from './send-json.ts'
import { MAX_REASON_BYTES, SUBMIT_TYPE, submitAnswerCodec, submittedCodec } from './submit-codec.ts'

/** A message of ours is a sentence; what it quotes may be long. */
const toRefusal = (result: SubmitResult) =>
  result.accepted
    ? undefined
    : { code: result.code, message: Buffer.from(result.message).toString('utf8', 0, MAX_REASON_BYTES - 4) }

export const answerSubmit = async (
  backend: Pick<ApiBackend, 'submit'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.method !== 'POST')
    return sendJson(
      response,
      405,
      { code: 'bad_input', message: 'transactions are sent with POST' },
      { allow: 'POST' },
    )
  if (request.headers['content-type'] !== SUBMIT_TYPE)
    return sendJson(response, 415, {
      code: 'bad_input',
      message: `this takes transactions as bytes, with the header content-type: ${SUBMIT_TYPE}. As JSON they go to /api/transactions/batch`,
    })
  const body = await readBody(request)
  if (body === 'gone') return
  if (body === 'too_large')
    return sendJson(
      response,
      413,
      { code: 'bad_input', message: `the body is longer than ${MAX_BODY_BYTES} bytes: send fewer at a time` },
      // The rest of it is not read.
      { connection: 'close' },
    )
  let transactions: Uint8Array[]
  try {
    transactions = submittedCodec.decode(body)
    release(body)
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    return sendJson(response, 400, {
      code: 'bad_input',
      message: `the body is no BCS list of transactions: ${error.message}`,
    })
  }
  const answer = submitAnswerCodec.encode((await backend.submit(transactions)).map(toRefusal))
  response.writeHead(200, { 'content-type': SUBMIT_TYPE, 'content-length': answer.length }).end(answer)
}
