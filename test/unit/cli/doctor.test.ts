import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkDirectory } from '../../../cli/doctor/directory.ts'
import { checkClock, checkNodeVersion, checkSpace } from '../../../cli/doctor/environment.ts'
import { examine, quoted, Wrong } from '../../../cli/doctor/finding.ts'
import { formatNewConfig } from '../../../node/config.ts'
import { devGenesis } from '../../../node/dev.ts'
import { initDirectory } from '../../../node/init-directory.ts'
import { createValidatorKeys } from '../../../node/validator-keys.ts'
import { removeDirectory, temporaryDirectory } from '../../support/running-node.ts'

describe('a check', () => {
  it('takes its repair from what was thrown, and only the first line of what went wrong', async () => {
    const act = (error: Error) => () => {
      throw error
    }
    expect(await examine('x', 'usual', act(new Error('bad\n at somewhere')))).toEqual({
      check: 'x',
      status: 'wrong',
      message: 'bad',
      repair: 'usual',
    })
    expect(await examine('x', 'usual', act(new Wrong('bad', 'special')))).toMatchObject({ repair: 'special' })
    expect(await examine('x', 'usual', () => 'good')).toEqual({ check: 'x', status: 'ok', message: 'good' })
  })

  it('refuses an old Node, a clock before Vex was made, a disk that is almost full', () => {
    expect(() => checkNodeVersion('22.19.0')).toThrow(/too old/)
    expect(checkNodeVersion('24.0.0')).toBe('Node 24.0.0')
    expect(() => checkClock(Date.UTC(1970, 0, 1))).toThrow(/before this version/)
    expect(checkClock(Date.UTC(2027, 0, 1))).toContain('2027-01-01')
    expect(() => checkSpace(256 * 1024 * 1024 - 1, '/d')).toThrow(/only 255 MiB/)
    expect(checkSpace(256 * 1024 * 1024, '/d')).toContain('256 MiB')
  })

  it('writes paths so that a shell takes them', () => {
    expect(quoted('/a/b-c.d')).toBe('/a/b-c.d')
    expect(quoted(`it's here`)).toBe(`'it'\\''s here'`)
  })
})

describe('a node’s directory', () => {
  let path: string
  const check = async (name: string) =>
    (await checkDirectory(path, { isDeep: false, isDefault: false })).find(({ check }) => check === name)

  beforeEach(async () => {
    path = await temporaryDirectory()
    const validatorKeys = createValidatorKeys()
    const genesis = devGenesis(validatorKeys, 1_700_000_000_000n)
    await initDirectory({ path, genesis, kind: 'validator', bootstrap: [], validatorKeys })
  })
  afterEach(() => removeDirectory(path))

  it('as it was made is right', async () => {
    expect(await check('settings')).toMatchObject({ status: 'ok', message: 'kind validator' })
    expect(await check('node key')).toMatchObject({ status: 'ok' })
  })

  it('has settings that are wrong, and says where', async () => {
    writeFileSync(join(path, 'config.json'), '{"kind": "validator", "logLevl": "info"}')
    expect(await check('settings')).toMatchObject({
      status: 'wrong',
      message: expect.stringContaining('did you mean "logLevel"?'),
      repair: `\${EDITOR:-vi} ${path}/config.json`,
    })
  })

  it('has keys that do not fit its kind', async () => {
    writeFileSync(join(path, 'config.json'), formatNewConfig('full'))
    expect(await check('settings')).toMatchObject({ message: expect.stringContaining('it would vote') })
    writeFileSync(join(path, 'config.json'), formatNewConfig('validator'))
    rmSync(join(path, 'validator-key.json'))
    expect(await check('settings')).toMatchObject({ message: expect.stringContaining('is missing') })
  })

  it('has a key that is damaged, or open to others', async () => {
    chmodSync(join(path, 'node.key'), 0o644)
    expect(await check('node key')).toMatchObject({ repair: `chmod 600 ${path}/node.key` })
    writeFileSync(join(path, 'node.key'), 'x')
    expect(await check('node key')).toMatchObject({ message: expect.stringContaining('node.key is damaged') })
  })
})
