/**
 * Where a transaction's gas went, by lines of source: what each line cost by itself, under the line that called its
 * function, across contracts. Each frame's gas is its own and that of the frames inside it, to the unit.
 *
 * Calls from one line to another are one frame, however often they happen. Functions of the SDK and of the compiler's
 * library are one frame each, whatever line of theirs runs. Without symbols a function is its number.
 */
import type { Gas } from '../types/primitives.ts'
import type { SymbolStore } from './symbol-store.ts'
import { isAuthorsFrame, isGeneratedFrame, type SourceFrame, type Symbols } from './symbols.ts'
import type { CallView, GasView, TraceView } from './trace-view.ts'

export type GasFrameKind =
  | 'transaction'
  /** Of a contract's method. */
  | 'call'
  /** A line of an author's. */
  | 'line'
  /** Of the SDK, of the compiler, or of code without symbols. */
  | 'function'
  | 'host'
  /** What is told of nothing finer: a transaction's base, calls beyond a trace's limits. */
  | 'rest'

export interface GasFrame {
  readonly kind: GasFrameKind
  readonly name: string
  /** More to say of it, line by line. */
  readonly details: readonly string[]
  /** With all that is inside. */
  readonly gas: Gas
  readonly own: Gas
  /** The dearest first. */
  readonly children: readonly GasFrame[]
}

export interface GasTree {
  readonly root: GasFrame
  /** What calls lost when they trapped, all that they had left: no line cost it, so it is not in the frames. */
  readonly lost: Gas
  /** Contracts whose lines are not known. */
  readonly withoutSymbols: readonly string[]
}

class Draft {
  readonly kind: GasFrameKind
  readonly name: string
  readonly details: readonly string[]
  own: Gas = 0n
  readonly children = new Map<string, Draft>()

  constructor(kind: GasFrameKind, name: string, details: readonly string[]) {
    this.kind = kind
    this.name = name
    this.details = details
  }

  child(kind: GasFrameKind, name: string, details: readonly string[] = []): Draft {
    const key = [kind, name, ...details].join('\n')
    let child = this.children.get(key)
    if (child === undefined) this.children.set(key, (child = new Draft(kind, name, details)))
    return child
  }

  /** A leaf of its own. */
  add(kind: GasFrameKind, name: string, gas: Gas, details?: readonly string[]): void {
    if (gas > 0n) this.child(kind, name, details).own += gas
  }

  finish(): GasFrame {
    const { kind, name, details, own } = this
    const children = [...this.children.values()].map(child => child.finish())
    const gas = children.reduce((sum, child) => sum + child.gas, own)
    return { kind, name, details, gas, own, children: children.toSorted((a, b) => Number(b.gas - a.gas)) }
  }
}

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The frame of a line under the frame of its caller; generated code counts for the caller. */
const draftOf = (caller: Draft, frame: SourceFrame, symbols: Symbols | undefined): Draft => {
  const { position, functionIndex } = frame
  const name = frame.function ?? `function ${functionIndex}`
  if (position === null) return caller.child('function', name)
  if (isGeneratedFrame(frame)) return caller
  const { file, line } = position
  if (!isAuthorsFrame(frame)) return caller.child('function', name, [file])
  const text = symbols?.lineText(position) ?? ''
  return caller.child('line', `${fileName(file)}:${line} ${name}`, [
    `${file}:${line}`,
    ...(text === '' ? [] : [text]),
  ])
}

/** What the frames of one call need. */
interface CallScope {
  readonly symbols: Symbols | undefined
  readonly nested: readonly CallView[]
  readonly located: Map<string, SourceFrame>
}

class Builder {
  readonly #abis: TraceView['abis']
  readonly #store: SymbolStore
  readonly withoutSymbols = new Set<string>()
  lost: Gas = 0n

  constructor(abis: TraceView['abis'], store: SymbolStore) {
    this.#abis = abis
    this.#store = store
  }

  call(parent: Draft, view: CallView): void {
    const { codeHash, contract, method, gas, outcome } = view
    const contractName = codeHash === null ? undefined : this.#abis[codeHash]?.name
    const draft = parent.child('call', `${contractName ?? contract}.${method}`, [`contract ${contract}`])
    const symbols = codeHash === null ? undefined : this.#store.get(codeHash)
    if (symbols === undefined && codeHash !== null && gas !== null)
      this.withoutSymbols.add(contractName ?? contract)
    const nested = view.steps.flatMap(step => (step.kind === 'call' ? [step.call] : []))
    const scope = { symbols, nested, located: new Map<string, SourceFrame>() }
    const told = gas === null ? 0n : this.#node(draft, gas, scope)
    // Without its gas a call is still a frame, and so is what it called.
    if (gas === null) for (const each of nested) this.call(draft, each)
    const inside = nested.reduce((sum, each) => sum + BigInt(each.gasUsed), told)
    const rest = BigInt(view.gasUsed) - inside
    if (outcome.kind === 'failed' && gas !== null) this.lost += rest
    else draft.own += rest
  }

  /** Returns what the node and its callees cost, other contracts left out. */
  #node(caller: Draft, node: GasView, scope: CallScope): Gas {
    const { functionIndex } = node
    let told = 0n
    const at = (offset: number): Draft =>
      // The node above all functions is the VM.
      functionIndex < 0 ? caller : draftOf(caller, locate(functionIndex, offset, scope), scope.symbols)
    for (const [offset, gas] of node.spent) {
      at(offset).own += BigInt(gas)
      told += BigInt(gas)
    }
    for (const [offset, name, gas] of node.hosts) {
      at(offset).add('host', name, BigInt(gas))
      told += BigInt(gas)
    }
    for (const callee of node.callees) told += this.#node(at(callee.callSite), callee, scope)
    for (const [offset, index] of node.nested) {
      const nested = scope.nested[index]
      if (nested !== undefined) this.call(at(offset), nested)
    }
    return told
  }
}

const locate = (functionIndex: number, offset: number, { symbols, located }: CallScope): SourceFrame => {
  if (symbols === undefined) return { functionIndex, offset, function: null, position: null }
  const key = `${functionIndex}@${offset}`
  let frame = located.get(key)
  if (frame === undefined) located.set(key, (frame = symbols.locate({ functionIndex, offset })))
  return frame
}

/** `gasUsed`: the transaction's, by its receipt. The trace has to hold its gas. */
export const buildGasTree = (
  { calls, abis }: Pick<TraceView, 'calls' | 'abis'>,
  gasUsed: Gas,
  store: SymbolStore,
): GasTree => {
  const root = new Draft('transaction', 'transaction', [])
  const builder = new Builder(abis, store)
  for (const call of calls) builder.call(root, call)
  const inCalls = calls.reduce((sum, call) => sum + BigInt(call.gasUsed), 0n)
  root.add('rest', 'the transaction itself', gasUsed - inCalls, [
    'its base price, its bytes, its signature; code that it brings',
  ])
  return { root: root.finish(), lost: builder.lost, withoutSymbols: [...builder.withoutSymbols] }
}
