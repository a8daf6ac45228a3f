/**
 * TypeScript types of a contract, computed from its ABI written `as const` (NAME.abi.ts of `vex build`).
 *
 * | type            | given as                  | comes back as       |
 * | --------------- | ------------------------- | ------------------- |
 * | bool            | boolean                   | boolean             |
 * | u8…u32, i8…i32  | number                    | number              |
 * | u64…u256, i64   | bigint, number            | bigint              |
 * | string          | string                    | string              |
 * | address         | `vex1…`, an Address       | `vex1…`             |
 * | bytes           | `0x…`, bytes              | `0x…`               |
 * | vec<T>          | array                     | array               |
 * | option<T>       | T, null, undefined        | T or undefined      |
 * | struct          | object, options left out  | object              |
 *
 * Of an ABI that is known at run time only (the type Abi) nothing is known here: names are any string, values
 * `unknown`.
 */
import type { AddressText } from '../crypto/address.ts'
import type { Address } from '../types/primitives.ts'

interface FieldShape {
  readonly name: string
  readonly type: string
}

type MethodKind = 'init' | 'call' | 'view' | 'migrate'

export interface MethodShape {
  readonly name: string
  readonly kind: MethodKind
  readonly payable: boolean
  readonly params: readonly FieldShape[]
  readonly returns: string
}

/** What both an Abi and an ABI `as const` are. */
export interface ContractAbi {
  readonly name: string
  readonly version: 1
  readonly methods: readonly MethodShape[]
  readonly events: readonly {
    readonly name: string
    readonly fields: readonly (FieldShape & { readonly indexed: boolean })[]
  }[]
  readonly errors?: readonly { readonly name: string; readonly fields: readonly FieldShape[] }[]
  readonly structs?: readonly { readonly name: string; readonly fields: readonly FieldShape[] }[]
}

type HexText = `0x${string}`

interface Scalars {
  bool: boolean
  string: string
  u8: number
  u16: number
  u32: number
  i8: number
  i16: number
  i32: number
}

interface GivenScalars extends Scalars {
  u64: bigint | number
  u128: bigint | number
  u256: bigint | number
  i64: bigint | number
  address: AddressText | Address
  bytes: HexText | Uint8Array
}

interface ShownScalars extends Scalars {
  u64: bigint
  u128: bigint
  u256: bigint
  i64: bigint
  address: AddressText
  bytes: HexText
}

type StructField<A extends ContractAbi, Name extends string> = Extract<
  NonNullable<A['structs']>[number],
  { readonly name: Name }
>['fields'][number]

/** Only the longest type names hold others; the chain of conditions is as deep as they are. */
type Given<A extends ContractAbi, T extends string> = string extends T
  ? unknown
  : T extends keyof GivenScalars
    ? GivenScalars[T]
    : T extends `vec<${infer E}>`
      ? readonly Given<A, E>[]
      : T extends `option<${infer E}>`
        ? Given<A, E> | null | undefined
        : GivenFields<A, StructField<A, T>>

type OptionName = `option<${string}>`

/** `infer Fields` makes it a plain object type: editors show its fields, not how they were computed. */
type GivenFields<A extends ContractAbi, F extends FieldShape> = {
  readonly [P in F as P['type'] extends OptionName ? never : P['name']]: Given<A, P['type']>
} & {
  readonly [P in F as P['type'] extends OptionName ? P['name'] : never]?: Given<A, P['type']>
} extends infer Fields
  ? { [Name in keyof Fields]: Fields[Name] }
  : never

type Shown<A extends ContractAbi, T extends string> = string extends T
  ? unknown
  : T extends 'void'
    ? undefined
    : T extends keyof ShownScalars
      ? ShownScalars[T]
      : T extends `vec<${infer E}>`
        ? Shown<A, E>[]
        : T extends `option<${infer E}>`
          ? Shown<A, E> | undefined
          : ShownFields<A, StructField<A, T>>

type ShownFields<A extends ContractAbi, F extends FieldShape> = {
  readonly [P in F as P['name']]: Shown<A, P['type']>
} extends infer Fields
  ? { [Name in keyof Fields]: Fields[Name] }
  : never

/** The name of a method that is of this kind, as the key of a mapped type. */
export type KeyOf<M extends MethodShape, Kind extends MethodKind> = Kind extends M['kind'] ? M['name'] : never

type ArgumentsOf<A extends ContractAbi, M extends MethodShape> = GivenFields<A, M['params'][number]>

export type ReturnOf<A extends ContractAbi, M extends MethodShape> = Shown<A, M['returns']>

/** What is passed to a method: its arguments by name unless it has none, then options. */
export type Passed<A extends ContractAbi, M extends MethodShape, Options> = M['params'] extends readonly []
  ? [options?: Options]
  : Partial<ArgumentsOf<A, M>> extends ArgumentsOf<A, M>
    ? [args?: ArgumentsOf<A, M>, options?: Options]
    : [args: ArgumentsOf<A, M>, options?: Options]

type InitAmong<M extends MethodShape> = M extends unknown ? ('init' extends M['kind'] ? M : never) : never

/** `never` if there is none. */
export type InitOf<A extends ContractAbi> = InitAmong<A['methods'][number]>

/** What is passed on deploying: the arguments of the init method unless there are none, then options. */
export type PassedToInit<A extends ContractAbi, Options> = [InitOf<A>] extends [never]
  ? [options: Options]
  : InitOf<A>['params'] extends readonly []
    ? [options: Options]
    : [args: ArgumentsOf<A, InitOf<A>>, options: Options]

type Named<A extends ContractAbi, Entry> = Entry extends {
  readonly name: infer Name extends string
  readonly fields: readonly (infer F extends FieldShape)[]
}
  ? { readonly name: Name; readonly fields: ShownFields<A, F> }
  : never

/** The union of `{ name, fields }` over the contract's events: `name` tells them apart. */
export type EventOf<A extends ContractAbi> = Named<A, A['events'][number]>

/** The same of its errors. */
export type ErrorOf<A extends ContractAbi> = Named<A, NonNullable<A['errors']>[number]>

type NamedAs<Entry extends { readonly name: string }, Name extends string> = string extends Entry['name']
  ? Entry
  : Extract<Entry, { readonly name: Name }>

/** Of the union the event of one name. */
export type EventNamed<A extends ContractAbi, Name extends string> = NamedAs<EventOf<A>, Name>

type IndexedAmong<F> = F extends { readonly indexed: infer Indexed }
  ? true extends Indexed
    ? F
    : never
  : never

type IndexedField<A extends ContractAbi, Name extends string> = IndexedAmong<
  NamedAs<A['events'][number], Name>['fields'][number]
>

/** Values to look an event up by: some of its indexed fields. */
export type IndexedOf<A extends ContractAbi, Name extends string> = [IndexedField<A, Name>] extends [never]
  ? { readonly [Name in string]: never }
  : Partial<GivenFields<A, IndexedField<A, Name>>>
