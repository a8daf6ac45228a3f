/** A chain in memory with fixtures on it, whose transactions are traced with their gas as a node would send it. */
import { type CompiledContract, compileContract } from '../../../contracts/sdk/compile.ts'
import { type Abi, parseAbi } from '../../../node/abi/types.ts'
import { encodeArguments } from '../../../node/abi/values.ts'
import { TAGS, taggedHash } from '../../../node/crypto/hash.ts'
import type { SymbolStore } from '../../../node/diagnostics/symbol-store.ts'
import { formatSymbols, parseSymbols } from '../../../node/diagnostics/symbols.ts'
import { type TraceView, viewTrace } from '../../../node/diagnostics/trace-view.ts'
import { traceTransaction } from '../../../node/transition/simulate.ts'
import { type Address, toHex, ZERO_HASH } from '../../../node/types/primitives.ts'
import type { Receipt } from '../../../node/types/receipt.ts'
import type { Action, SimpleAction } from '../../../node/types/transaction.ts'
import { FIXTURES, fixturePath } from '../../support/place-in.ts'
import { TestChain } from '../../support/test-chain.ts'
import { signedTransaction, TEST_CHAIN_ID, testAccount } from '../../support/transactions.ts'

export const alice = testAccount('alice')
const GAS = 100_000_000n

interface Fixture {
  readonly compiled: CompiledContract
  readonly abi: Abi
}

export interface TracedTransaction {
  /** As JSON, there and back. */
  readonly trace: TraceView
  readonly receipt: Receipt
}

export class TracedChain {
  readonly symbols: SymbolStore
  readonly #chain = new TestChain([[alice.address, 1_000_000_000_000_000n]])
  readonly #fixtures: ReadonlyMap<string, Fixture>
  #nonce = 0n

  private constructor(fixtures: ReadonlyMap<string, Fixture>) {
    this.#fixtures = fixtures
    const texts = [...fixtures.values()].map(
      ({ compiled: { wasm, debug } }) =>
        [
          toHex(taggedHash(TAGS.code, wasm)),
          parseSymbols(formatSymbols(wasm, JSON.parse(JSON.stringify(debug)), FIXTURES)),
        ] as const,
    )
    const byHash = new Map(texts)
    this.symbols = { get: hash => byHash.get(hash) }
  }

  static async with(...names: readonly string[]): Promise<TracedChain> {
    const fixtures = new Map<string, Fixture>()
    for (const name of names) {
      const compiled = await compileContract({ entry: fixturePath(name) })
      fixtures.set(name, { compiled, abi: parseAbi(compiled.abi) })
    }
    return new TracedChain(fixtures)
  }

  #fixture(name: string): Fixture {
    const found = this.#fixtures.get(name)
    if (found === undefined) throw new Error(`${name} was not compiled`)
    return found
  }

  deploy(name: string, args: readonly unknown[] = []): Address {
    const { created, error } = this.send(this.deployOf(name, args))
    if (created[0] === undefined) throw new Error(`no contract: ${error?.message}`)
    return created[0]
  }

  send(action: Action): Receipt {
    return this.#chain.run(signedTransaction(alice, this.#nonce++, action, { gasLimit: GAS }))
  }

  deployOf(name: string, args: readonly unknown[] = []): SimpleAction {
    const { compiled, abi } = this.#fixture(name)
    return {
      kind: 'deploy',
      code: compiled.wasm,
      args: encodeArguments(abi, 'init', args),
      value: 0n,
      owner: undefined,
    }
  }

  callOf(
    name: string,
    contract: Address,
    method: string,
    args: readonly unknown[],
    value = 0n,
  ): SimpleAction {
    const { abi } = this.#fixture(name)
    return { kind: 'call', contract, method, args: encodeArguments(abi, method, args), value }
  }

  trace(action: Action, gasLimit = GAS): TracedTransaction {
    const { outcome, trace } = traceTransaction({
      vm: this.#chain.vm,
      state: this.#chain.reader,
      block: { chainId: TEST_CHAIN_ID, height: 9n, timeMs: 9_000n, randomness: ZERO_HASH },
      context: {
        chainId: TEST_CHAIN_ID,
        height: 9n,
        baseFee: 2n,
        blockGasLimit: this.#chain.gasLimit,
      },
      parsed: signedTransaction(alice, this.#nonce, action, { gasLimit }),
      gas: true,
    })
    if (outcome.kind === 'refused') throw new Error(outcome.refusal.message)
    const view = viewTrace(trace, this.symbols)
    return { trace: JSON.parse(JSON.stringify(view)) as TraceView, receipt: outcome.receipt }
  }
}
