/** Several drivers with real BLS keys and logs, over epochs: the set changes, whoever was away catches up. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLog } from '../../../node/consensus/wal.ts'
import { createHub, type Hub } from './hub.ts'
import { assertOneChain } from './oracle.ts'
import {
  MemoryApplication,
  secretOf,
  type SingleChain,
  startSingle,
  type TestEpochs,
  until,
  validatorOf,
} from './single-chain.ts'

let directory: string
let hub: Hub
const running = new Map<number, SingleChain>()
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vex-epochs-'))
  hub = createHub()
})
afterEach(async () => {
  await stop(...running.keys())
  await rm(directory, { recursive: true })
})

const applications = (seeds: readonly number[], epochs: TestEpochs) =>
  seeds.map(seed => Object.assign(new MemoryApplication(epochs), { salt: Uint8Array.of(seed) }))

const launch = async (seed: number, application: MemoryApplication): Promise<SingleChain> => {
  const chain = startSingle(await openLog(join(directory, `${seed}.log`)), application, {
    voteSecret: secretOf(seed),
    transport: hub.join(seed),
    pacing: { networkDelayMs: 40, standstillMs: 100, paceMs: 0 },
  })
  running.set(seed, chain)
  return chain
}

const stop = async (...seeds: number[]): Promise<void> => {
  for (const seed of seeds) {
    hub.leave(seed)
    const chain = running.get(seed)
    running.delete(seed)
    await chain?.consensus.stop()
    expect(chain?.fatal).toEqual([])
  }
}

const heightOf = ({ chain }: MemoryApplication) => chain.length
const expectOneChain = (nodes: readonly MemoryApplication[]) =>
  assertOneChain(nodes.map(({ chain }) => chain.map(({ ref }) => ref)))

describe('epochs', () => {
  it('a lone validator goes through epochs of three blocks, views starting anew in each', async () => {
    const [node] = applications([0], { blocks: 3n, validatorsOf: () => [validatorOf(0)] })
    await launch(0, node!)
    await until(() => heightOf(node!) >= 10, 'ten blocks')
    expect(node!.chain.slice(0, 9).map(({ ref: { epoch, view } }) => `${epoch}/${view}`)).toEqual([
      '0/1',
      '0/2',
      '0/3',
      '1/1',
      '1/2',
      '1/3',
      '2/1',
      '2/2',
      '2/3',
    ])
  })

  it('an epoch of one block is one, too', async () => {
    const [node] = applications([0], { blocks: 1n, validatorsOf: () => [validatorOf(0)] })
    await launch(0, node!)
    await until(() => heightOf(node!) >= 5, 'five blocks')
    expect(node!.chain.slice(0, 5).map(({ ref }) => ref.epoch)).toEqual([0n, 1n, 2n, 3n, 4n])
  })

  it('four agree over many epochs', async () => {
    const seeds = [0, 1, 2, 3]
    const nodes = applications(seeds, {
      blocks: 4n,
      validatorsOf: () => seeds.map(seed => validatorOf(seed)),
    })
    for (const seed of seeds) await launch(seed, nodes[seed]!)
    await until(() => nodes.every(node => heightOf(node) >= 24), 'six epochs')
    expectOneChain(nodes)
    expect(hub.reports).toEqual([])
  })

  it('the whole set is replaced by another that has only followed before', async () => {
    const sets = [
      [0, 1, 2],
      [3, 4, 5, 6],
    ]
    const validatorsOf = (epoch: bigint) => (sets[Number(epoch % 2n)] ?? []).map(seed => validatorOf(seed))
    const seeds = [0, 1, 2, 3, 4, 5, 6]
    const nodes = applications(seeds, { blocks: 3n, validatorsOf })
    for (const seed of seeds) await launch(seed, nodes[seed]!)
    await until(() => nodes.every(node => heightOf(node) >= 15), 'five epochs')
    expectOneChain(nodes)
    const places = new Set(
      nodes[0]!.certificates.map(({ epoch, signers }) => `${epoch % 2n} ${signers[0]! < 8}`),
    )
    expect(places.has('0 true')).toBe(true)
    expect(hub.reports).toEqual([])
  })

  it('one who was away for epochs verifies them one by one, and then votes', async () => {
    const seeds = [0, 1, 2, 3]
    const nodes = applications(seeds, {
      blocks: 3n,
      validatorsOf: () => seeds.map(seed => validatorOf(seed)),
    })
    for (const seed of [0, 1, 2]) await launch(seed, nodes[seed]!)
    await until(() => heightOf(nodes[0]!) >= 16, 'five epochs')
    await launch(3, nodes[3]!)
    await until(() => nodes[3]!.builds > 0 && heightOf(nodes[3]!) >= 20, 'the late one to build')
    expectOneChain(nodes)
  })

  it('one whose epoch has ended goes on where it was, however often it stops', async () => {
    const seeds = [0, 1, 2, 3]
    const nodes = applications(seeds, {
      blocks: 2n,
      validatorsOf: () => seeds.map(seed => validatorOf(seed)),
    })
    for (const seed of seeds) await launch(seed, nodes[seed]!)
    for (let round = 1; round <= 5; round++) {
      await until(() => heightOf(nodes[3]!) >= 4 * round, `round ${round}`)
      await stop(3)
      await until(() => heightOf(nodes[0]!) >= heightOf(nodes[3]!) + 3, 'the others to go on')
      await launch(3, nodes[3]!)
    }
    expectOneChain(nodes)
  })
})
