/** `vex/client` for browsers: nothing of Node is in the bundle, it is as small as the README says, and signs what Node signs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { publicKeyOf, sign } from '../../../node/crypto/ed25519.ts'
import * as portable from '../../../node/crypto/signing-portable.ts'
import { type BrowserBundle, bundleForBrowser } from '../../support/browser-bundle.ts'

const KB = 1_000
/** The README's figures may be off by so much. */
const TOLERANCE = 0.05
const CEILING_BYTES = 260 * KB

let bundle: BrowserBundle
beforeAll(async () => {
  bundle = await bundleForBrowser(`export * from './node/client/vex-client.ts'`)
})

const sizeOf = (names: Iterable<string>): { bytes: number; gzipBytes: number } => {
  const files = [...names].map(name => bundle.files.get(name) ?? new Uint8Array())
  return {
    bytes: files.reduce((sum, file) => sum + file.length, 0),
    gzipBytes: files.reduce((sum, file) => sum + gzipSync(file).length, 0),
  }
}
const lightFiles = (): string[] => [...bundle.files.keys()].filter(name => !bundle.initial.includes(name))

it('no module of Node is in it, and nothing of a node but what its client needs', () => {
  expect(bundle.builtins).toEqual([])
  expect(bundle.inputs.filter(path => path.includes('-node.ts') || path.includes('/ed25519.ts'))).toEqual([])
  const server =
    /^node\/(?:transition|storage|consensus|chain|mempool|execution|network)\/|^node_modules\/@trpc\/server\/dist\/adapters/
  expect(bundle.inputs.filter(path => server.test(path))).toEqual([])
  expect(bundle.inputs.filter(path => path.startsWith('node/api/')).sort()).toEqual([
    'node/api/client.ts',
    'node/api/limits.ts',
    'node/api/retry.ts',
    'node/api/submit-client.ts',
    'node/api/submit-codec.ts',
  ])
  for (const file of bundle.files.values()) {
    const text = new TextDecoder().decode(file)
    expect(text).not.toMatch(/\b(?:Buffer\.|process\.(?:env|nextTick|version)|require\()/)
  }
})

it('the light client is loaded when it is asked for', () => {
  expect(lightFiles()).not.toEqual([])
  expect(sizeOf(lightFiles()).bytes).toBeGreaterThan(30 * KB)
})

it('is as large as the README says', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const [, all, zipped, light, lightZipped] =
    /(\d+) kB minified, (\d+) kB with gzip; the light client, another (\d+) kB \((\d+) kB with gzip\)/.exec(
      readme.replaceAll(/\s+/g, ' '),
    ) ?? []
  const sizes = [sizeOf(bundle.initial), sizeOf(lightFiles())].flatMap(({ bytes, gzipBytes }) => [
    bytes,
    gzipBytes,
  ])
  console.log('vex/client, its gzip, the light client, its gzip, in bytes:', ...sizes)
  const shown = [all, zipped, light, lightZipped].map(figure => Number(figure) * KB)
  for (const [i, size] of sizes.entries())
    expect(Math.abs(size / (shown[i] ?? Number.NaN) - 1)).toBeLessThan(TOLERANCE)
  expect(sizes[0]).toBeLessThan(CEILING_BYTES)
})

it('signs without Node what is signed with it', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(bytes(32), fc.uint8Array({ maxLength: 200 }), (secretKey, message) => {
      expect(portable.publicKeyOf(secretKey)).toEqual(publicKeyOf(secretKey))
      expect(portable.sign(secretKey, message)).toEqual(sign(secretKey, message))
    }),
    { numRuns: 30 },
  )
  for (const length of [0, 31, 33])
    for (const { sign: signs } of [portable, { sign }])
      expect(() => signs(new Uint8Array(length), new Uint8Array())).toThrow('is 32 bytes, not')
})
