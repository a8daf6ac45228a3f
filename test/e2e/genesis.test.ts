/** A chain begun by hand, through the command: a ceremony, directories, and a lone validator that makes blocks. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiClient } from '../../node/api/client.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'
import { type Environment, type Finished, runVex, startVex, waitForLine } from '../support/vex-command.ts'

let folder: string
beforeAll(async () => {
  folder = await temporaryDirectory()
})
afterAll(() => removeDirectory(folder))

const vex = (line: string, environment?: Environment): Promise<Finished> =>
  runVex(folder, line.split(' '), environment)
const expectDone = async (line: string): Promise<string> => {
  const { exitCode, stdout, stderr } = await vex(line)
  expect([line, exitCode, stderr]).toEqual([line, 0, ''])
  return stdout
}
const expectRefused = async (line: string, code: number, said: string): Promise<void> => {
  const { exitCode, stdout, stderr } = await vex(line)
  expect([line, exitCode, stdout]).toEqual([line, code, ''])
  expect(stderr).toContain(said)
  expect(stderr.trim().split('\n')).toHaveLength(1)
}
const PEERS = ['a', 'b'].map(
  host => `/dns4/${host}.example/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN`,
)
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

describe('a ceremony', () => {
  it('ends in one hash, and a validator makes its directory with the keys that it stated', async () => {
    await expectDone('genesis new --chain-id both --out genesis.json --epoch-blocks 50')
    await Promise.all(
      [1, 2].map(i =>
        expectDone(
          `genesis validator --data-dir v${i} --chain-id both --stake ${i}000vex --commission 2.5 --out v${i}.json`,
        ),
      ),
    )
    for (const i of [1, 2]) await expectDone(`genesis add-validator genesis.json --from v${i}.json`)
    const [said, hash] = await Promise.all([
      expectDone('genesis validate genesis.json'),
      expectDone('genesis hash genesis.json'),
    ])
    expect(said).toContain('2 validators and 3,000 VEX staked')
    expect(said).toContain('epochs of 50 blocks')
    expect(said).toContain(hash.trim())

    const keys = read('v1/validator-key.json')
    const made = await expectDone(
      `node init --genesis genesis.json --genesis-hash ${hash.trim()} --kind validator --data-dir v1 --bootstrap ${PEERS[0]} --bootstrap ${PEERS[1]} --json`,
    )
    expect(JSON.parse(made)).toMatchObject({ kind: 'validator', chainId: 'both', isGenesisValidator: true })
    expect(read('v1/validator-key.json')).toBe(keys)
    expect(JSON.parse(read('v1/config.json'))).toMatchObject({
      network: { bootstrap: PEERS },
    })
    const hidden = await expectDone(
      `node init --genesis genesis.json --kind validator --validator-keys v2/validator-key.json --data-dir hidden --sentry ${PEERS[0]} --sentry ${PEERS[1]}`,
    )
    expect(hidden).toMatch(/sentries name +12D3KooW\w+ in network\.privatePeers/)
    expect(hidden).not.toContain('others call')
    expect(JSON.parse(read('hidden/config.json'))).toMatchObject({
      network: { listen: [], bootstrap: [], persistentPeers: PEERS, onlyPeers: true },
    })
  })

  it('refuses what does not hold, with a sentence, and changes nothing', async () => {
    const before = read('genesis.json')
    writeFileSync(join(folder, 'greedy.json'), read('v1.json').replace('"1000000000000"', '"9000000000000"'))
    await Promise.all([
      expectRefused('genesis add-validator genesis.json --from greedy.json', 1, 'was changed after'),
      expectRefused('genesis new --chain-id both --out genesis.json', 1, 'is there already'),
      expectRefused(
        `node init --genesis genesis.json --genesis-hash ${'0'.repeat(64)} --data-dir n`,
        1,
        'not 0000',
      ),
      expectRefused('node init --genesis genesis.json --kind full --data-dir v2', 1, 'v2/validator-key.json'),
      expectRefused(
        `node init --genesis genesis.json --sentry ${PEERS[0]} --data-dir n`,
        2,
        'hides behind nobody',
      ),
      expectRefused(
        `node init --genesis genesis.json --kind validator --sentry ${PEERS[0]} --bootstrap ${PEERS[1]} --data-dir n`,
        2,
        'talks to them alone',
      ),
      expectRefused('node start --data-dir n', 1, 'vex node init'),
      expectRefused('genesis nwe', 2, 'vex genesis --help'),
    ])
    expect(read('genesis.json')).toBe(before)
    expect(existsSync(join(folder, 'n'))).toBe(false)
  })
})

describe('a lone validator', () => {
  it('makes blocks from its own genesis, with settings from file and environment, and stops when told', async () => {
    await expectDone('genesis new --chain-id lone --out lone.json --idle-block-interval-ms 250')
    await expectDone(
      'genesis validator --data-dir lone --chain-id lone --stake 100vex --out lone-validator.json',
    )
    await expectDone('genesis add-validator lone.json --from lone-validator.json')
    await expectDone('node init --genesis lone.json --kind validator --data-dir lone')
    expect(statSync(join(folder, 'lone/node.key')).mode & 0o777).toBe(0o600)

    const node = startVex(folder, ['node', 'start', '--data-dir', 'lone'], { VEX_API_PORT: '0' })
    const ready = JSON.parse(await waitForLine(node, line => line.includes('"msg":"ready"'))) as {
      url: string
    }
    await waitForLine(node, line => line.includes('"msg":"final block"') && line.includes('"height":"2"'))
    const client = createApiClient({ url: ready.url })
    expect(await client.api.chain.info.query()).toMatchObject({ chainId: 'lone' })
    client.close()
    node.child.kill('SIGTERM')
    const { exitCode, stdout, stderr } = await node.finished
    expect([exitCode, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ msg: 'stopped' })
  })

  it('does not start with settings that make no sense', async () => {
    const config = read('lone/config.json')
    writeFileSync(join(folder, 'lone/config.json'), config.replace('"maxPeers"', '"maxPears"'))
    const [byVariable, byFile] = await Promise.all([
      vex('node start --data-dir v1', { VEX_API_PORT: 'x' }),
      vex('node start --data-dir lone'),
    ])
    expect(byVariable).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('VEX_API_PORT: expected a number'),
    })
    expect(byFile).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(
        'lone/config.json: there is no setting "network.maxPears"; did you mean "maxPeers"?',
      ),
    })
  })
})
