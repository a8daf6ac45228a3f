/** `vex keys`: a validator's keys shown, encrypted, opened by a node, and moved with what they have signed. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blsVerifyPossession } from '../../node/crypto/bls.ts'
import { startNode } from '../../node/node.ts'
import { fromHex, toHex } from '../../node/types/primitives.ts'
import { parseValidatorKeys } from '../../node/validator-keys.ts'
import { removeDirectory, temporaryDirectory } from '../support/running-node.ts'
import { createValidatorNetwork, EPOCH_BLOCKS, PLACES } from '../support/validator-network.ts'
import { type Environment, type Finished, runVex, startVex, waitForLine } from '../support/vex-command.ts'

const PASSWORD = 'correct horse battery'
let folder: string
let printed = ''

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text, { mode: 0o600 })
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const run = async (line: string, environment?: Environment): Promise<Finished> => {
  const finished = await runVex(folder, line.split(' '), environment)
  printed += finished.stdout + finished.stderr
  return finished
}
const json = async (line: string): Promise<Record<string, unknown>> => {
  const { exitCode, stdout, stderr } = await run(`${line} --json`)
  expect([line, exitCode, stderr]).toEqual([line, 0, ''])
  return JSON.parse(stdout) as Record<string, unknown>
}
const refused = async (line: string, exitCode: number, code: string): Promise<string> => {
  const finished = await run(`${line} --json`)
  const { error } = JSON.parse(finished.stderr) as { error: { code: string; message: string } }
  expect([line, finished.exitCode, finished.stdout, error.code]).toEqual([line, exitCode, '', code])
  return error.message
}
const secretsOf = (text: string): string[] => {
  const { operatorSecretKey, voteSecretKey, vrfSecretKey } = parseValidatorKeys(text)
  return [operatorSecretKey, voteSecretKey, vrfSecretKey].map(toHex)
}
/** Never to be printed. */
const secrets: string[] = [PASSWORD]

beforeAll(async () => {
  folder = await temporaryDirectory()
  put('password', `${PASSWORD}\n`)
  put('wrong', 'incorrect donkey')
})
afterAll(() => removeDirectory(folder))

describe('vex keys', () => {
  it('makes keys that are encrypted, and shows who they are without the password', async () => {
    const made = await json('keys new keys.json --password-file password')
    expect(made).toMatchObject({
      path: 'keys.json',
      isEncrypted: true,
      operator: expect.stringMatching(/^vex1/),
    })
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600)
    expect(await json('keys show keys.json')).toEqual(made)
    const { voteKey, proofOfPossession } = made as { voteKey: string; proofOfPossession: string }
    expect(blsVerifyPossession(fromHex(voteKey), fromHex(proofOfPossession))).toBe(true)
    await refused('keys new keys.json --password-file password', 1, 'exists')
    await refused('keys new more.json', 2, 'usage')
  })

  it('takes the password off and puts it on, and they are the same', async () => {
    const before = await json('keys show keys.json')
    await refused('keys decrypt keys.json --password-file password', 2, 'usage')
    await refused('keys decrypt keys.json --yes --password-file wrong', 1, 'wrong_password')
    expect(await json('keys decrypt keys.json --yes --password-file password')).toEqual({
      ...before,
      isEncrypted: false,
    })
    secrets.push(...secretsOf(read('keys.json')))
    await refused('keys decrypt keys.json --yes --password-file password', 1, 'not_encrypted')
    expect(await json('keys encrypt keys.json --password-file password --kdf pbkdf2')).toEqual(before)
    await refused('keys encrypt keys.json --password-file password', 1, 'encrypted')
    expect(statSync(join(folder, 'keys.json')).mode & 0o777).toBe(0o600)
    for (const secret of secrets) expect(read('keys.json')).not.toContain(secret)
  })

  it('tells apart what is wrong with a file', async () => {
    const text = read('keys.json')
    const change = (field: string, value: unknown): void =>
      put('bad.json', JSON.stringify({ ...(JSON.parse(text) as object), [field]: value }))
    change('ciphertext', '00'.repeat(64))
    await refused('keys show bad.json', 1, 'tampered')
    change('version', 2)
    await refused('keys show bad.json', 1, 'foreign_version')
    change('public', { ...(JSON.parse(text) as { public: object }).public, voteKey: '0x00' })
    await refused('keys decrypt bad.json --yes --password-file password', 1, 'tampered')
    await refused('keys show gone.json', 1, 'not_found')
  })
})

