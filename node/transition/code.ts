/** Contracts and their code in the state: code is kept once for all contracts that run it, and counted. */
import { codeKey, codeReferencesKey } from '../state/keys.ts'
import type { StateReader, StateWriter } from '../state/view.ts'
import { createCodec, u64 } from '../types/codec.ts'
import { type Address, type Hash, toHex } from '../types/primitives.ts'
import { readAccount, writeAccount } from './accounts.ts'
import type { Execution } from './execution.ts'

export const readCode = (state: StateReader, codeHash: Hash): Uint8Array | undefined =>
  state.get(codeKey(codeHash))

/** Of a contract that is there. */
export const loadCode = (state: StateReader, codeHash: Hash): Uint8Array => {
  const code = readCode(state, codeHash)
  if (code === undefined) throw new Error(`the state holds no code for hash ${toHex(codeHash)}`)
  return code
}

const referencesCodec = createCodec<bigint>(u64, 8)

/** Code is stored once however many contracts run it, and goes when the last of them lets go. */
export const holdCode = (state: StateWriter, codeHash: Hash, code: Uint8Array): void => {
  const key = codeReferencesKey(codeHash)
  const bytes = state.get(key)
  if (bytes === undefined) state.set(codeKey(codeHash), code)
  state.set(key, referencesCodec.encode((bytes === undefined ? 0n : referencesCodec.decode(bytes)) + 1n))
}

/** How many bytes of code the contract let go. */
export const releaseCode = (state: StateWriter, codeHash: Hash): number => {
  const key = codeReferencesKey(codeHash)
  const bytes = state.get(key)
  const code = state.get(codeKey(codeHash))
  if (bytes === undefined || code === undefined)
    throw new Error('a contract runs code that the state does not hold')
  const references = referencesCodec.decode(bytes)
  if (references > 1n) {
    state.set(key, referencesCodec.encode(references - 1n))
  } else {
    state.delete(key)
    state.delete(codeKey(codeHash))
  }
  return code.length
}

/** Puts a contract at `address`, where there is none. Its code counts as its first bytes of storage. */
export const createContract = (
  { state, storageDeltas, created }: Execution,
  contract: { address: Address; codeHash: Hash; code: Uint8Array; owner: Address | undefined },
): void => {
  const { address, codeHash, code, owner } = contract
  holdCode(state, codeHash, code)
  writeAccount(state, address, {
    ...readAccount(state, address),
    contract: { codeHash, owner, storageBytes: 0n, deposit: 0n },
  })
  storageDeltas.push({ contract: address, bytes: BigInt(code.length) })
  created.push(address)
}
