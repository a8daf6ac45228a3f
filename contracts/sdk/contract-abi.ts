/** The ABI as the compiler writes it. Its readers check it anew (node/abi/types.ts): it travels with the code. */

export interface AbiField {
  readonly name: string
  /** In the style of Rust and BCS: `u64`, `string`, `address`, `bytes`, `vec<T>`, or a struct's name. */
  readonly type: string
}

export interface AbiMethod {
  readonly name: string
  readonly kind: 'init' | 'call' | 'view'
  readonly payable: boolean
  readonly params: readonly AbiField[]
  /** `void` for nothing. */
  readonly returns: string
}

export interface AbiEventField extends AbiField {
  readonly indexed: boolean
}
export interface AbiEvent {
  readonly name: string
  readonly fields: readonly AbiEventField[]
}

export interface AbiStruct {
  readonly name: string
  readonly fields: readonly AbiField[]
}

export interface ContractAbi {
  readonly name: string
  readonly version: 1
  readonly methods: readonly AbiMethod[]
  readonly events: readonly AbiEvent[]
  readonly structs: readonly AbiStruct[]
}
