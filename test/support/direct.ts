/**
 * What a test needs on a chain before the command that it is about, sent from this process: a `vex` for each would take
 * most of a second of processor time, and prove what other tests prove.
 */
import { parseAbi } from '../../node/abi/types.ts'
import { encodeArguments } from '../../node/abi/values.ts'
import { type ApiClient, createApiClient } from '../../node/api/client.ts'
import type { ReceiptView } from '../../node/api/views.ts'
import { parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import type { Action } from '../../node/types/transaction.ts'
import { type AccountClient, createAccountClient } from '../../node/wallet/send.ts'

interface DirectOptions {
  /** A development account. Default: dev0. */
  readonly from?: string
  /** Units. */
  readonly value?: bigint
}

export interface Direct {
  readonly client: ApiClient
  /** Owned by dev0; what is deployed takes no arguments. Gives the address. */
  deploy(code: Uint8Array): Promise<string>
  /** Gives the transaction's id, whether the call fails or not. */
  call(contract: string, method: string, args: readonly unknown[], options?: DirectOptions): Promise<string>
}

/** `url`: of a development chain. The test closes `client`. */
export const createDirect = (url: string): Direct => {
  const client = createApiClient({ url })
  const accounts = new Map<string, AccountClient>(
    devAccounts().map(({ name, secretKey }) => [name, createAccountClient({ client, secretKey })]),
  )
  const accountOf = ({ from = 'dev0' }: DirectOptions): AccountClient => {
    const account = accounts.get(from)
    if (account === undefined) throw new Error(`there is no development account ${from}`)
    return account
  }

  /** The transaction may have failed. */
  const send = async (action: Action, options: DirectOptions = {}): Promise<ReceiptView> => {
    const result = await accountOf(options).send(action, { force: true })
    if (result.kind !== 'final') throw new Error('it was not sent')
    return result.receipt
  }
  return {
    client,
    async deploy(code) {
      const owner = accountOf({}).address
      const receipt = await send({ kind: 'deploy', code, args: new Uint8Array(0), value: 0n, owner })
      const [address] = receipt.created
      if (address === undefined) throw new Error(`nothing was deployed: ${receipt.error?.message}`)
      return address
    },
    async call(contract, method, args, options = {}) {
      const abi = parseAbi(await client.api.contract.abi.query({ contract }))
      const { transactionId } = await send(
        {
          kind: 'call',
          contract: parseAddress(contract),
          method,
          args: encodeArguments(abi, method, args),
          value: options.value ?? 0n,
        },
        options,
      )
      return transactionId
    },
  }
}
