/** What a node plays for itself after its start: every part of it holds by the rules, and it ends when it should. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Chain } from '../../node/chain/chain.ts'
import { ChainQueries } from '../../node/chain/queries.ts'
import { devGenesis } from '../../node/dev.ts'
import { REHEARSAL_CONTRACT_BASE64 } from '../../node/execution/rehearsal-contract.ts'
import { createBlockRehearsal } from '../../node/execution/rehearse-blocks.ts'
import { createPoolRehearsal, rehearse } from '../../node/rehearsal.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import { createValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { wat } from './vm/wat.ts'

const keys = createValidatorKeys(new Uint8Array(64).fill(7))
const genesis = devGenesis(keys, 1_700_000_000_000n, 'test')
const small = { ...genesis, params: { ...genesis.params, blockGasLimit: 1_000_000n, epochBlocks: 1n } }

const stageOf = () => {
  const chain = Chain.open({ db: createMemoryDatabase(), genesis, vm: createVm() })
  return { chain, queries: new ChainQueries(chain) }
}

describe('a rehearsal', () => {
  it('has a contract that is what its text says', () => {
    const text = readFileSync(new URL('../../node/execution/rehearsal.wat', import.meta.url), 'utf8')
    expect(Buffer.from(wat(text)).toString('base64')).toBe(REHEARSAL_CONTRACT_BASE64)
  })

  it.each([
    ['the development chain', genesis],
    ['a chain with the smallest blocks and epochs', small],
  ])('plays blocks by the rules of %s', (_, rules) => {
    const play = createBlockRehearsal(rules)
    for (let i = 0; i < 5; i++) play()
  })

  it('takes transfers in as those of others, and leaves the chain as it is', async () => {
    const stage = stageOf()
    const before = stage.chain.head
    const play = createPoolRehearsal(stage)
    for (let i = 0; i < 5; i++) await play()
    expect(stage.chain.head).toBe(before)
  })

  it('goes on to its last step, or until somebody wants something else', async () => {
    let steps: string[] = []
    const executor = {
      rehearse: (what: 'play' | 'end') => {
        steps.push(what)
        return Promise.resolve()
      },
    }
    const plays = (count: number) => [...Array.from({ length: count }, () => 'play'), 'end']
    await rehearse({ ...stageOf(), executor, isWanted: () => true })
    expect(steps).toEqual(plays(48))
    steps = []
    await rehearse({ ...stageOf(), executor, isWanted: () => false })
    expect(steps).toEqual([])
    await rehearse({ ...stageOf(), executor, isWanted: () => steps.length < 2 })
    expect(steps).toEqual(plays(2))
  })

  it('fails where a part of it does', async () => {
    const executor = { rehearse: () => Promise.reject(new Error('the node is stopping')) }
    await expect(rehearse({ ...stageOf(), executor, isWanted: () => true })).rejects.toThrow('is stopping')
  })
})
