/** What a contract of an author's weighs: bytes are deposit and gas of every deployment. */
import { expect, it } from 'vitest'
import { builtContract } from '../../support/built-contract.ts'

it.each([
  ['counter', 4_096],
  ['token', 12_288],
])('%s is at most %i bytes as it is deployed, its ABI in it', async (name, mostBytes) => {
  expect((await builtContract(name)).code.length).toBeLessThanOrEqual(mostBytes)
})
