import { readFileUrl } from '#read-file'
import type { ContractAbi } from '../abi/infer.ts'

/** A compiled contract: what NAME.abi.ts of `vex build` exports under the name of the contract's class. */
export interface ContractArtifact<A extends ContractAbi = ContractAbi> {
  readonly name: string
  readonly abi: A
  /** Where the module is, or what is in it. */
  readonly code: URL | Uint8Array
}

export class ArtifactError extends Error {
  override readonly name = 'ArtifactError'
}

const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d]

const read = async (url: URL): Promise<Uint8Array> => {
  if (url.protocol === 'file:') return readFileUrl(url)
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`)
  return new Uint8Array(await response.arrayBuffer())
}

/** Throws an ArtifactError that says where there is no module, and why. */
export const readCode = async ({ name, code }: ContractArtifact): Promise<Uint8Array> => {
  if (code instanceof Uint8Array) return code
  let bytes: Uint8Array
  try {
    bytes = await read(code)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ArtifactError(`the code of ${name} cannot be read (${reason}). Build it with "vex build"`, {
      cause,
    })
  }
  if (WASM_MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new ArtifactError(`${code.href} is not WebAssembly, so it is not the code of ${name}`)
  return bytes
}
