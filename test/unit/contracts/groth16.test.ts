/**
 * Proofs made with the trapdoor: whoever knows the secret numbers behind a verifying key can solve the verifier's
 * equation for C, for any inputs. That is what a circuit's set-up has to forget, and what a test may know.
 */
import { bn254 } from '@noble/curves/bn254.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestChain, expectEvent, expectRevert } from 'vex/testing'
import { Groth16 } from '../../../contracts/build/groth16.abi.ts'
import { NOBODY } from './nobody.ts'

const { Fr } = bn254.fields
const R = Fr.ORDER

const word = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const join = (...words: bigint[]): Uint8Array => new Uint8Array(Buffer.concat(words.map(word)))
/** EIP-196. */
const g1 = (scalar: bigint): Uint8Array => {
  const { x, y } = bn254.G1.Point.BASE.multiply(Fr.create(scalar)).toAffine()
  return join(x, y)
}
/** EIP-197: the imaginary parts first. */
const g2 = (scalar: bigint): Uint8Array => {
  const { x, y } = bn254.G2.Point.BASE.multiply(Fr.create(scalar)).toAffine()
  return join(x.c1, x.c0, y.c1, y.c0)
}

const [ALPHA, BETA, GAMMA, DELTA] = [1_234_567n, 7_654_321n, 31_337n, 271_828n]
const IC = [11n, 22n, 33n]
const KEY = { alpha: g1(ALPHA), beta: g2(BETA), gamma: g2(GAMMA), delta: g2(DELTA), ic: IC.map(g1) }

const proveFor = (inputs: readonly bigint[], a = 99n, b = 77n) => {
  const sum = inputs.reduce((total, input, i) => total + input * (IC[i + 1] ?? 0n), IC[0] ?? 0n)
  const c = Fr.mul(Fr.create(a * b - ALPHA * BETA - sum * GAMMA), Fr.inv(DELTA))
  return { a: g1(a), b: g2(b), c: g1(c) }
}

const setUp = async () => {
  const chain = await createTestChain()
  return { chain, verifier: await chain.deploy(Groth16, { key: KEY }) }
}
let world: Awaited<ReturnType<typeof setUp>>
beforeAll(async () => {
  world = await setUp()
})

const INPUTS = [3n, R - 1n]

describe('a Groth16 proof', () => {
  it('holds for its inputs, whoever made it with whichever numbers', async () => {
    const { verifier } = world
    expect(await verifier.view.verify({ proof: proveFor(INPUTS), inputs: INPUTS })).toBe(true)
    expect(await verifier.view.verify({ proof: proveFor(INPUTS, 5n, 6n), inputs: INPUTS })).toBe(true)
  })

  it('does not hold for other inputs, or with any part of another proof', async () => {
    const { verifier } = world
    const proof = proveFor(INPUTS)
    const other = proveFor([4n, 5n], 12n, 13n)
    expect(await verifier.view.verify({ proof, inputs: [3n, R - 2n] })).toBe(false)
    for (const part of ['a', 'b', 'c'] as const)
      expect(await verifier.view.verify({ proof: { ...proof, [part]: other[part] }, inputs: INPUTS })).toBe(
        false,
      )
  })

  it('is no proof with inputs beyond the order of the group, which would count twice', async () => {
    const { verifier } = world
    const message = 'an input is not below the order of the group'
    await expectRevert(verifier.view.verify({ proof: proveFor(INPUTS), inputs: [3n + R, R - 1n] }), message)
  })

  it('needs as many inputs as the key has points for', async () => {
    const { verifier } = world
    await expectRevert(verifier.view.verify({ proof: proveFor([3n]), inputs: [3n] }), {
      error: 'WrongInputs',
      fields: { given: 1, needed: 2 },
    })
  })

  it('does not hold with points that are not on the curve', async () => {
    const { verifier } = world
    const proof = proveFor(INPUTS)
    expect(await verifier.view.verify({ proof: { ...proof, a: join(1n, 3n) }, inputs: INPUTS })).toBe(false)
    await expectRevert(
      verifier.view.verify({ proof: { ...proof, c: new Uint8Array(63) }, inputs: INPUTS }),
      'a and c take 64 bytes',
    )
  })

  it('is written down for who brought it first', async () => {
    const { chain, verifier } = world
    const [ada, ben] = [chain.account('ada'), chain.account('ben')]
    expect(await verifier.view.proverOf({ inputs: INPUTS })).toBe(NOBODY)
    await expectRevert(
      verifier.call.prove({ proof: proveFor([1n, 1n]), inputs: INPUTS }, { from: ada }),
      'the proof does not hold',
    )
    expectEvent(
      await verifier.call.prove({ proof: proveFor(INPUTS), inputs: INPUTS }, { from: ada }),
      'Proven',
    )
    expect(await verifier.view.proverOf({ inputs: INPUTS })).toBe(ada.address)
    await expectRevert(
      verifier.call.prove({ proof: proveFor(INPUTS, 5n, 6n), inputs: INPUTS }, { from: ben }),
      'this statement is proven already',
    )
  })

  it('needs a whole verifying key', async () => {
    const { chain } = world
    await expectRevert(chain.deploy(Groth16, { key: { ...KEY, beta: KEY.alpha } }), 'beta takes 128 bytes')
    await expectRevert(chain.deploy(Groth16, { key: { ...KEY, ic: [] } }), 'ic takes 1 to 17 points')
  })
})
