import { beforeAll, describe, expect, it } from 'vitest'
import { encodeWords } from '../../../cli/abi-arguments.ts'
import { type AddressBook, loadAddressBook } from '../../../cli/address-book.ts'
import { parseAbi } from '../../../node/abi/types.ts'
import { decodeArguments } from '../../../node/abi/values.ts'
import { formatAddress } from '../../../node/crypto/address.ts'

const METHODS = {
  number: ['amount', 'u64'],
  flag: ['on', 'bool'],
  text: ['name', 'string'],
  to: ['to', 'address'],
  data: ['data', 'bytes'],
  list: ['items', 'vec<u64>'],
  maybe: ['limit', 'option<u32>'],
  pair: ['pair', 'Pair'],
  names: ['names', 'vec<string>'],
  people: ['people', 'vec<address>'],
  vote: ['vote', 'Vote'],
} as const

const abi = parseAbi({
  name: 'Any',
  version: 1,
  methods: Object.entries(METHODS).map(([name, [param, type]]) => ({
    name,
    kind: 'call',
    payable: false,
    params: [{ name: param, type }],
    returns: 'void',
  })),
  events: [],
  structs: [
    {
      name: 'Pair',
      fields: [
        { name: 'left', type: 'u128' },
        { name: 'right', type: 'string' },
      ],
    },
    {
      name: 'Vote',
      fields: [
        { name: 'proposer', type: 'address' },
        { name: 'witness', type: 'option<address>' },
        { name: 'tags', type: 'vec<string>' },
      ],
    },
  ],
})

let book: AddressBook
beforeAll(async () => {
  book = await loadAddressBook('vex-dev')
})

const roundTrip = (method: keyof typeof METHODS, word: string): unknown =>
  decodeArguments(abi, method, encodeWords(abi, method, [word], book))[0]

describe('a word of the command line', () => {
  it.each([
    ['number', '18446744073709551615', 18446744073709551615n],
    ['number', '1_000', 1000n],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['text', 'true', 'true'],
    ['text', '42', '42'],
    ['text', '["a"]', '["a"]'],
    ['data', '0x00ff', '0x00ff'],
    ['list', '[1, 18446744073709551615]', [1n, 18446744073709551615n]],
    ['maybe', 'null', undefined],
    ['maybe', '7', 7],
    [
      'pair',
      '{"left": 340282366920938463463374607431768211455, "right": "5"}',
      { left: 2n ** 128n - 1n, right: '5' },
    ],
  ] as const)('for %s: %s', (method, word, value) => {
    expect(roundTrip(method, word)).toEqual(value)
  })

  it('may name a development account where an address is wanted', () => {
    const [, dev1] = book.devAccounts
    if (dev1 === undefined) throw new Error('no dev1')
    expect(roundTrip('to', 'dev1')).toBe(formatAddress(dev1.address))
  })

  it('may name development accounts inside lists and structs', () => {
    const [, dev1, dev2] = book.devAccounts.map(({ address }) => formatAddress(address))
    expect(roundTrip('people', '["dev1", "dev2"]')).toEqual([dev1, dev2])
    expect(roundTrip('vote', '{"proposer": "dev1", "witness": "dev2", "tags": ["dev1"]}')).toEqual({
      proposer: dev1,
      witness: dev2,
      tags: ['dev1'],
    })
  })

  it.each([
    ['names', 'a,b', `expected a list in JSON, such as '["a","b"]'`],
    ['list', '1,2', `list, argument 1 (items): expected a list in JSON, such as '[1,2]'`],
    ['people', 'dev1', `'["dev1"]'`],
    ['pair', 'left=1', `expected an object in JSON, such as '{"left":…,"right":"…"}'`],
    ['names', '["a", b]', "names, argument 1 (names): this is not valid JSON: Unexpected token 'b'"],
    ['pair', '{bad', 'this is not valid JSON: Expected property name'],
  ] as const)(
    'that should be JSON but is not is told how to write it, for %s: %s',
    (method, word, message) => {
      expect(() => roundTrip(method, word)).toThrow(message)
    },
  )

  it.each([
    ['number', 'ten', 'number, argument 1 (amount): expected a whole number'],
    ['number', '-1', 'must be between 0 and 18446744073709551615; u64 wanted, "-1" given'],
    ['number', '1.5', 'u64 wanted, "1.5" given'],
    ['flag', 'yes', 'expected true or false; bool wanted, "yes" given'],
    ['list', '{}', 'expected a list; vec<u64> wanted, {} given'],
    ['names', '["a", 3]', 'argument 1 (names)[1]: expected a string; string wanted, 3 given'],
    ['vote', '{"tags": []}', 'argument 1 (vote): the field proposer is missing; Vote wanted'],
    ['vote', '{"proposer": "dev1", "tags": [], "x": 1}', 'there is no field "x"'],
    ['list', '[1, "x"]', 'argument 1 (items)[1]: expected a whole number'],
    ['data', 'ff', 'expected hex digits that start with 0x'],
    ['to', 'vex1x', 'argument 1 (to)'],
  ] as const)('of the wrong type is refused with its place, for %s: %s', (method, word, message) => {
    expect(() => roundTrip(method, word)).toThrow(message)
  })

  it('too many or too few are counted', () => {
    expect(() => encodeWords(abi, 'number', [], book)).toThrow(
      'number(amount: u64) takes 1 argument, 0 given',
    )
    expect(() => encodeWords(abi, 'number', ['1', '2'], book)).toThrow('takes 1 argument, 2 given')
  })
})

describe('the names dev0 to dev9', () => {
  it('mean nothing on a chain that is not a development chain', async () => {
    const other = await loadAddressBook('vex-main')
    expect(() => other.resolve('dev1')).toThrow('this chain is "vex-main"')
    expect(other.devAccounts).toEqual([])
  })
})