describe('a node whose keys are encrypted', () => {
  it('is stated, made, examined and started with them, if it gets the password', async () => {
    await json('genesis new --chain-id locked --out genesis.json')
    await json('genesis validator --data-dir v --chain-id locked --stake 1000vex --out v.json')
    secrets.push(...secretsOf(read('v/validator-key.json')))
    const before = await json('keys encrypt --data-dir v --password-file password')
    await refused(
      'genesis validator --data-dir v --chain-id locked --stake 1000vex --out again.json',
      2,
      'usage',
    )
    expect(
      await json(
        'genesis validator --data-dir v --chain-id locked --stake 1000vex --out again.json --password-file password',
      ),
    ).toMatchObject({ operator: before['operator'], isNew: false })
    await json('genesis add-validator genesis.json --from v.json')
    expect(await json('node init --genesis genesis.json --kind validator --data-dir v')).toMatchObject({
      operator: before['operator'],
      isGenesisValidator: true,
    })
    expect(await json('keys show --data-dir v')).toEqual({
      ...before,
      isEncrypted: true,
      peerId: expect.stringMatching(/^12D3KooW/),
    })
    const doctor = await run('doctor --data-dir v')
    expect([doctor.exitCode, doctor.stdout]).toEqual([
      0,
      expect.stringMatching(/vote key [0-9a-f]{16}…, encrypted/),
    ])

    const environment = { VEX_API_PORT: '0', VEX_NETWORK_LISTEN: '/ip4/127.0.0.1/tcp/0' }
    for (const [options, exitCode, said] of [
      ['', 2, 'give it with --password-file'],
      [' --password-file wrong', 1, 'the password is wrong'],
    ] as const) {
      const failed = await run(`node start --data-dir v${options}`, environment)
      expect([failed.exitCode, failed.stderr]).toEqual([exitCode, expect.stringContaining(said)])
    }
    const node = startVex(
      folder,
      ['node', 'start', '--data-dir', 'v', '--password-file', 'password'],
      environment,
    )
    await waitForLine(node, line => line.includes('"height":"2"'))
    node.child.kill('SIGTERM')
    const ended = await node.finished
    printed += ended.stdout + ended.stderr
    expect([ended.exitCode, ended.stderr]).toEqual([0, ''])
  })

  it('of a development chain too', async () => {
    const dev = (...args: string[]) =>
      startVex(folder, ['dev', '--data-dir', 'dev', '--port', '0', '--json', '--quiet', ...args])
    const first = dev()
    await waitForLine(first, () => true)
    first.child.kill('SIGTERM')
    await first.finished
    await json('keys encrypt --data-dir dev --password-file password')
    expect((await dev().finished).exitCode).toBe(2)
    const opened = dev('--password-file', 'password')
    expect(JSON.parse(await waitForLine(opened, () => true))).toMatchObject({ chainId: 'vex-dev' })
    opened.child.kill('SIGTERM')
    expect((await opened.finished).exitCode).toBe(0)
  })

  it('is made of an encrypted file as it is', async () => {
    await json('node init --genesis genesis.json --kind validator --data-dir w --validator-keys keys.json')
    expect(read('w/validator-key.json')).toBe(read('keys.json'))
  })
})

describe('a validator that moves', () => {
  const moved = { path: '' }
  const network = createValidatorNetwork(place =>
    place === 3 && moved.path !== ''
      ? { dataDirectory: moved.path, askPassword: () => Promise.resolve(PASSWORD) }
      : {},
  )
  const { start, heightOf, until } = network
  afterAll(() => network.close())

  it('votes in its new directory from where it was, and in the old one never again', async () => {
    for (const place of PLACES) await start(place)
    await until(() => heightOf(3) > EPOCH_BLOCKS)
    await refused(
      `keys export --data-dir ${network.directoryOf(3)} --out too-early --password-file password`,
      1,
      'locked',
    )
    await network.stop(3)
    const old = network.directoryOf(3)
    // The same chain, as a node without keys has it.
    const fresh = join(folder, 'fresh')
    cpSync(old, fresh, { recursive: true })
    for (const name of ['validator-key.json', 'consensus.log', 'signer.floor']) rmSync(join(fresh, name))
    const keyText = readFileSync(join(old, 'validator-key.json'), 'utf8')
    secrets.push(...secretsOf(keyText))

    const exported = await json(`keys export --data-dir ${old} --out move --password-file password`)
    expect(exported).toMatchObject({ signed: { epoch: expect.any(String), view: expect.any(String) } })
    expect(statSync(join(folder, 'move')).mode & 0o777).toBe(0o600)
    expect(existsSync(join(old, 'validator-key.json'))).toBe(false)
    expect((await run(`doctor --data-dir ${old}`)).stdout).toContain('moved away from here')

    // Not even with a copy of its keys.
    writeFileSync(join(old, 'validator-key.json'), keyText, { mode: 0o600 })
    await expect(
      startNode({
        dataDirectory: old,
        host: '127.0.0.1',
        port: 0,
        createGenesis: () => network.genesis,
        logger: pino({ level: 'silent' }),
        onFatal: () => undefined,
      }),
    ).rejects.toMatchObject({ code: 'log_stale', message: expect.stringContaining('were moved') })
    await refused(`keys export --data-dir ${old} --out twice --password-file password`, 1, 'moved_away')

    await refused(`keys import move --data-dir ${fresh} --password-file wrong`, 1, 'wrong_password')
    await refused(`keys import move --data-dir w --password-file password`, 1, 'other_chain')
    expect(readdirSync(fresh)).not.toContain('signer.floor')
    expect(await json(`keys import move --data-dir ${fresh} --password-file password`)).toMatchObject({
      signed: exported['signed'],
      removed: 'move',
    })
    expect(existsSync(join(folder, 'move'))).toBe(false)
    expect((await run(`doctor --data-dir ${fresh}`)).exitCode).toBe(0)

    moved.path = fresh
    await start(3)
    // Nine twelfths of the stake are left, of which the one that moved has two: without it there is no quorum.
    await network.stop(1)
    const goal = heightOf(0) + EPOCH_BLOCKS
    await until(() => [0, 2, 3].every(place => heightOf(place) > goal))
    await network.agreedBlocks([0, 2, 3])
    expect(network.reports).toEqual([])
  }, 120_000)

  it('does not leave without its log: what it signed last would be unknown', async () => {
    const lost = join(folder, 'lost')
    await network.stop(2)
    cpSync(network.directoryOf(2), lost, { recursive: true })
    rmSync(join(lost, 'consensus.log'))
    await refused(`keys export --data-dir ${lost} --out lost.move --password-file password`, 1, 'log_missing')
    expect(existsSync(join(lost, 'validator-key.json'))).toBe(true)
    expect(existsSync(join(folder, 'lost.move'))).toBe(false)
  })
})

describe('secrets', () => {
  it('are in nothing that was printed', () => {
    expect(secrets.length).toBeGreaterThanOrEqual(10)
    for (const secret of secrets) expect(printed).not.toContain(secret)
  })
})
