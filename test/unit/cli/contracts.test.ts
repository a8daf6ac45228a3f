import { describe, expect, it } from 'vitest'
import { createContractReader } from '../../../cli/contracts.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import type { ApiClient } from '../../../node/api/client.ts'
import type { ActionView } from '../../../node/api/views.ts'
import { toHex } from '../../../node/types/primitives.ts'

const CONTRACT = 'vex1contract'

const abiWith = (method: string, type: string): Abi =>
  parseAbi({
    name: 'Book',
    version: 1,
    methods: [
      { name: method, kind: 'call', payable: false, params: [{ name: 'entry', type }], returns: 'void' },
    ],
    events: [],
    structs: [],
  })

const callOf = (abi: Abi, value: unknown): ActionView => {
  const method = abi.methods[0]?.name ?? ''
  const args = `0x${toHex(encodeArguments(abi, method, [value]))}`
  return { kind: 'call', contract: CONTRACT, method, args, value: '0' }
}

/** A chain with one contract; `asked` counts the requests for its ABI. */
const chainWith = (abi: Abi) => {
  const chain = { abi, asked: 0 }
  const query = async () => {
    chain.asked += 1
    return chain.abi
  }
  const api = { contract: { abi: { query } } } as unknown as ApiClient['api']
  return { chain, reader: createContractReader(api) }
}

const v1 = abiWith('sign', 'u64')

describe('what a contract carries', () => {
  it('is asked for once', async () => {
    const { chain, reader } = chainWith(v1)
    for (const entry of [1n, 2n])
      expect(await reader.readCall(callOf(v1, entry))).toMatchObject({
        contractName: 'Book',
        args: { entry },
      })
    expect(chain.asked).toBe(1)
  })

  it('is asked for again when a method is called that it did not have', async () => {
    const { chain, reader } = chainWith(v1)
    await reader.readCall(callOf(v1, 1n))
    const v2 = abiWith('like', 'string')
    chain.abi = v2
    expect(await reader.readCall(callOf(v2, 'a'))).toMatchObject({ method: 'like', args: { entry: 'a' } })
    expect(chain.asked).toBe(2)
  })

  it.each([
    ['an upgrade', (upgrade: ActionView) => upgrade],
    ['a batch', (upgrade: ActionView): ActionView => ({ kind: 'batch', actions: [upgrade] })],
  ])('is asked for again after %s, even if the old one would fit', async (_, inside) => {
    const { chain, reader } = chainWith(v1)
    await reader.readCall(callOf(v1, 1n))
    const v2 = abiWith('sign', 'i64')
    chain.abi = v2
    reader.forgetUpgraded(inside({ kind: 'upgrade', contract: CONTRACT, codeBytes: 1, args: '0x' }))
    expect(await reader.readCall(callOf(v2, -1n))).toMatchObject({ args: { entry: -1n } })
  })

  it('that fits nothing leaves the call raw', async () => {
    const { reader } = chainWith(v1)
    expect(await reader.readCall(callOf(abiWith('fly', 'u64'), 1n))).toBeUndefined()
  })
})
