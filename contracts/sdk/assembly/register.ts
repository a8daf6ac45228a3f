import * as env from './env'

/** Copies the host's register, which holds `length` bytes, into a new buffer. */
export function takeRegister(length: i32): ArrayBuffer {
  const buffer = new ArrayBuffer(length)
  env.register_read(changetype<usize>(buffer))
  return buffer
}
