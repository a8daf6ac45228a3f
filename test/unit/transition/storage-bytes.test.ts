import { expect, it } from 'vitest'
import { STORAGE_ENTRY_OVERHEAD_BYTES } from '../../../node/params.ts'
import { Overlay } from '../../../node/state/overlay.ts'
import { ContractHost } from '../../../node/transition/contract-host.ts'
import { Execution } from '../../../node/transition/execution.ts'
import { toAddress, ZERO_HASH } from '../../../node/types/primitives.ts'
import { createVm } from '../../../vm/vm.ts'
import { mapReader } from '../../support/map-reader.ts'

it('a contract holds a deposit for what its entries take now, whatever they took before', () => {
  const self = toAddress(new Uint8Array(32).fill(1))
  const block = { chainId: 'test', height: 1n, timeMs: 0n, randomness: ZERO_HASH }
  const execution = new Execution({
    vm: createVm(),
    block,
    state: new Overlay(mapReader(new Map())),
    origin: self,
  })
  const context = { caller: self, origin: self, self, value: 0n, height: 1n, timeMs: 0n, chainId: 'test' }
  const never = () => {
    throw new Error('nothing is called')
  }
  const host = new ContractHost(execution, context, self, false, { call: never, deploy: never })
  const key = Uint8Array.of(7, 7)
  for (const length of [3, 100, 100, 0]) host.storageWrite(key, new Uint8Array(length))
  expect(host.storageDelete(key)).toBe(true)
  const overhead = STORAGE_ENTRY_OVERHEAD_BYTES + 2n
  expect(execution.storageDeltas.map(({ bytes }) => bytes)).toEqual([overhead + 3n, 97n, -100n, -overhead])
})
