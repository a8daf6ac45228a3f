/**
 * People with accounts, who delegate, undelegate, claim, send money and become validators, so that sets really change.
 * They stake with honest validators alone: what a faulty third is, the plan says.
 */
import { VEX } from '../../node/params.ts'
import { readAccount } from '../../node/transition/accounts.ts'
import { readValidator } from '../../node/transition/staking/records.ts'
import type { StateReader } from '../../node/state/view.ts'
import { type Address, toHex } from '../../node/types/primitives.ts'
import type { Action, ParsedTransaction } from '../../node/types/transaction.ts'
import { operatorNamed } from '../support/stake-world.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'
import type { Random } from './random.ts'

const USERS = 6
export const USER_BALANCE = 5_000n * VEX
export const OPERATOR_BALANCE = 300n * VEX
const FAR_HEIGHT = 50_000n

export const operatorName = (identity: number): string => `sim ${identity}`

export const userAccounts: readonly TestAccount[] = Array.from({ length: USERS }, (_, i) =>
  testAccount(`sim user ${i}`),
)

export class Users {
  readonly #random: Random
  readonly #honest: readonly number[]

  constructor(random: Random, honest: readonly number[]) {
    this.#random = random
    this.#honest = honest
  }

  /** A few transactions, each with its sender's next nonce; not each will succeed. */
  act(state: Pick<StateReader, 'get'>): ParsedTransaction[] {
    const transactions: ParsedTransaction[] = []
    const nonces = new Map<string, bigint>()
    for (let count = this.#random.below(4); count > 0; count--) {
      const [account, action] = this.#draw(state)
      const name = toHex(account.address)
      const nonce = nonces.get(name) ?? readAccount(state, account.address).nonce
      nonces.set(name, nonce + 1n)
      transactions.push(signedTransaction(account, nonce, action, { validUntilHeight: FAR_HEIGHT }))
    }
    return transactions
  }

  #draw(state: Pick<StateReader, 'get'>): [TestAccount, Action] {
    const user = this.#one(userAccounts)
    const operator = this.#one(this.#honest)
    const account = testAccount(operatorName(operator))
    const { address } = account
    const known = readValidator(state, address)
    if (known === undefined) return [account, this.#registration(operator)]
    switch (this.#random.below(10)) {
      case 0:
      case 1:
      case 2:
        return [user, { kind: 'delegate', validator: address, amount: this.#amount() }]
      case 3:
      case 4:
        return [
          user,
          {
            kind: 'undelegate',
            validator: address,
            amount: this.#random.chance(0.3) ? undefined : this.#amount(),
          },
        ]
      case 5:
        return [user, { kind: 'withdraw', validator: address }]
      case 6:
        return [this.#random.chance(0.5) ? user : account, { kind: 'claimRewards', validator: address }]
      case 7:
        return [account, known.jailedUntil === undefined ? this.#commission() : { kind: 'unjail' }]
      default:
        return [user, { kind: 'transfer', to: this.#one(userAccounts).address, amount: this.#amount() }]
    }
  }

  #registration(identity: number): Action {
    const { registration } = operatorNamed(operatorName(identity))
    const stake = (100n + BigInt(this.#random.below(150))) * VEX
    return { kind: 'registerValidator', ...registration, commissionBps: this.#random.below(2_000), stake }
  }

  #commission(): Action {
    return { kind: 'editValidator', commissionBps: this.#random.below(2_000) }
  }

  #amount(): bigint {
    return BigInt(1 + this.#random.below(300)) * VEX + BigInt(this.#random.below(1_000_000))
  }

  #one<T>(of: readonly T[]): T {
    const chosen = of[this.#random.below(of.length)]
    if (chosen === undefined) throw new RangeError('nothing to choose from')
    return chosen
  }
}

export const operatorAddress = (identity: number): Address => operatorNamed(operatorName(identity)).address
