import * as env from './env'

/** 32 bytes. Cost: about 600 gas and 4 for each byte. */
export function sha256(data: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32)
  env.sha256(data.dataStart, data.length, digest.dataStart)
  return digest
}
