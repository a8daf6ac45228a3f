import * as env from './env'

/** Cost: one host call, priced by the bytes of `data`. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  env.sha256(data.dataStart, data.length, digest.dataStart)
  return digest
}
