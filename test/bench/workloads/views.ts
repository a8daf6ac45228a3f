/** The token's `balanceOf` over plain HTTP: in sequence, and over 50 connections. */
import { formatAddress } from '../../../node/crypto/address.ts'
import { senderAccounts } from '../genesis.ts'
import type { Result } from '../result.ts'
import { assertEqual, type RunOptions, withNewChain } from '../session.ts'
import { deployToken, TOKENS_OF_EACH } from '../token.ts'
import { measurePlainViews } from '../views.ts'

export const DEFAULT_VIEWS = 2_000

export const runViews = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const token = await deployToken(session)
    const inputs = senderAccounts().map(({ address }) => token.viewInput('balanceOf', formatAddress(address)))
    const [first] = inputs
    if (first === undefined) throw new RangeError('there is no holder')
    const { returnData } = await session.client.api.contract.view.query(first)
    assertEqual('a balance', token.decode('balanceOf', returnData), TOKENS_OF_EACH)
    return measurePlainViews(
      session,
      {
        url: session.node.url,
        path: '/trpc/contract.view',
        bodies: inputs.map(input => JSON.stringify(input)),
        expected: `"returnData":"${returnData}"`,
      },
      options.n ?? DEFAULT_VIEWS,
    )
  })
