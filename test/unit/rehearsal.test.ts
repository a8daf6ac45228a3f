/** What a node plays for itself after its start: every part of it holds by the rules, and it ends when it should. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Chain } from '../../node/chain/chain.ts'
import { ChainQueries } from '../../node/chain/queries.ts'
import { devGenesis } from '../../node/dev.ts'
import { REHEARSAL_CONTRACT_BASE64 } from '../../node/execution/rehearsal-contract.ts'
import { createBlockRehearsal } from '../../node/execution/rehearse-blocks.ts'
import { createIdleCheck, createPoolRehearsal, rehearse } from '../../node/rehearsal.ts'
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
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    vi.setTimerTickMode('nextTimerAsync')
  })
  afterEach(() => void vi.useRealTimers())

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

  const recording = () => {
    const steps: string[] = []
    const rehearseStep = (what: 'play' | 'end') => {
      steps.push(what)
      return Promise.resolve()
    }
    return { steps, executor: { rehearse: rehearseStep } }
  }
  const plays = (count: number) => [...Array.from({ length: count }, () => 'play'), 'end']

  it('goes on to its last step', async () => {
    const { steps, executor } = recording()
    await rehearse({ ...stageOf(), executor, isIdle: () => true, isStopping: () => false })
    expect(steps).toEqual(plays(48))
  })

  it('pauses while the node has something to do, and goes on from there', async () => {
    const { steps, executor } = recording()
    const asked: number[] = []
    const isIdle = () => {
      asked.push(steps.length)
      return asked.filter(count => count === steps.length).length > (steps.length % 10 === 0 ? 1 : 0)
    }
    await rehearse({ ...stageOf(), executor, isIdle, isStopping: () => false })
    expect(steps).toEqual(plays(48))
    expect(asked.length).toBe(48 + 5)
  })

  it('finds a node busy that has a transaction waiting, or was asked often since the last look', () => {
    const node = { waiting: 0, requests: 1_000 }
    const isIdle = createIdleCheck({ waiting: () => node.waiting, requests: () => node.requests })
    expect(isIdle()).toBe(true)
    node.requests += 5
    expect(isIdle()).toBe(true)
    node.requests += 6
    expect([isIdle(), isIdle()]).toEqual([false, true])
    node.waiting = 1
    expect([isIdle(), isIdle()]).toEqual([false, false])
    node.waiting = 0
    expect(isIdle()).toBe(true)
  })

  it('plays nothing on a node that is busy all the time, and has an end there', async () => {
    const { steps, executor } = recording()
    await rehearse({ ...stageOf(), executor, isIdle: () => false, isStopping: () => false })
    expect(steps).toEqual([])
  })

  it('ends where the node stops', async () => {
    const { steps, executor } = recording()
    await rehearse({ ...stageOf(), executor, isIdle: () => true, isStopping: () => steps.length === 2 })
    expect(steps).toEqual(plays(2))
    const early = recording()
    await rehearse({ ...stageOf(), ...early, isIdle: () => true, isStopping: () => true })
    expect(early.steps).toEqual([])
  })

  it('fails where a part of it does, and leaves nothing behind', async () => {
    const steps: string[] = []
    const rehearseStep = (what: 'play' | 'end') => {
      steps.push(what)
      return what === 'play' ? Promise.reject(new Error('a transfer has failed')) : Promise.resolve()
    }
    const executor = { rehearse: rehearseStep }
    await expect(
      rehearse({ ...stageOf(), executor, isIdle: () => true, isStopping: () => false }),
    ).rejects.toThrow('has failed')
    expect(steps).toEqual(plays(1))
  })
})
