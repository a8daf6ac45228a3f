/**
 * Short names for the addresses in a trace: a development account's, or that of the contract's class if only one of those
 * that ran has it. A class may be called as its author likes, so none passes for a development account.
 */
import type { ReadableCall, ReadableTrace } from '../../node/diagnostics/readable-trace.ts'
import { type AddressBook, isDevName } from '../address-book.ts'

export interface TraceNames {
  readonly nameOf: (address: string) => string
  /** Class and address of each contract that ran, in order. */
  readonly contracts: readonly (readonly [contractName: string | null, address: string])[]
}

/** The calls and all inside, in the order in which they began. */
export const allCalls = (calls: readonly ReadableCall[]): ReadableCall[] =>
  calls.flatMap(call => [
    call,
    ...allCalls(call.steps.flatMap(step => (step.kind === 'call' ? [step.call] : []))),
  ])

export const nameTraced = ({ calls }: ReadableTrace, book: AddressBook): TraceNames => {
  const classes = new Map<string, string | null>()
  for (const { contract, contractName } of allCalls(calls))
    classes.set(contract, contractName ?? classes.get(contract) ?? null)
  const contracts = [...classes].map(([address, name]) => [name, address] as const)
  const nameOf = (address: string): string => {
    const name = classes.get(address) ?? null
    if (name === null) return book.short(address)
    const isAlone = contracts.filter(([other]) => other === name).length === 1
    return isAlone && !isDevName(name) ? name : `${name} ${book.short(address)}`
  }
  return { nameOf, contracts }
}
