/** The example token on a measured chain, with every sender holding some. */
import { formatAddress } from '../../node/crypto/address.ts'
import { LIMITS } from '../../node/params.ts'
import { type DeployedContract, deployExample, operatorOf, sendAs } from './contracts.ts'
import { senderAccounts } from './genesis.ts'
import type { Session } from './session.ts'

/** What each sender holds at first; covers the amounts of 10^8 payments. */
export const TOKENS_OF_EACH = 10n ** 16n
const SUPPLY = 10n ** 19n

export const deployToken = async (session: Session): Promise<DeployedContract> => {
  const token = await deployExample(session, 'token', 'Bench', 'BEN', 9, SUPPLY)
  const operator = operatorOf(session)
  const gifts = senderAccounts().map(({ address }) =>
    token.call('transfer', formatAddress(address), TOKENS_OF_EACH),
  )
  for (let first = 0; first < gifts.length; first += LIMITS.batchActions) {
    await sendAs(operator, { kind: 'batch', actions: gifts.slice(first, first + LIMITS.batchActions) })
  }
  return token
}
