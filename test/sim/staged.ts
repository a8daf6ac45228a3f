/** Scripts that put transactions into the block of a height, and look at the receipts once it is final. */
import type { Receipt } from '../../node/types/receipt.ts'
import type { StakeAction } from '../../node/types/transaction.ts'
import type { StateReader } from '../../node/state/view.ts'
import type { TestAccount } from '../support/transactions.ts'
import { InvariantError } from './invariants.ts'
import type { World } from './world.ts'
import { StateChain } from './state-chain.ts'

/** How a transaction ends: well, or with this error. */
export type Ending = 'success' | NonNullable<Receipt['error']>['code']

export class Stage {
  readonly chain: StateChain
  readonly #simulation: World
  #left = 0
  readonly #looks = new Map<bigint, ((state: StateReader) => void)[]>()

  constructor(simulation: World) {
    const { chain } = simulation
    if (!(chain instanceof StateChain)) throw new TypeError('staged transactions need a state')
    this.chain = chain
    this.#simulation = simulation
    const seen = new Set<bigint>()
    simulation.watch.onFinal = (_node, blocks) => {
      for (const { hash, height } of blocks) {
        if (seen.has(height)) continue
        seen.add(height)
        for (const look of this.#looks.get(height) ?? []) look(chain.stateAfter(hash))
        this.#checkReceipts(height, hash)
      }
      if (seen.size > 0 && this.#left === 0) this.#simulation.heal()
    }
  }

  /** Everything that was staged has become final. */
  get isOver(): boolean {
    return this.#left === 0
  }

  readonly #expected = new Map<bigint, { action: StakeAction; ending: Ending }[]>()

  /** Before the block of that height is built. */
  add(height: bigint, account: TestAccount, action: StakeAction, ending: Ending): void {
    this.#left++
    this.#expected.set(height, [...(this.#expected.get(height) ?? []), { action, ending }])
    this.chain.want(height, account, action)
  }

  /** At the state after the final block of that height. */
  look(height: bigint, see: (state: StateReader) => void): void {
    this.#left++
    const count = (state: StateReader) => {
      this.#left--
      see(state)
    }
    this.#looks.set(height, [...(this.#looks.get(height) ?? []), count])
  }

  #checkReceipts(height: bigint, hash: Parameters<StateChain['receiptsOf']>[0]): void {
    const receipts = this.chain.receiptsOf(hash)
    for (const { action, ending } of this.#expected.get(height) ?? []) {
      const found = receipts.find(({ action: done }) => done === action)
      const { status, error } = found?.receipt ?? {}
      const ended = status === 'success' ? status : (error?.code ?? 'left out')
      if (ended !== ending)
        throw new InvariantError(`${action.kind} in block ${height} should have ended in ${ending}: ${ended}`)
      this.#left--
    }
  }
}
