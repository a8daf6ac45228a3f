/** The transition alone, block after block on a state in memory: no database, votes or sockets. */
import { Overlay } from '../../node/state/overlay.ts'
import type { StateChange, StateReader } from '../../node/state/view.ts'
import { credit, readAccount, writeSupply } from '../../node/transition/accounts.ts'
import { type BlockResult, BlockExecution } from '../../node/transition/block.ts'
import type { Refusal } from '../../node/transition/admission.ts'
import type { Account } from '../../node/types/account.ts'
import { accountCodec } from '../../node/types/account.ts'
import { type Address, type Amount, toAddress, toHash, toLatin1 } from '../../node/types/primitives.ts'
import { type Receipt, receiptsOf } from '../../node/types/receipt.ts'
import type { ParsedTransaction } from '../../node/types/transaction.ts'
import { createVm } from '../../vm/vm.ts'
import type { Vm } from '../../vm/execution.ts'
import { mapReader } from './map-reader.ts'
import { TEST_CHAIN_ID } from './transactions.ts'

const ACCOUNT_SPACE = 0x01

export class TestChain {
  readonly vm: Vm = createVm()
  readonly state = new Map<string, Uint8Array>()
  readonly reader: StateReader = mapReader(this.state)
  readonly proposer = toAddress(new Uint8Array(32).fill(0xbb))
  baseFee = 2n
  gasLimit = 1_000_000_000n
  height = 0n

  constructor(balances: readonly (readonly [Address, Amount])[]) {
    const overlay = new Overlay(this.reader)
    for (const [address, balance] of balances) credit(overlay, address, balance)
    writeSupply(
      overlay,
      balances.reduce((sum, [, balance]) => sum + balance, 0n),
    )
    this.#keep(overlay.changes())
  }

  #keep(changes: readonly StateChange[]): void {
    for (const { key, value } of changes) {
      if (value === undefined) this.state.delete(toLatin1(key))
      else this.state.set(toLatin1(key), value)
    }
  }

  /** One block of what holds; says what was refused. */
  block(
    transactions: readonly ParsedTransaction[],
  ): BlockResult & { receipts: Receipt[]; refused: Refusal[] } {
    this.height += 1n
    const execution = new BlockExecution({
      environment: {
        chainId: TEST_CHAIN_ID,
        height: this.height,
        timeMs: 1_000_000n + this.height * 1_000n,
        proposer: this.proposer,
        baseFee: this.baseFee,
        gasLimit: this.gasLimit,
        randomness: toHash(new Uint8Array(32).fill(Number(this.height))),
      },
      vm: this.vm,
      state: this.reader,
    })
    const refused: Refusal[] = []
    for (const parsed of transactions) {
      const refusal = execution.apply(parsed)
      if (refusal !== undefined) refused.push(refusal)
    }
    const result = execution.finish()
    this.#keep(result.changes)
    return { ...result, receipts: receiptsOf(result), refused }
  }

  /** A block of one transaction that must be included. */
  run(parsed: ParsedTransaction): Receipt {
    const { receipts, refused } = this.block([parsed])
    const [receipt] = receipts
    if (receipt === undefined) throw new Error(`refused: ${refused[0]?.message}`)
    return receipt
  }

  account(address: Address): Account {
    return readAccount(this.reader, address)
  }

  /** Every balance and deposit there is. */
  totalUnits(): Amount {
    let total = 0n
    for (const [key, value] of this.state) {
      if (key.charCodeAt(0) !== ACCOUNT_SPACE) continue
      const account = accountCodec.decode(value)
      total += account.balance + (account.contract?.deposit ?? 0n)
    }
    return total
  }
}
