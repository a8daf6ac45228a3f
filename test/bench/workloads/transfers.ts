/** Native transfers, each to an account that did not exist. */
import { formatAddress } from '../../../node/crypto/address.ts'
import { measureLoad } from '../load.ts'
import type { Result } from '../result.ts'
import { type RunOptions, type Session, withNewChain } from '../session.ts'
import { paymentAt, type Payment, signPaymentsOnce, type SignedPayment } from '../signing.ts'
import { senderAccounts } from '../genesis.ts'

export const DEFAULT_TRANSFERS = 10_000

/** A transfer's gas does not depend on who pays whom. */
const transferGas = async ({ client }: Session): Promise<bigint> => {
  const [sender] = senderAccounts()
  if (sender === undefined) throw new Error('there is no sender')
  const { to, amount } = paymentAt('transfers', 0)
  const { gasLimit } = await client.api.transaction.simulate.query({
    sender: formatAddress(sender.address),
    action: { kind: 'transfer', to: formatAddress(to), amount: String(amount) },
  })
  return BigInt(gasLimit)
}

export const prepareTransfers = async (session: Session, n: number): Promise<SignedPayment[]> =>
  signPaymentsOnce({
    workload: 'transfers',
    n,
    gasLimit: await transferGas(session),
    toAction: ({ to, amount }: Payment) => ({ kind: 'transfer', to, amount }),
  })

/** What the recipient of a payment holds. */
export const balanceOn =
  ({ client }: Session) =>
  async ({ to }: Payment): Promise<bigint> =>
    BigInt((await client.api.account.get.query({ address: formatAddress(to) })).balance)

export const runTransfers = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const payments = await prepareTransfers(session, options.n ?? DEFAULT_TRANSFERS)
    return [await measureLoad(session, 'transfers', payments, balanceOn(session))]
  })
