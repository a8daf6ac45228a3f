/** Contracts as the API shows them, and pages of them out of the head's state, in the order of their addresses. */
import { AbiError } from '../abi/error.ts'
import { abiFromCode } from '../abi/types.ts'
import { formatAddress } from '../crypto/address.ts'
import type { ContractInfo } from '../types/account.ts'
import { type Address, toHex } from '../types/primitives.ts'
import type { ApiBackend } from './backend.ts'
import { hex } from './views.ts'

/**
 * What one page may cost, so that it keeps nobody waiting: accounts that are passed to find contracts among them, and bytes
 * of code that are read for names. A page may be short for it, or empty.
 */
const MAX_PASSED = 300
const MAX_CODE_BYTES = 4 * 1024 * 1024

interface CodeView {
  /** Of its class; `null` without an ABI that can be read. */
  readonly name: string | null
  readonly codeBytes: number
}

const nameOf = (code: Uint8Array): string | null => {
  try {
    return abiFromCode(code)?.name ?? null
  } catch (error) {
    if (error instanceof AbiError) return null
    throw error
  }
}

export const viewCode = (code: Uint8Array): CodeView => ({ name: nameOf(code), codeBytes: code.length })

export const viewContract = (address: Address, info: ContractInfo, code: CodeView) => ({
  address: formatAddress(address),
  name: code.name,
  codeHash: hex(info.codeHash),
  codeBytes: code.codeBytes,
  owner: info.owner === undefined ? null : formatAddress(info.owner),
  storageBytes: String(info.storageBytes),
  deposit: String(info.deposit),
})

/** `cursor`: the address that the page before has ended at. */
export const listContracts = (
  { chain, queries }: Pick<ApiBackend, 'chain' | 'queries'>,
  { limit, cursor }: { limit: number; cursor?: Address | undefined },
) => {
  const contracts: ReturnType<typeof viewContract>[] = []
  /** Many contracts run the same code. */
  const codes = new Map<string, CodeView>()
  let read = 0
  let last = cursor
  let passed = 0
  for (const { address, account } of queries.accountsAfter(cursor)) {
    if (contracts.length === limit || passed === MAX_PASSED || read > MAX_CODE_BYTES)
      return {
        height: String(chain.head.header.height),
        contracts,
        cursor: last === undefined ? null : formatAddress(last),
      }
    passed++
    last = address
    if (account.contract === undefined) continue
    const key = toHex(account.contract.codeHash)
    const known = codes.get(key) ?? viewCode(queries.code(account.contract.codeHash))
    if (!codes.has(key)) read += known.codeBytes
    codes.set(key, known)
    contracts.push(viewContract(address, account.contract, known))
  }
  return { height: String(chain.head.header.height), contracts, cursor: null }
}
