/** `require` makes its error only where its condition does not hold, and is told with the author's line. */
import { beforeAll, describe, expect, it } from 'vitest'
import { createTestChain, expectRevert } from 'vex/testing'
import { FIXTURES, fixturePath, placeIn } from '../../support/place-in.ts'
import { messagesOf } from './compile-text.ts'

const deploy = async () => (await createTestChain()).deploy(fixturePath('lazy'))
let lazy: Awaited<ReturnType<typeof deploy>>
beforeAll(async () => {
  lazy = await deploy()
})

type Arguments = Readonly<Record<string, unknown>>
const call = (method: string, args: Arguments) => {
  const run = new Map(Object.entries(lazy.call)).get(method)
  if (run === undefined) throw new Error(`there is no ${method}`)
  return run(args)
}
const view = async (method: string, args: Arguments = {}): Promise<unknown> => {
  const ask = new Map(Object.entries(lazy.view)).get(method)
  if (ask === undefined) throw new Error(`there is no ${method}`)
  return ask(args)
}

describe('what makes the error of a require', () => {
  it('costs nothing where the condition holds', async () => {
    expect(await view('lazily', { n: 9 })).toBe(await view('byHand', { n: 9 }))
  })

  it('runs only where the condition does not hold; the condition runs once', async () => {
    const before = await view('timesMade')
    await call('counted', { n: 9 })
    expect(await view('timesMade')).toBe((before as bigint) + 1n)
    expect((await expectRevert(call('counted', { n: 3 }))).reason).toBe('few')
    expect((await expectRevert(call('counted', { n: 6 }))).reason).toBe('TooFew(n: 6, text: "fewer")')
    expect(await view('timesMade')).toBe((before as bigint) + 1n)
  })

  it('may put a text together', async () => {
    expect((await expectRevert(view('ofAll', { list: [9, 3] }))).reason).toBe('3'.repeat(50))
  })
})

describe('a require that does not hold is told with its own line', () => {
  it.each<[what: string, method: string, args: Arguments, text: string, after?: string]>([
    ['among others with the same text', 'same', { n: 1 }, "require(n != 1, 'no')"],
    ['the second of them', 'same', { n: 2 }, "require(n != 2, 'no')"],
    ['over several lines: where it begins', 'same', { n: 3 }, 'require(\n'],
    ['under another name', 'same', { n: 4 }, 'must<string>'],
    ['in a loop', 'same', { n: 9 }, 'require(i < 7'],
    ['with a condition that is a number', 'name', { n: 1, text: '' }, 'require(text.length'],
    ['in a function that is inlined twice', 'inlined', { n: 4 }, "require(n < 5, 'large')"],
    ['in an arrow function', 'ofAll', { list: [1] }, 'require(n > 5, long(n))', 'ofAll('],
    ['that makes an error with fields', 'counted', { n: 6 }, 'require(n > 6'],
  ])('%s', async (_, method, args, text, after) => {
    const failing = method in lazy.call ? call(method, args) : view(method, args)
    const position = (await expectRevert(failing)).trace[0]?.frames[0]?.position
    expect(`${position?.file}:${position?.line}:${position?.column}`).toBe(
      `${FIXTURES}/lazy.ts:${placeIn('lazy', text, after)}`,
    )
  })
})

it.each([
  ['without an error', 'require(n > 5)', 'main.ts:2:54: Expected 2 arguments, but got 1.'],
  [
    'with something that is no error',
    'require(n > 5, 7)',
    'main.ts:2:54: revert() and require() take a text, or a new instance of a class marked @error',
  ],
  ['with what is no condition', "require(unknown, 'no')", "main.ts:2:62: Cannot find name 'unknown'."],
])('the compiler refuses a require %s', async (_, written, message) => {
  const source = `import { require } from 'vex'\n@contract export class Main { @view f(n: u64): u64 { ${written}; return n } }`
  expect(await messagesOf(source)).toEqual([message])
})
