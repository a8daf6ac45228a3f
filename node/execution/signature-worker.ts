/** The thread that verifies the signatures of transactions, request after request. It knows nothing of the chain. */
import { parentPort } from 'node:worker_threads'
import { verifyNative } from '../crypto/ed25519.ts'
import { HASH_BYTES, PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../types/primitives.ts'
import { lowerThisThread } from './background-threads.ts'

/** Key, message and signature of one after another. */
export type SignatureRequest = Uint8Array<ArrayBuffer>
/** For each: 1 if it is valid. */
export type SignatureAnswer = Uint8Array<ArrayBuffer>

export const SIGNED_BYTES = PUBLIC_KEY_BYTES + HASH_BYTES + SIGNATURE_BYTES

const port = parentPort
lowerThisThread()
port?.on('message', (request: SignatureRequest) => {
  const answer: SignatureAnswer = new Uint8Array(request.length / SIGNED_BYTES)
  for (let i = 0; i < answer.length; i++) {
    const at = i * SIGNED_BYTES
    const key = request.subarray(at, at + PUBLIC_KEY_BYTES)
    const message = request.subarray(at + PUBLIC_KEY_BYTES, at + PUBLIC_KEY_BYTES + HASH_BYTES)
    const signature = request.subarray(at + PUBLIC_KEY_BYTES + HASH_BYTES, at + SIGNED_BYTES)
    answer[i] = verifyNative(key, message, signature) ? 1 : 0
  }
  port.postMessage(answer, [answer.buffer])
})
