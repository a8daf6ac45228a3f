/** The light client in a bundle for browsers: no Node in it, and the same answers where there is none. */
import { build } from 'esbuild'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { beforeAll, expect, test } from 'vitest'
import { ecvrfProofToHash, ecvrfProve } from '../../../node/crypto/ecvrf.ts'
import { publicKeyOf } from '../../../node/crypto/ed25519.ts'
import { finalHeaderCodec, handOverCodec } from '../../../node/types/hand-over.ts'
import { accountKey } from '../../../node/state/keys.ts'
import { genesisCodec } from '../../../node/types/genesis.ts'
import { toHex } from '../../../node/types/primitives.ts'
import { finalAt, genesis, GENESIS_HASH, handOverOf, proofOf, RICH, START_MS } from './light-chain.ts'

const ENTRY = `
import { ecvrfVerify } from './node/crypto/ecvrf.ts'
import { LightClient } from './node/light/light-client.ts'
import { genesisCodec } from './node/types/genesis.ts'
import { finalHeaderCodec, handOverCodec } from './node/types/hand-over.ts'
import { fromHex, toAddress, toHash, toHex } from './node/types/primitives.ts'
globalThis.balanceOf = ({ genesis, genesisHash, handOver, final, address, proof, nowMs }) => {
  const client = LightClient.fromGenesis(genesisCodec.decode(fromHex(genesis)), toHash(fromHex(genesisHash)), {
    trustingPeriodMs: 86400000n,
  })
  client.handOver(handOverCodec.decode(fromHex(handOver)), nowMs)
  const header = client.verify(finalHeaderCodec.decode(fromHex(final)), nowMs)
  return client.account(header, toAddress(fromHex(address)), fromHex(proof)).balance
}
globalThis.outputOf = (key, input, proof) => {
  const verified = ecvrfVerify(fromHex(key), fromHex(input), fromHex(proof))
  return verified.ok ? toHex(verified.output) : verified.refusal
}`

let bundle: { text: string; bytes: number; inputs: readonly string[] }
beforeAll(async () => {
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
  const [output] = outputFiles
  if (output === undefined) throw new Error('esbuild wrote nothing')
  bundle = { text: output.text, bytes: output.contents.length, inputs: Object.keys(metafile.inputs) }
})

test('nothing of Node is in it, and no transition, database or server', () => {
  expect(bundle.inputs.filter(path => path.startsWith('node:') || path.includes('-node.ts'))).toEqual([])
  expect(
    bundle.inputs.filter(path => /^node\/(?:transition|storage|consensus|api|chain)\//.test(path)),
  ).toEqual([])
  expect(bundle.bytes).toBeLessThan(150_000)
})

test('it verifies an account in a place without Node', () => {
  const context = createContext({ TextEncoder, TextDecoder })
  runInContext(bundle.text, context)
  const balanceOf = context['balanceOf'] as (given: Record<string, unknown>) => bigint
  const given = {
    genesis: toHex(genesisCodec.encode(genesis)),
    genesisHash: toHex(GENESIS_HASH),
    handOver: toHex(handOverCodec.encode(handOverOf(0n))),
    final: toHex(finalHeaderCodec.encode(finalAt(5n))),
    address: toHex(RICH),
    proof: toHex(proofOf(accountKey(RICH))),
    nowMs: START_MS + 60_000n,
  }
  expect(balanceOf(given)).toBe(77n)
  const forged = finalHeaderCodec.encode({ ...finalAt(5n), header: finalAt(4n).header })
  expect(() => balanceOf({ ...given, final: toHex(forged) })).toThrow(/not of the finality/)
})

test('it verifies what a leader has drawn there, too', () => {
  const context = createContext({ TextEncoder, TextDecoder })
  runInContext(bundle.text, context)
  const outputOf = context['outputOf'] as (...hex: string[]) => string
  const [secret, input] = [new Uint8Array(32).fill(7), Uint8Array.of(1, 2, 3)]
  const proof = ecvrfProve(secret, input)
  const [key, own, other] = [publicKeyOf(secret), input, Uint8Array.of(1)].map(toHex) as [
    string,
    string,
    string,
  ]
  expect(outputOf(key, own, toHex(proof))).toBe(toHex(ecvrfProofToHash(proof) as Uint8Array))
  expect(outputOf(key, other, toHex(proof))).toBe('wrong_proof')
})
