/**
 * What the compiler says of a contract's use. Nothing here runs: `tsc` checks it, and a type that becomes loose
 * leaves a `@ts-expect-error` without an error, which is one.
 */
import { describe, expectTypeOf, it } from 'vitest'
import type { ContractAbi, EventOf } from '../../../node/abi/infer.ts'
import type { Abi } from '../../../node/abi/types.ts'
import type { ContractArtifact } from '../../../node/client/artifact.ts'
import type { NodeContract, VexClient } from '../../../node/client/client.ts'
import type { AddressText } from '../../../node/crypto/address.ts'
import type { Address } from '../../../node/types/primitives.ts'
import type { AccountClient } from '../../../node/wallet/send.ts'

/** Every type, kind and place. */
const abi = {
  name: 'Market',
  version: 1,
  methods: [
    {
      name: 'init',
      kind: 'init',
      payable: true,
      reentrant: false,
      params: [{ name: 'fee', type: 'u16' }],
      returns: 'void',
    },
    {
      name: 'migrate',
      kind: 'migrate',
      payable: false,
      reentrant: false,
      params: [{ name: 'fee', type: 'u16' }],
      returns: 'void',
    },
    {
      name: 'transfer',
      kind: 'call',
      payable: false,
      reentrant: false,
      params: [
        { name: 'to', type: 'address' },
        { name: 'amount', type: 'u64' },
        { name: 'memo', type: 'option<string>' },
      ],
      returns: 'bool',
    },
    {
      name: 'place',
      kind: 'call',
      payable: true,
      reentrant: true,
      params: [{ name: 'orders', type: 'vec<Order>' }],
      returns: 'vec<option<u256>>',
    },
    { name: 'close', kind: 'call', payable: false, reentrant: false, params: [], returns: 'void' },
    { name: 'buy', kind: 'call', payable: true, reentrant: false, params: [], returns: 'u32' },
    {
      name: 'find',
      kind: 'view',
      payable: false,
      reentrant: false,
      params: [{ name: 'by', type: 'option<address>' }],
      returns: 'Order',
    },
    {
      name: 'numbers',
      kind: 'view',
      payable: false,
      reentrant: false,
      params: [
        { name: 'a', type: 'i8' },
        { name: 'b', type: 'u32' },
        { name: 'c', type: 'i64' },
        { name: 'd', type: 'u128' },
        { name: 'e', type: 'u256' },
        { name: 'f', type: 'bytes' },
        { name: 'g', type: 'vec<vec<u8>>' },
      ],
      returns: 'bytes',
    },
  ],
  events: [
    {
      name: 'Moved',
      fields: [
        { name: 'to', type: 'address', indexed: true },
        { name: 'round', type: 'u32', indexed: true },
        { name: 'amount', type: 'u64', indexed: false },
      ],
    },
    { name: 'Placed', fields: [{ name: 'order', type: 'Order', indexed: false }] },
  ],
  errors: [
    { name: 'TooSmall', fields: [{ name: 'least', type: 'u128' }] },
    { name: 'Closed', fields: [] },
  ],
  structs: [
    {
      name: 'Order',
      fields: [
        { name: 'maker', type: 'address' },
        { name: 'price', type: 'u128' },
        { name: 'legs', type: 'vec<Leg>' },
        { name: 'note', type: 'option<bytes>' },
      ],
    },
    { name: 'Leg', fields: [{ name: 'size', type: 'i16' }] },
  ],
  storage: [{ name: 'orders', kind: 'Mapping', types: ['u64', 'Order'] }],
} as const

interface Order {
  maker: AddressText
  price: bigint
  legs: { size: number }[]
  note: `0x${string}` | undefined
}
type Event =
  | { name: 'Moved'; fields: { to: AddressText; round: number; amount: bigint } }
  | { name: 'Placed'; fields: { order: Order } }

/** Readonly all the way down makes no difference to who reads. */
type Plain<T> = T extends bigint | string | number | boolean | undefined
  ? T
  : { -readonly [K in keyof T]: Plain<T[K]> }

