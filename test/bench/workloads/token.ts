/** Token transfers in contract code, each to an account that held none. */
import { formatAddress } from '../../../node/crypto/address.ts'
import { toHex } from '../../../node/types/primitives.ts'
import type { SimpleAction } from '../../../node/types/transaction.ts'
import { BenchError } from '../error.ts'
import { senderAccounts } from '../genesis.ts'
import { measureLoad } from '../load.ts'
import type { Result } from '../result.ts'
import { type RunOptions, type Session, withNewChain } from '../session.ts'
import { type Payment, paymentAt, signPaymentsOnce } from '../signing.ts'
import { deployToken } from '../token.ts'

export const DEFAULT_TOKEN = 10_000

/** With a twentieth more, as a wallet would add it. */
const callGas = async ({ client }: Session, action: SimpleAction & { kind: 'call' }): Promise<bigint> => {
  const [sender] = senderAccounts()
  if (sender === undefined) throw new Error('there is no sender')
  const simulation = await client.api.transaction.simulate.query({
    sender: formatAddress(sender.address),
    action: {
      kind: 'call',
      contract: formatAddress(action.contract),
      method: action.method,
      args: `0x${toHex(action.args)}`,
    },
  })
  if (simulation.status !== 'success') {
    throw new BenchError('wrong_result', `a token transfer would fail: ${simulation.error?.message ?? ''}`)
  }
  return (BigInt(simulation.gasLimit) * 21n) / 20n
}

export const runToken = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const token = await deployToken(session)
    const toAction = ({ to, amount }: Payment) => token.call('transfer', formatAddress(to), amount)
    const example = toAction(paymentAt('token', 0))
    if (example.kind !== 'call') throw new Error('a call of a contract is a call')
    const payments = signPaymentsOnce({
      workload: 'token',
      n: options.n ?? DEFAULT_TOKEN,
      gasLimit: await callGas(session, example),
      toAction,
    })
    const balanceOf = async ({ to }: Payment) => {
      const { value } = await token.view(session.client, 'balanceOf', formatAddress(to))
      return value as bigint
    }
    return [await measureLoad(session, 'token', payments, balanceOf)]
  })
