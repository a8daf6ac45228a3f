/** The transfers of transfers.ts, many more, on one chain: in six parts. */
import { submitPayments, untilSettled, verifyPayments } from '../load.ts'
import type { Result } from '../result.ts'
import { type RunOptions, withNewChain } from '../session.ts'
import { measureSixths } from '../sixths.ts'
import { balanceOn, prepareTransfers } from './transfers.ts'

export const DEFAULT_LONG = 60_000

export const runLong = (options: RunOptions): Promise<Result[]> =>
  withNewChain(options, async session => {
    const payments = await prepareTransfers(session, options.n ?? DEFAULT_LONG)
    await untilSettled(session)
    const result = await measureSixths(session, payments, part => submitPayments(session, part))
    await verifyPayments(session, payments, balanceOn(session))
    return [result]
  })
