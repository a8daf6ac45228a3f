/** What a test says of a contract that fails in another contract: the stack of each, and the lines at the top of both. */
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestChain, expectRevert } from 'vex/testing'
import { FIXTURES, fixturePath, placeIn } from '../../support/place-in.ts'

const world = async () => {
  const chain = await createTestChain()
  const faulty = await chain.deploy(`${FIXTURES}/faulty.ts`)
  const relay = await chain.deploy(`${FIXTURES}/relay.ts`, { faulty: faulty.address })
  return { faulty, relay }
}
let contracts: Awaited<ReturnType<typeof world>>
beforeAll(async () => {
  contracts = await world()
})

const call = (method: string, args: Readonly<Record<string, unknown>>, options = {}): Promise<unknown> => {
  const run = new Map(Object.entries(contracts.relay.call)).get(method)
  if (run === undefined) throw new Error(`the relay has no ${method}`)
  return run(args, options)
}

/** A line of a source as an excerpt shows it. */
const excerpt = (name: string, place: string): string => {
  const line = Number(place.split(':')[0])
  return `${line} │ ${readFileSync(fixturePath(name), 'utf8').split('\n')[line - 1]}`
}

const expectPlaces = (message: string, inner: string, outer: string): void => {
  expect(message).toContain(`in Faulty.`)
  expect(message).toContain(`  ${FIXTURES}/faulty.ts:${inner}`)
  expect(message).toContain(excerpt('faulty', inner))
  expect(message).toContain(`called by Relay.`)
  expect(message).toContain(`  ${FIXTURES}/relay.ts:${outer}`)
  expect(message).toContain(excerpt('relay', outer))
}

describe('a failure in another contract is told with the lines of both', () => {
  it('for a division by zero', async () => {
    const { message } = await expectRevert(call('divide', { by: 0 }), 'division by zero')
    expectPlaces(message, placeIn('faulty', 'half(100) / by'), placeIn('relay', 'at<Faulty>', 'divide('))
  })

  it('for an index that is out of range', async () => {
    const { message } = await expectRevert(call('element', { index: 3 }), 'Index out of range')
    expectPlaces(message, placeIn('faulty', 'list[index]'), placeIn('relay', 'at<Faulty>', 'element('))
  })

  it('for an error with fields, which is told in full although only the other contract knows it', async () => {
    const { reason, message } = await expectRevert(call('fill', { until: 101 }))
    expect(reason).toBe('TooMany(wanted: 101, most: 100)')
    expectPlaces(message, placeIn('faulty', 'require(until'), placeIn('relay', 'at<Faulty>', 'fill('))
  })

  it('for gas that runs out', async () => {
    const { code, message } = await expectRevert(call('fill', { until: 100 }, { gasLimit: 1_500_000n }))
    expect(code).toBe('out_of_gas')
    expectPlaces(message, placeIn('faulty', 'i, u64(i)'), placeIn('relay', 'at<Faulty>', 'fill('))
    expect(message).toMatch(/in Faulty\.fill in vex1\w+, 0 gas left\n/)
  })

  it('for gas that runs out where the compiler left no line: it is the method’s', async () => {
    const { code, message } = await expectRevert(call('divide', { by: 1 }, { gasLimit: 430_000n }))
    expect(code).toBe('out_of_gas')
    expectPlaces(message, placeIn('faulty', 'divide('), placeIn('relay', 'at<Faulty>', 'divide('))
  })

  it('for arguments that are none: it is the method that was called', async () => {
    const { message } = await expectRevert(call('fillWithNothing', {}))
    expectPlaces(message, placeIn('faulty', 'fill('), placeIn('relay', 'new Call', 'fillWithNothing('))
  })

  it('with what the inner one said, if the outer one says something else', async () => {
    const { reason, message } = await expectRevert(call('ask', {}))
    expect(reason).toBe('the other one refused')
    expect(message).toMatch(/in Faulty\.refuse in vex1\w+, [\d,]+ gas left: not today \(reverted\)\n/)
    expectPlaces(message, placeIn('faulty', "revert('not today')"), placeIn('relay', 'require(outcome'))
  })

  it('for a method that is one line in its contract', async () => {
    const { nameOfOther } = contracts.relay.view
    const { message } = await expectRevert(nameOfOther?.() ?? Promise.resolve())
    expectPlaces(message, placeIn('faulty', "revert('it has"), placeIn('relay', 'at<Faulty>', 'nameOfOther('))
  })
})

it('no line of the called contract’s source is told to be one of the caller’s', async () => {
  for (const [method, args] of [
    ['divide', { by: 0 }],
    ['element', { index: 9 }],
    ['fill', { until: 999 }],
  ] as const) {
    const { trace } = await expectRevert(call(method, args))
    expect(trace.map(({ contractName }) => contractName)).toEqual(['Faulty', 'Relay'])
    const files = trace.map(({ frames }) => frames.map(({ position }) => position?.file))
    expect(files).toEqual([[`${FIXTURES}/faulty.ts`], [`${FIXTURES}/relay.ts`]])
  }
})
