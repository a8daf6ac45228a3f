/** Runs a command's requests against a node, and turns what goes wrong on the way into its sentence. */
import { apiFailure, createApiClient, type ApiClient } from '../node/api/client.ts'
import { type AddressBook, loadAddressBook } from './address-book.ts'
import { failureDetails } from './call-failure.ts'
import { type ContractReader, createContractReader } from './contracts.ts'
import { CliError } from './errors.ts'
import { exitCodeOfAnswer } from './exit-codes.ts'
import type { ClientOptions } from './options.ts'

/** The node's own setting: on its machine both read the same file. */
const TOKEN_VARIABLE = 'VEX_API_BEARER_TOKEN_FILE'

export type VexApi = ApiClient['api']
export type ChainInfo = Awaited<ReturnType<VexApi['chain']['info']['query']>>

export interface Connection {
  readonly client: ApiClient
  readonly api: VexApi
  /** As it was when the command began. */
  readonly info: ChainInfo
  readonly book: AddressBook
  readonly contracts: ContractReader
}

/** An error of the API as one of this program's; any other as it is. */
export const fromApi = (error: unknown, url: string): unknown => {
  const failure = apiFailure(error, url)
  return failure === undefined
    ? error
    : new CliError(failure.detail ?? failure.code, failure.message, {
        cause: error,
        exitCode: exitCodeOfAnswer(failure.code),
        ...failureDetails(failure.call?.failure),
      })
}

const tokenOfUser = async (): Promise<string | undefined> => {
  const path = process.env[TOKEN_VARIABLE] ?? ''
  if (path === '') return undefined
  const { readToken } = await import('../node/exposure.ts')
  return readToken(TOKEN_VARIABLE, path)
}

/** Without a wallet named, its names come from where it usually is. */
export type Place = Pick<ClientOptions, 'url'> & Partial<Pick<ClientOptions, 'wallet'>>

export const withConnection = async <T>(
  { url, wallet }: Place,
  use: (connection: Connection) => Promise<T>,
): Promise<T> => {
  const client = createApiClient({ url, token: await tokenOfUser() })
  try {
    const { api } = client
    const info = await api.chain.info.query()
    const book = await loadAddressBook(info.chainId, wallet)
    return await use({ client, api, info, book, contracts: createContractReader(api) })
  } catch (error) {
    throw fromApi(error, url)
  } finally {
    client.close()
  }
}
