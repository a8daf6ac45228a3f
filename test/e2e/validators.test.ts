/** Four validators in one process: one chain, through epochs, stakes, stops and restarts. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVexClient } from '../../node/client/client.ts'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { VEX } from '../../node/params.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { createValidatorNetwork, EPOCH_BLOCKS, PLACES } from '../support/validator-network.ts'

const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]

const network = createValidatorNetwork()
const { genesis, start, clientOf, heightOf, until, agreedBlocks } = network

beforeAll(async () => {
  for (const place of PLACES) await start(place)
})
afterAll(() => network.close())

describe('four validators', () => {
  it('make one chain through epochs, led by several of them, each block voted for by more than two thirds', async () => {
    await until(() => PLACES.every(place => heightOf(place) > 3n * EPOCH_BLOCKS))
    const blocks = await agreedBlocks([0, 1, 2, 3])
    expect(new Set(blocks.map(({ proposer }) => proposer)).size).toBeGreaterThan(1)
    expect(new Set(blocks.map(({ epoch }) => epoch))).toContain('2')
    expect(new Set(blocks.map(({ eta }) => eta)).size).toBe(blocks.length)
    expect(network.reports).toEqual([])
  })

  it('carry a delegation into the set two epochs later, on every node', async () => {
    const [, second] = genesis.validators
    const account = createAccountClient({ client: clientOf(0), secretKey: dev.secretKey })
    const validator = (second as (typeof genesis.validators)[number]).address
    const sent = await account.send({ kind: 'delegate', validator, amount: 5_000n * VEX })
    expect(sent.kind).toBe('final')
    const address = formatAddress(validator)
    const powerAt = async (place: number): Promise<string | undefined> => {
      const { validators } = await clientOf(place).api.staking.validators.query({})
      return validators.find(each => each.address === address)?.power
    }
    const from = heightOf(0)
    // It takes at most the rest of this epoch and two more; sets grow by a fifth an epoch at most.
    await until(() => PLACES.every(place => heightOf(place) > from + 4n * EPOCH_BLOCKS))
    const powers = await Promise.all([0, 1, 2, 3].map(powerAt))
    expect(new Set(powers).size).toBe(1)
    expect(Number(powers[0])).toBeGreaterThan(3_000)
    await agreedBlocks([0, 1, 2, 3])
  })

  it('go on without one of them, which catches up when it is back, epochs later', async () => {
    await network.stop(3)
    const from = heightOf(0)
    await until(() => [0, 1, 2].every(place => heightOf(place) > from + 2n * EPOCH_BLOCKS))
    await start(3)
    expect(heightOf(3)).toBeLessThan(heightOf(0))
    const goal = heightOf(0) + EPOCH_BLOCKS
    await until(() => heightOf(3) > goal)
    await agreedBlocks([0, 1, 2, 3])
  })

  it('do not let one vote that has lost its log', async () => {
    const path = join(network.directoryOf(3), 'consensus.log')
    await network.stop(3)
    await rename(path, `${path}.kept`)
    await expect(start(3)).rejects.toMatchObject({
      code: 'incomplete',
      message: expect.stringContaining('what this validator has signed is unknown'),
    })
    await rename(`${path}.kept`, path)
    await start(3)
    const goal = heightOf(0) + 2n
    await until(() => heightOf(3) > goal)
  })

  it('convince a light client that trusts the genesis alone', async () => {
    const { genesisHash } = await clientOf(2).api.chain.info.query()
    const vex = createVexClient({ url: network.nodeOf(2).url })
    const light = await vex.light({ genesisHash, trustingPeriodMs: 3_600_000n })
    const { header } = await light.head()
    expect(header.epoch).toBeGreaterThan(5n)
    const account = await light.account(publicKeyToAddress(dev.publicKey))
    expect(account?.nonce).toBe(1n)
    vex.close()
  })
})
