import { describe, expect, it } from 'vitest'
import { ANSWER, contract, messagesOf } from './compile-text.ts'

const ALL =
  '@contract, @event, @error, @struct, @init, @call, @view, @payable, @migrate, @reentrant, @unchecked'

describe('a mark', () => {
  it.each<[what: string, source: string, message: string]>([
    [
      'that is mistyped, on a method',
      contract(`@cal inc(): void {}\n${ANSWER}`),
      'main.ts:3:1: unknown mark @cal; did you mean @call?',
    ],
    [
      'that is mistyped, on a class',
      contract(ANSWER, '@Event export class E {}'),
      'main.ts:5:1: unknown mark @Event; did you mean @event?',
    ],
    [
      'that is mistyped, on a field',
      contract(`@laxy c: Value<u64>\n${ANSWER}`),
      'main.ts:3:1: unknown mark @laxy; did you mean @lazy?',
    ],
    [
      'that nobody knows, on a function',
      contract(ANSWER, '@deprecated function f(): void {}'),
      `main.ts:5:1: unknown mark @deprecated; there are ${ALL}`,
    ],
    [
      'of a class, on a type',
      contract(ANSWER, '@struct type Amount = u64'),
      'main.ts:5:1: @struct marks a class',
    ],
    [
      'of a method, on a function',
      contract(ANSWER, '@call function f(): void {}'),
      'main.ts:5:1: @call marks a method of the @contract class',
    ],
    [
      'of a method, in another class',
      contract(ANSWER, 'class Other { @view f(): u64 { return 1 } }'),
      'main.ts:5:15: @view marks a method of the @contract class',
    ],
  ])('%s, is refused', async (_, source, message) => {
    expect(await messagesOf(source)).toEqual([message])
  })

  it('is looked for in every file of the author', async () => {
    const files = {
      'main.ts': `import { x } from './other'\n${contract('@view f(): u64 { return x() }')}`,
      'other.ts': '@inlin export function x(): u64 { return 1 }',
    }
    expect(await messagesOf(files)).toEqual(['other.ts:1:1: unknown mark @inlin; did you mean @inline?'])
  })

  it("may be the compiler's own", async () => {
    const source = contract(
      '@inline helper(): u64 { return N }\n@view f(): u64 { return new Pair().sum(new Pair()) + this.helper() }',
      `@lazy const N: u64 = 1
@final @unmanaged class Pair { a: u64 = 1; @operator('+') sum(other: Pair): u64 { return this.a + other.a } }`,
    )
    expect(await messagesOf(source)).toEqual(['compiled'])
  })
})
