import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  ANVIL_VERSION,
  cacheFolder,
  findAnvil,
  platformPackage,
} from '../../../bench/against/anvil-binary.ts'

const folder = mkdtempSync(join(tmpdir(), 'vex-anvil-'))
afterAll(() => rmSync(folder, { recursive: true }))

const script = (name: string, says: string): string => {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\necho '${says}'\n`)
  chmodSync(path, 0o755)
  return path
}

const say = (): void => {
  throw new Error('nothing is to be installed')
}

describe('the anvil that Vex is held against', () => {
  it('is the file that is named, with the version that it tells', async () => {
    const path = script('anvil', 'anvil Version: 1.6.0-dev')
    expect(await findAnvil(path, say)).toEqual({ path, version: '1.6.0-dev' })
  })

  it('is refused when it is no anvil, or not there', async () => {
    const refused = {
      code: 'no_peer',
      message: expect.stringContaining('does not tell an anvil’s version') as string,
    }
    await expect(findAnvil(script('other', 'forge Version: 1.7.1'), say)).rejects.toMatchObject(refused)
    await expect(findAnvil(join(folder, 'nothing'), say)).rejects.toMatchObject(refused)
  })

  it('is a package of npm for each platform that it runs on, and none elsewhere', () => {
    expect(platformPackage('linux', 'x64').name).toBe('@foundry-rs/anvil-linux-amd64')
    expect(platformPackage('linux', 'arm64').name).toBe('@foundry-rs/anvil-linux-arm64')
    expect(() => platformPackage('darwin', 'arm64')).toThrow(
      '--against anvil runs on linux-x64 and linux-arm64, not on darwin-arm64',
    )
  })

  it('lies in the cache of whoever measures', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe(`/cache/vex-bench/anvil-${ANVIL_VERSION}`)
    expect(cacheFolder({ XDG_CACHE_HOME: '' })).toMatch(/\.cache\/vex-bench\/anvil-/)
  })
})