declare const market: NodeContract<typeof abi>
declare const vex: VexClient
declare const account: AccountClient
declare const bytes: Address
const artifact = { name: 'Market', abi, code: new Uint8Array() } as const

/** Its lines are compiled, not run. */
const compiled = (_lines: () => unknown): void => undefined

describe('the arguments of a method', () => {
  it('are given by name and type', () => {
    compiled(() => market.call.transfer({ to: 'vex1abc', amount: 5n }))
    compiled(() => market.call.transfer({ to: bytes, amount: 5, memo: 'x' }))
    compiled(() => market.call.transfer({ to: bytes, amount: 5, memo: null }))
    compiled(() => market.view.numbers({ a: 1, b: 2, c: -3, d: 4n, e: 5n, f: '0x00', g: [[1], []] }))
    compiled(() => market.call.place({ orders: [{ maker: 'vex1a', price: 1, legs: [{ size: -1 }] }] }))
  })

  it('are refused by a wrong name, a missing one, a surplus one', () => {
    // @ts-expect-error `amont` is no argument
    compiled(() => market.call.transfer({ to: 'vex1abc', amont: 5n }))
    // @ts-expect-error `amount` is missing
    compiled(() => market.call.transfer({ to: 'vex1abc' }))
    // @ts-expect-error all are missing
    compiled(() => market.call.transfer())
    // @ts-expect-error `extra` is one too many
    compiled(() => market.call.transfer({ to: 'vex1abc', amount: 5n, extra: 1 }))
    // @ts-expect-error they are not given by position
    compiled(() => market.call.transfer('vex1abc', 5n))
    // @ts-expect-error `by` is not `bye`
    compiled(() => market.view.find({ bye: 'vex1abc' }))
  })

  it('are refused by a wrong type', () => {
    // @ts-expect-error a number is no address
    compiled(() => market.call.transfer({ to: 5, amount: 5n }))
    // @ts-expect-error an address begins with vex1
    compiled(() => market.call.transfer({ to: '0xabc', amount: 5n }))
    // @ts-expect-error a string is no number
    compiled(() => market.call.transfer({ to: 'vex1abc', amount: '5' }))
    // @ts-expect-error a number is no string
    compiled(() => market.call.transfer({ to: 'vex1abc', amount: 5n, memo: 5 }))
    // @ts-expect-error an i8 is a number
    compiled(() => market.view.numbers({ a: 1n, b: 2, c: 3, d: 4, e: 5, f: '0x', g: [] }))
    // @ts-expect-error bytes begin with 0x
    compiled(() => market.view.numbers({ a: 1, b: 2, c: 3, d: 4, e: 5, f: 'ff', g: [] }))
    // @ts-expect-error a list of lists
    compiled(() => market.view.numbers({ a: 1, b: 2, c: 3, d: 4, e: 5, f: '0x', g: [1] }))
  })

  it('are refused deep inside a struct', () => {
    // @ts-expect-error a leg has a size
    compiled(() => market.call.place({ orders: [{ maker: 'vex1a', price: 1n, legs: [{ sise: 1 }] }] }))
    // @ts-expect-error a price is no string
    compiled(() => market.call.place({ orders: [{ maker: 'vex1a', price: '1', legs: [] }] }))
    // @ts-expect-error an order has legs
    compiled(() => market.call.place({ orders: [{ maker: 'vex1a', price: 1n }] }))
  })

  it('are left out if there are none; options come first then', () => {
    compiled(() => market.call.close())
    compiled(() => market.call.close({ from: account, gasLimit: 5n }))
    compiled(() => market.call.buy({ value: 5n }))
    compiled(() => market.view.find())
    // @ts-expect-error it takes none
    compiled(() => market.call.close({ now: true }))
  })
})

