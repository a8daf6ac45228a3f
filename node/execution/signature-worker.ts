/** The thread that verifies the signatures of transactions, request after request. It knows nothing of the chain. */
import { parentPort } from 'node:worker_threads'
import { createManyVerifier } from '../crypto/ed25519-many.ts'
import { lowerThisThread } from './background-threads.ts'

/** Key, message and signature of one after another, SIGNED_BYTES each. */
export type SignatureRequest = Uint8Array<ArrayBuffer>
/** For each: 1 if it is valid. */
export type SignatureAnswer = Uint8Array<ArrayBuffer>

const port = parentPort
lowerThisThread()
const verifier = createManyVerifier()
port?.on('message', (request: SignatureRequest) => {
  const answer: SignatureAnswer = Uint8Array.from(verifier.areValid(request), Number)
  port.postMessage(answer, [answer.buffer])
})
