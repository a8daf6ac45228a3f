/**
 * Many transactions in one request, as bytes: what JSON and hexadecimal cost is more than a third of taking one in.
 *
 *   POST /submit   content-type: application/octet-stream
 *   body    = BCS{list of the bytes of transactions}
 *   answer  = BCS{list, one for each in order: none if it was taken, else {code, message}}
 *
 * The sender knows the ids: they are hashes of what it sent (types/transaction.ts). What is wrong with the whole request is
 * answered in JSON, {code, message}, with a status from 400 on.
 */
import { LIMITS } from '../params.ts'
import { byteString, createCodec, list, option, struct, text } from '../types/codec.ts'
import { MAX_BODY_BYTES, MAX_SUBMIT } from './limits.ts'

export const SUBMIT_PATH = '/submit'
export const SUBMIT_TYPE = 'application/octet-stream'

const MAX_CODE_BYTES = 64
export const MAX_REASON_BYTES = 1024

export const submittedCodec = createCodec(
  list(byteString(LIMITS.transactionBytes), MAX_SUBMIT),
  MAX_BODY_BYTES,
)

export const submitAnswerCodec = createCodec(
  list(
    option(struct('Refusal', { code: text(MAX_CODE_BYTES), message: text(MAX_REASON_BYTES) })),
    MAX_SUBMIT,
  ),
  MAX_SUBMIT * (MAX_CODE_BYTES + MAX_REASON_BYTES + 8),
)