describe('the options of a call', () => {
  it('have a value only if the method is payable', () => {
    compiled(() => market.call.place({ orders: [] }, { value: 5n }))
    compiled(() => market.simulate.place({ orders: [] }, { value: 5 }))
    // @ts-expect-error `transfer` is not payable
    compiled(() => market.call.transfer({ to: 'vex1abc', amount: 5n }, { value: 5n }))
    // @ts-expect-error nor is it in a simulation
    compiled(() => market.simulate.transfer({ to: 'vex1abc', amount: 5n }, { value: 5n }))
    // @ts-expect-error a view takes none
    compiled(() => market.view.find({}, { value: 5n }))
  })

  it('are those that there are', () => {
    compiled(() => market.call.close({ from: account, tip: 1n, timeoutMs: 5, force: true }))
    // @ts-expect-error it is gasLimit
    compiled(() => market.call.close({ gaslimit: 5n }))
    // @ts-expect-error an account signs, not an address
    compiled(() => market.call.close({ from: 'vex1abc' }))
  })
})

describe('a method', () => {
  it('is found under its name and kind only', () => {
    // @ts-expect-error there is none
    compiled(() => market.call.steal({}))
    // @ts-expect-error `find` is a view
    compiled(() => market.call.find({}))
    // @ts-expect-error `close` is a call
    compiled(() => market.view.close())
    // @ts-expect-error views are not simulated
    compiled(() => market.simulate.find({}))
    // @ts-expect-error only deploying runs `init`
    compiled(() => market.call.init({ fee: 1 }))
    // @ts-expect-error only upgrading runs `migrate`
    compiled(() => market.call.migrate({ fee: 1 }))
  })

  it('returns what the ABI says', () => {
    type Returned<M extends (...passed: never[]) => Promise<unknown>> = Plain<Awaited<ReturnType<M>>>
    expectTypeOf<Returned<typeof market.view.find>>().toEqualTypeOf<Order>()
    expectTypeOf<Returned<typeof market.view.numbers>>().toEqualTypeOf<`0x${string}`>()
    type Result<M extends (...passed: never[]) => Promise<{ returned: unknown }>> = Awaited<
      ReturnType<M>
    >['returned']
    expectTypeOf<Result<typeof market.call.transfer>>().toEqualTypeOf<boolean>()
    expectTypeOf<Result<typeof market.call.place>>().toEqualTypeOf<(bigint | undefined)[]>()
    expectTypeOf<Result<typeof market.call.close>>().toEqualTypeOf<undefined>()
    expectTypeOf<Result<typeof market.simulate.buy>>().toEqualTypeOf<number>()
  })
})

describe('events', () => {
  it('are told apart by their name', () => {
    expectTypeOf<Plain<EventOf<typeof abi>>>().toEqualTypeOf<Event>()
    compiled(async () => {
      const { events } = await market.call.close()
      for (const event of events) {
        if (event.name === 'Moved') expectTypeOf(event.fields.amount).toEqualTypeOf<bigint>()
        // @ts-expect-error `Placed` has no amount
        else expectTypeOf(event.fields.amount).toEqualTypeOf<bigint>()
        // @ts-expect-error there is no such event
        if (event.name === 'Gone') throw new Error()
      }
    })
  })

  it('that are asked for by name are of that name, and looked up by indexed fields', () => {
    compiled(async () => {
      for await (const event of market.events({ name: 'Moved', where: { to: 'vex1a', round: 5 } })) {
        expectTypeOf(event.fields.round).toEqualTypeOf<number>()
        expectTypeOf(event.name).toEqualTypeOf<'Moved'>()
        expectTypeOf(event.height).toEqualTypeOf<bigint>()
      }
    })
    compiled(() => market.onEvent({ name: 'Placed' }, ({ fields }) => fields.order.price, console.error))
    // @ts-expect-error there is no such event
    compiled(() => market.events({ name: 'Gone' }))
    // @ts-expect-error `amount` is not indexed
    compiled(() => market.events({ name: 'Moved', where: { amount: 5n } }))
    // @ts-expect-error `Placed` has nothing that is indexed
    compiled(() => market.events({ name: 'Placed', where: { order: 5n } }))
    // @ts-expect-error a round is a number
    compiled(() => market.events({ name: 'Moved', where: { round: '5' } }))
    // @ts-expect-error `Placed` has no order by number
    compiled(() => market.onEvent({ name: 'Placed' }, ({ fields }) => fields.amount, console.error))
  })
})

