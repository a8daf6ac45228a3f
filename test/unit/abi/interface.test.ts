import { describe, expect, it } from 'vitest'
import { compareInterfaces } from '../../../node/abi/interface.ts'
import { parseAbi } from '../../../node/abi/types.ts'

const parts = {
  methods: [
    { name: 'init', kind: 'init', params: [{ name: 'supply', type: 'u64' }], returns: 'void' },
    { name: 'total', kind: 'view', returns: 'u64' },
    { name: 'buy', kind: 'call', payable: true, params: [{ name: 'order', type: 'Order' }], returns: 'void' },
  ],
  events: [{ name: 'Bought', fields: [{ name: 'by', type: 'address', indexed: true }] }],
  errors: [{ name: 'TooDear', fields: [{ name: 'price', type: 'u64' }] }],
  structs: [{ name: 'Order', fields: [{ name: 'price', type: 'u64' }] }],
}
const [init, total, buy] = parts.methods
const told = (after: object): string[] =>
  compareInterfaces(
    parseAbi({ name: 'Shop', version: 1, ...parts }),
    parseAbi({ name: 'Shop', version: 1, ...parts, ...after }),
  ).map(({ part, kind, message }) => `${part} ${kind}: ${message}`)

describe('to those who use a contract, a new version', () => {
  it.each<[string, object, string[]]>([
    ['that is the same is the same', {}, []],
    ['may be deployed and upgraded in another way', { methods: [total, buy] }, []],
    ['may lack a method', { methods: [init, buy] }, ['method removed: total(): u64 is gone']],
    [
      'may have a new method',
      { methods: [...parts.methods, { name: 'sell', kind: 'call', returns: 'void' }] },
      ['method added: sell() is new'],
    ],
    [
      'may return something else',
      { methods: [{ ...total, returns: 'u128' }, buy] },
      ['method changed: total(): u64 is now total(): u128'],
    ],
    [
      'may turn a view into a call',
      { methods: [{ ...total, kind: 'call' }, buy] },
      ['method changed: total(): u64 was a view and is a call'],
    ],
    [
      'may stop taking value',
      { methods: [total, { ...buy, payable: false }] },
      ['method changed: buy(order: Order) was a call, payable and is a call'],
    ],
    ['may start taking value', { methods: [{ ...total, payable: true }, buy] }, []],
    [
      'may have another struct of the same name',
      { structs: [{ name: 'Order', fields: [{ name: 'cost', type: 'u64' }] }] },
      ['method changed: buy(order: Order): a struct in it is another'],
    ],
    [
      'may have the same struct by another name',
      {
        structs: [{ name: 'Bid', fields: [{ name: 'price', type: 'u64' }] }],
        methods: [total, { ...buy, params: [{ name: 'order', type: 'Bid' }] }],
      },
      [],
    ],
    [
      'may index an event in another way',
      { events: [{ name: 'Bought', fields: [{ name: 'by', type: 'address' }] }] },
      ['event changed: Bought(by: address) was indexed by by and is not indexed'],
    ],
    [
      'may revert with other errors',
      { errors: [{ name: 'TooCheap' }] },
      ['error removed: TooDear(price: u64) is gone', 'error added: TooCheap() is new'],
    ],
  ])('%s', (_, after, expected) => {
    expect(told(after)).toEqual(expected)
  })
})
