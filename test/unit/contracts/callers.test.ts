/** Contracts that import another contract's class, on the node's VM. */
import { describe, expect, it } from 'vitest'
import { compileText, messagesOf } from './compile-text.ts'
import { account, Sandbox, shown } from './sandbox.ts'

const TOKEN = `import { Address, Indexed, Mapping, Value, caller, emit, require, value } from 'vex'
import { Kind } from './kinds'
const LIMIT: u64 = 1_000_000
@event export class Moved { constructor(public to: Indexed<Address>) {} }
@error export class TooMuch { constructor(public most: u64) {} }
@struct export class Move {
  constructor(public to: Address, public amount: u64, public kind: Kind) {}
}
@contract
export class Token {
  static readonly decimals: u8 = 9
  private readonly held: Mapping<Address, u64>
  private readonly name: Value<string>
  @init
  start(name: string): void {
    this.name.set(name)
  }
  @call
  transfer(to: Address, amount: u64): bool {
    require(amount <= LIMIT, new TooMuch(LIMIT))
    this.held.set(to, this.held.get(to) + amount)
    emit(new Moved(to))
    return this.small(amount)
  }
  @call
  all(moves: Move[]): void { for (let i = 0; i < moves.length; i++) this.transfer(moves[i].to, moves[i].amount) }
  @payable
  @call
  buy(): u64 { return value() }
  @view
  balanceOf(owner: Address): u64 { return this.held.get(owner) }
  @view last(owner: Address): Move { return new Move(owner, this.held.get(owner), new Kind('last')) }
  private small(amount: u64): bool { return amount < 10 }
}
`
const KINDS = '@struct export class Kind { constructor(public name: string) {} }\n'
const shop = (body: string, imports = 'Token', after = ''): string =>
  `import { Address, Value, at } from 'vex'\nimport { ${imports} } from './token'\n@contract export class Shop {\n${body}\n}\n${after}`
const files = (body: string, imports?: string, after?: string) => ({
  'main.ts': shop(body, imports, after),
  'token.ts': TOKEN,
  'kinds.ts': KINDS,
})

const SHOP = account(10)
const COIN = account(11)

describe('an imported contract', () => {
  const chain = async (body: string, imports?: string, after?: string): Promise<Sandbox> => {
    const sandbox = new Sandbox()
    sandbox.deploy(SHOP, await compileText(files(body, imports, after)))
    const token = { 'main.ts': TOKEN, 'kinds.ts': KINDS }
    sandbox.deploy(COIN, await compileText(token))
    sandbox.balances.set(Buffer.from(SHOP).toString('hex'), 100n)
    return sandbox
  }

  it('is called with typed arguments and answers with typed results', async () => {
    const sandbox = await chain(
      `@call pay(token: Address, to: Address, n: u64): bool {
  const coin = at<Token>(token)
  coin.all([new Move(to, n, new Kind('x')), new Move(to, 1, new Kind('y'))])
  return coin.transfer(to, Token.decimals)
}
@view held(token: Address, owner: Address): u64 { return at<Token>(token).balanceOf(owner) }
@view kind(token: Address): string { return at<Token>(token).last(token).kind.name }`,
      'Token, Move',
      "import { Kind } from './kinds'",
    )
    expect(sandbox.call(SHOP, 'pay', [shown(COIN), shown(account(3)), 7])).toBe(true)
    expect(sandbox.call(COIN, 'balanceOf', [shown(account(3))])).toBe(17n)
    expect(sandbox.call(SHOP, 'held', [shown(COIN), shown(account(3))])).toBe(17n)
    expect(sandbox.call(SHOP, 'kind', [shown(COIN)])).toBe('last')
  })

  it('makes the call fail with its own error', async () => {
    const body = '@call f(coin: Address): void { at<Token>(coin).transfer(coin, 2_000_000) }'
    const plain = await chain(body)
    expect(() => plain.call(SHOP, 'f', [shown(COIN)])).toThrow(/^reverted: .*TooMuch/)
    const imported = await chain(body, 'Token, TooMuch')
    expect(() => imported.call(SHOP, 'f', [shown(COIN)])).toThrow('reverted: TooMuch(most: 1000000)')
  })

  it('gets the units that go along, if it takes any', async () => {
    const sandbox = await chain(`@call buy(coin: Address): u64 { return at<Token>(coin, 5).buy() }
@call wrong(coin: Address): bool { const c = at<Token>(coin, 5); return c.transfer(coin, 1) }
@view read(coin: Address): u64 { const c = at<Token>(coin, 5); return c.balanceOf(coin) }`)
    expect(sandbox.call(SHOP, 'buy', [shown(COIN)])).toBe(5n)
    expect(() => sandbox.call(SHOP, 'wrong', [shown(COIN)])).toThrow('reverted: transfer is not payable')
    expect(() => sandbox.call(SHOP, 'read', [shown(COIN)])).toThrow(
      'reverted: balanceOf is a view, which takes no units',
    )
  })

  it('may use no more gas than it is given', async () => {
    const sandbox = await chain(
      '@view read(coin: Address, gas: u64): u64 { return at<Token>(coin, 0, gas).balanceOf(coin) }',
    )
    expect(sandbox.call(SHOP, 'read', [shown(COIN), 100_000])).toBe(0n)
    expect(() => sandbox.call(SHOP, 'read', [shown(COIN), 5_000])).toThrow('the called contract failed')
  })

  it('leaves nothing in the ABI but what is imported by name', async () => {
    const body = '@view f(coin: Address): u64 { return at<Token>(coin).balanceOf(coin) }'
    const plain = await compileText(files(body))
    expect(plain.abi).toMatchObject({ name: 'Shop', events: [], errors: [], structs: [], storage: [] })
    expect(plain.abi.methods.map(({ name }) => name)).toEqual(['init', 'f'])
    const more = await compileText(
      files(
        '@view f(coin: Address): Move { return at<Token>(coin).last(coin) }',
        'Token, Move, Moved, TooMuch',
      ),
    )
    expect(more.abi.structs.map(({ name }) => name)).toEqual(['Move', 'Kind'])
    expect(more.abi.events.map(({ name }) => name)).toEqual(['Moved'])
    expect(more.abi.errors.map(({ name }) => name)).toEqual(['TooMuch'])
  })

  it('has its lines and its text, as its author wrote them, in the debug twin', async () => {
    const { debug } = await compileText(
      files('@view f(a: Address): u64 { return at<Token>(a).balanceOf(a) }'),
    )
    const { sources, sourcesContent } = debug.sourceMap as Record<string, (string | null)[]>
    expect(sourcesContent?.[sources?.indexOf('token.ts') ?? -1]).toBe(TOKEN)
  })

  it('may import the contract that calls it', async () => {
    const ping = (own: string, other: string): string =>
      `import { Address, at } from 'vex'\nimport { ${other} } from './${other.toLowerCase()}'\n@contract export class ${own} {
  @call hit(target: Address, n: u64): u64 { return n == 0 ? 0 : at<${other}>(target).hit(target, n - 1) + 1 }\n}`
    const { abi } = await compileText({
      'main.ts': ping('Ping', 'Pong'),
      'pong.ts': ping('Pong', 'Ping').replace('./ping', './main'),
    })
    expect(abi.name).toBe('Ping')
  })
})