describe('errors', () => {
  it('are the contract’s own, told apart by their name', () => {
    compiled(() => {
      const error: unknown = undefined
      if (!market.isError(error)) return
      if (error.error?.name === 'TooSmall') expectTypeOf(error.error.fields.least).toEqualTypeOf<bigint>()
      // @ts-expect-error there is no such error
      if (error.error?.name === 'TooBig') throw error
      // @ts-expect-error `Closed` has no fields
      if (error.error?.name === 'Closed') expectTypeOf(error.error.fields.least).toEqualTypeOf<bigint>()
    })
  })
})

describe('deploying', () => {
  it('takes the arguments of init, and value if it is payable', () => {
    compiled(() => vex.deploy(artifact, { fee: 5 }, { account }))
    compiled(() => vex.deploy(artifact, { fee: 5 }, { account, value: 5n, owner: null }))
    // @ts-expect-error the fee is missing
    compiled(() => vex.deploy(artifact, {}, { account }))
    // @ts-expect-error a fee is a number
    compiled(() => vex.deploy(artifact, { fee: '5' }, { account }))
    // @ts-expect-error nobody signs
    compiled(() => vex.deploy(artifact, { fee: 5 }, {}))
    // @ts-expect-error nobody signs
    compiled(() => vex.deploy(artifact, { fee: 5 }))
  })

  it('takes options only if there is no init, or it takes nothing', () => {
    const bare = { ...artifact, abi: { ...abi, methods: [] } } as const
    compiled(() => vex.deploy(bare, { account }))
    // @ts-expect-error there is nothing that takes value
    compiled(() => vex.deploy(bare, { account, value: 5n }))
    // @ts-expect-error there is nothing that takes arguments
    compiled(() => vex.deploy(bare, { fee: 5 }, { account }))
    const [init] = abi.methods
    const silent = { ...artifact, abi: { ...abi, methods: [{ ...init, params: [] }] } } as const
    compiled(() => vex.deploy(silent, { account, value: 1n }))
  })

  it('gives the contract with the types of its ABI', () => {
    compiled(async () => {
      const deployed = await vex.deploy(artifact, { fee: 5 }, { account })
      expectTypeOf(deployed.view.numbers).toEqualTypeOf<typeof market.view.numbers>()
      expectTypeOf(deployed.deployment.returned).toEqualTypeOf<undefined>()
    })
  })
})

describe('an ABI that is known at run time only', () => {
  const loose = {} as unknown as NodeContract<Abi>

  it('gives methods that may be there, with any arguments by name, and unknown results', () => {
    compiled(async () => {
      const result = await loose.call.anything?.({ a: 1, b: 'x' }, { value: 5n })
      expectTypeOf(result?.returned).toEqualTypeOf<unknown>()
      expectTypeOf(await loose.view.anything?.()).toEqualTypeOf<unknown>()
    })
    // @ts-expect-error whether it is there is not known
    compiled(() => loose.call.anything({}))
    // @ts-expect-error arguments are an object all the same
    compiled(() => loose.call.anything?.(5))
  })

  it('gives events by any name', () => {
    expectTypeOf<EventOf<Abi>>().toExtend<{ name: string; fields: Readonly<Record<string, unknown>> }>()
    expectTypeOf<EventOf<Abi>['fields'][string]>().toEqualTypeOf<unknown>()
    compiled(async () => {
      for await (const event of loose.events({ name: 'Any', where: { any: 5n } }))
        expectTypeOf(event.fields['any']).toEqualTypeOf<unknown>()
    })
    expectTypeOf<Abi>().toExtend<ContractAbi>()
    expectTypeOf<typeof artifact>().toExtend<ContractArtifact>()
  })
})
