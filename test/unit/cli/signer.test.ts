import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadAddressBook } from '../../../cli/address-book.ts'
import { resolveSigner } from '../../../cli/signer.ts'
import { devAccounts } from '../../../node/dev.ts'
import { toHex } from '../../../node/types/primitives.ts'

const KEY = 'ab'.repeat(32)
const OTHER_CHAIN = 'vex-main'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-signer-'))
  path = join(folder, 'key')
  vi.stubEnv('VEX_KEY', '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const signerOn = async (
  chainId: string,
  options: { from?: string; keyFile?: string } = {},
): Promise<string> => toHex(await resolveSigner(options, chainId, await loadAddressBook(chainId)))

describe('who signs', () => {
  it('is dev0 on a development chain unless somebody else is named', async () => {
    const keys = devAccounts().map(({ secretKey }) => toHex(secretKey))
    expect(await signerOn('vex-dev')).toBe(keys[0])
    expect(await signerOn('vex-dev', { from: 'dev7' })).toBe(keys[7])
  })

  it('is nobody on another chain until a key is given', async () => {
    await expect(signerOn(OTHER_CHAIN)).rejects.toThrow('--key-file')
    await expect(signerOn(OTHER_CHAIN, { from: 'dev0' })).rejects.toThrow('development chain only')
  })

  it('is the key of the file, with or without 0x', async () => {
    for (const text of [KEY, `0x${KEY}\n`]) {
      await writeFile(path, text)
      await chmod(path, 0o600)
      expect(await signerOn(OTHER_CHAIN, { keyFile: path })).toBe(KEY)
    }
  })

  it('is VEX_KEY when nothing is said', async () => {
    vi.stubEnv('VEX_KEY', KEY)
    expect(await signerOn('vex-dev')).toBe(KEY)
  })

  it.each([0o644, 0o640, 0o602])('is not a file that others may use (mode %o)', async mode => {
    await writeFile(path, KEY)
    await chmod(path, mode)
    await expect(signerOn(OTHER_CHAIN, { keyFile: path })).rejects.toThrow(`chmod 600 ${path}`)
  })

  it('is no key that is malformed, and the error does not show it', async () => {
    vi.stubEnv('VEX_KEY', `${KEY}00`)
    const error = await signerOn('vex-dev').catch((caught: unknown) => caught)
    expect(String(error)).toContain('VEX_KEY does not hold a secret key')
    expect(String(error)).not.toContain(KEY)
  })
})