describe('the compiler refuses', () => {
  it.each<[what: string, body: string, message: string]>([
    [
      'a method that is not for outside',
      '@call f(a: Address): void { at<Token>(a).start("x") }',
      'main.ts:4:42: Token.start cannot be called from outside: only @call and @view methods can',
    ],
    [
      'units for a method that takes none',
      '@call f(a: Address): void { at<Token>(a, 5).transfer(a, 1) }',
      'main.ts:4:42: Token.transfer takes no units: write 0, or mark it @payable in its contract',
    ],
    [
      'a call without a type',
      '@call f(a: Address): void { at(a) }',
      'main.ts:4:29: say which contract is called: "at<Token>(address)", with Token imported from its file',
    ],
    [
      'a call of a class that is no contract',
      '@call f(a: Address): void { at<Address>(a) }',
      'main.ts:4:29: at takes a @contract class that is imported from its file; Address is none',
    ],
    [
      'a call of the contract by its own class',
      '@call f(a: Address): void { at<Shop>(a).f(a) }',
      `main.ts:4:29: Shop is the contract itself: write "new Call(address, 'method')"`,
    ],
    [
      'a contract that is made',
      '@call f(a: Address): void { new Token() }',
      'main.ts:4:29: call Token where it is: write "at<Token>(address)"',
    ],
    [
      'a contract as a value',
      '@call f(a: Token): void {}',
      'main.ts:4:12: Token cannot be stored, taken or returned: take its Address, and write "at<Token>(address)"',
    ],
    [
      'an argument of another type',
      '@call f(a: Address): void { at<Token>(a).transfer(a, a) }',
      "main.ts:4:54: Type 'Address' is not assignable to type 'u64'.",
    ],
  ])('%s', async (_, body, message) => {
    expect(await messagesOf(files(body))).toEqual([message])
  })

  it('two contracts in an imported file', async () => {
    const both = {
      ...files('@view f(a: Address): u64 { return 1 }'),
      'token.ts': `${TOKEN}${TOKEN.slice(TOKEN.indexOf('@contract')).replace('Token', 'Coin')}`,
    }
    expect(await messagesOf(both)).toEqual(['token.ts:36:14: a file holds one @contract class'])
  })

  it('a struct by the name of one that an import needs', async () => {
    const source = shop(
      '@view f(a: Address): Move { return at<Token>(a).last(a) }',
      'Token, Move',
      '@struct export class Kind { constructor(public n: u64) {} }',
    )
    expect(await messagesOf({ ...files(''), 'main.ts': source })).toEqual([
      'main.ts:2:17: Move needs the struct Kind of its file, but there is another Kind here: rename one',
    ])
  })

  it('a contract that stands only in an imported file', async () => {
    expect(await messagesOf({ ...files(''), 'main.ts': "import { Token } from './token'" })).toEqual([
      'token.ts:10:14: the contract Token must stand in the file that is compiled',
    ])
  })
})
