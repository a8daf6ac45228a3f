/** `vex/wallet` in a bundle for browsers: no Node in it, and the same accounts where there is none. */
import { webcrypto } from 'node:crypto'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const ENTRY = `
import { accountOf, createMnemonic, mnemonicToSeed, parseMnemonic } from './node/wallet/vex-wallet.ts'
globalThis.addressOf = async words => accountOf(await mnemonicToSeed(parseMnemonic(words)), 0).address
globalThis.createMnemonic = createMnemonic`

test('vex/wallet works without Node', async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: ENTRY, resolveDir: join(import.meta.dirname, '../../..'), loader: 'ts' },
    bundle: true,
    write: false,
    minify: true,
    metafile: true,
    platform: 'browser',
    format: 'iife',
    logLevel: 'silent',
  })
  const inputs = Object.keys(metafile.inputs)
  expect(inputs.filter(path => path.startsWith('node:') || path.includes('-node.ts'))).toEqual([])
  expect(inputs.filter(path => path.includes('keystore') || path.includes('zod'))).toEqual([])
  const context = createContext({ TextEncoder, TextDecoder, crypto: webcrypto, setTimeout, Uint8Array })
  runInContext(outputFiles[0]?.text ?? '', context)
  const { addressOf, createMnemonic } = context as {
    addressOf: (words: string) => Promise<string>
    createMnemonic: () => string
  }
  expect(await addressOf(`${'abandon '.repeat(11)}about`)).toBe(
    'vex1fnzvzf6agz3r3g4gqg4qy5ry9a9klhwj3z0d3jf0jdfv5g2l9ksq0evgdk',
  )
  expect(createMnemonic().split(' ')).toHaveLength(24)
})
