/** Sends a stake action, and says what moved. */
import { amountCodec } from '../../node/transition/accounts.ts'
import { fromHex } from '../../node/types/primitives.ts'
import type { StakeAction } from '../../node/types/transaction.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { formatAmount } from '../amounts.ts'
import { type Connection, withConnection } from '../connect.ts'
import type { SendingOptions } from '../options.ts'
import { createOutput } from '../output.ts'
import { sendAndReport } from '../report-transaction.ts'
import { resolveSigner } from '../signer.ts'

export interface StakeRequest {
  readonly action: StakeAction
  /** What was done, given what moved, such as `12 VEX`. */
  readonly title: (amount: string) => string
  /** Whose key signs, if it is not what the options say. */
  readonly secretKey?: Uint8Array
}

/** Units, of a receipt's data. */
const movedBy = (returnData: string): bigint => amountCodec.decode(fromHex(returnData))

export const sendStake = async (
  options: SendingOptions,
  prepare: (connection: Connection) => StakeRequest | Promise<StakeRequest>,
): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async connection => {
    const { client, info, book } = connection
    const { action, title, secretKey } = await prepare(connection)
    await sendAndReport({
      connection,
      sender: createAccountClient({
        client,
        secretKey: secretKey ?? (await resolveSigner(options, info.chainId, book)),
      }),
      action,
      sending: options,
      output,
      title: ({ returnData }) => title(formatAmount(movedBy(returnData))),
      details: ({ returnData, status }) => ({
        action: action.kind,
        amount: status === 'success' ? String(movedBy(returnData)) : null,
      }),
    })
  })
}
