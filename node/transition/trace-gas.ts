/**
 * Where the gas of one call went: a tree of function calls, each with what its own instructions and host functions
 * cost, by their byte offset in the code. Calls of one function from one place are one node, so that a loop stays small.
 */
import type { GasProfiler } from '../../vm/execution.ts'
import type { Gas } from '../types/primitives.ts'

/** Beyond these, what a callee costs counts for its caller. */
const MAX_NODES = 20_000
const MAX_DEPTH = 128

export interface GasNode {
  readonly functionIndex: number
  /** Where its caller calls it; -1 for the method that the call is of. */
  readonly callSite: number
  /** Instructions. */
  readonly spent: Map<number, Gas>
  /** Host functions: offset -> name -> gas. */
  readonly hosts: Map<number, Map<string, Gas>>
  readonly callees: Map<string, GasNode>
  /** Calls of other contracts, by the offset of the host function that made them, in order. */
  readonly nested: { readonly offset: number; readonly gas: CallGas }[]
}

const createNode = (functionIndex: number, callSite: number): GasNode => ({
  functionIndex,
  callSite,
  spent: new Map(),
  hosts: new Map(),
  callees: new Map(),
  nested: [],
})

const add = <K>(to: Map<K, Gas>, key: K, gas: Gas): void => void to.set(key, (to.get(key) ?? 0n) + gas)

export class CallGas implements GasProfiler {
  /** Stands for the VM: its callees are the functions that the VM called. */
  readonly root = createNode(-1, -1)
  readonly #stack: GasNode[] = []
  #nodes = 0
  /** Calls of other contracts whose host function has not ended. */
  readonly #pending: CallGas[] = []

  get #top(): GasNode {
    return this.#stack.at(-1) ?? this.root
  }

  enter(functionIndex: number, callSite: number): void {
    const caller = this.#top
    const key = `${functionIndex}@${callSite}`
    let node = caller.callees.get(key)
    if (node === undefined && this.#nodes < MAX_NODES && this.#stack.length < MAX_DEPTH) {
      this.#nodes++
      node = createNode(functionIndex, callSite)
      caller.callees.set(key, node)
    }
    this.#stack.push(node ?? caller)
  }

  leave(): void {
    this.#stack.pop()
  }

  spend(offset: number, gas: Gas): void {
    add(this.#top.spent, offset, gas)
  }

  host(name: string, gas: Gas, offset: number): void {
    const node = this.#top
    let prices = node.hosts.get(offset)
    if (prices === undefined) node.hosts.set(offset, (prices = new Map()))
    add(prices, name, gas)
    for (const nested of this.#pending.splice(0)) node.nested.push({ offset, gas: nested })
  }

  /** Another contract was called from the host function that runs now. */
  nested(gas: CallGas): void {
    this.#pending.push(gas)
  }
}
