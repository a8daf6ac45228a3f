/** The ABI as the compiler writes it. Its readers check it anew (node/abi/types.ts): it travels with the code. */

export interface AbiField {
  readonly name: string
  /** In the style of Rust and BCS: `u64`, `string`, `address`, `bytes`, `vec<T>`, or a struct's name. */
  readonly type: string
}

export interface AbiMethod {
  readonly name: string
  readonly kind: 'init' | 'call' | 'view' | 'migrate'
  readonly payable: boolean
  /** May run while another call of the same contract does. */
  readonly reentrant: boolean
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

/** What a method may revert with. */
export interface AbiRevert {
  readonly name: string
  readonly fields: readonly AbiField[]
}

export interface AbiStruct {
  readonly name: string
  readonly fields: readonly AbiField[]
}

/** A field of the contract's class. Its slot is its place in the list. */
export interface AbiStorage {
  readonly name: string
  /** The class of the SDK: `Value`, `Mapping`, … */
  readonly kind: string
  readonly types: readonly string[]
}

export interface ContractAbi {
  readonly name: string
  readonly version: 1
  readonly methods: readonly AbiMethod[]
  readonly events: readonly AbiEvent[]
  readonly errors: readonly AbiRevert[]
  readonly structs: readonly AbiStruct[]
  readonly storage: readonly AbiStorage[]
}

/** As it travels in the module, where each byte is paid for: what is false or empty is left out. */
export const compactAbi = (abi: ContractAbi): string =>
  JSON.stringify(abi, (_, value: unknown) =>
    value === false || (Array.isArray(value) && value.length === 0) ? undefined : value,
  )
