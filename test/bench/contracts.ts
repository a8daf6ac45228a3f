/** The example contracts on a measured chain: deployed by the operator, called with JSON values. */
import { readFile } from 'node:fs/promises'
import { type Abi, abiFromCode } from '../../node/abi/types.ts'
import { decodeReturn, encodeArguments } from '../../node/abi/values.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { type Address, type Gas, fromHex, toHex } from '../../node/types/primitives.ts'
import type { SimpleAction } from '../../node/types/transaction.ts'
import { type AccountClient, createAccountClient } from '../../node/wallet/send.ts'
import { BenchError } from './error.ts'
import { operatorAccount } from './genesis.ts'
import type { Session } from './session.ts'

type ViewInput = Parameters<Session['client']['api']['contract']['view']['query']>[0]

export interface DeployedContract {
  readonly address: Address
  call(method: string, ...args: unknown[]): SimpleAction
  /** What `contract.view` takes. */
  viewInput(method: string, ...args: unknown[]): ViewInput
  /** Asks the node; gives the value and the gas it took. */
  view(
    client: Session['client'],
    method: string,
    ...args: unknown[]
  ): Promise<{ value: unknown; gasUsed: Gas }>
  decode(method: string, returnData: string): unknown
}

export const operatorOf = ({ client }: Session): AccountClient =>
  createAccountClient({ client, secretKey: operatorAccount().secretKey })

/** Waits for the receipt. Throws a {@link BenchError} if it did not work. */
export const sendAs = async (account: AccountClient, action: Parameters<AccountClient['send']>[0]) => {
  const result = await account.send(action)
  const outcome = result.kind === 'final' ? result.receipt : result.simulation
  if (result.kind !== 'final' || outcome.status !== 'success') {
    throw new BenchError('wrong_result', `a ${action.kind} failed: ${outcome.error?.message ?? 'no reason'}`)
  }
  return result.receipt
}

/** `contracts/build` must be up to date: `npm run bench` compiles first. */
export const readCode = async (name: string): Promise<{ code: Uint8Array; abi: Abi }> => {
  const code = new Uint8Array(await readFile(new URL(`../../contracts/build/${name}.wasm`, import.meta.url)))
  const abi = abiFromCode(code)
  if (abi === undefined) throw new BenchError('wrong_result', `the compiled ${name} has no ABI`)
  return { code, abi }
}

/** Compiled as {@link readCode} finds it. */
export const deployExample = async (
  session: Session,
  name: string,
  ...args: unknown[]
): Promise<DeployedContract> => {
  const { code, abi } = await readCode(name)
  const init = encodeArguments(abi, 'init', args)
  const receipt = await sendAs(operatorOf(session), {
    kind: 'deploy',
    code,
    args: init,
    value: 0n,
    owner: undefined,
  })
  const [shown] = receipt.created
  if (shown === undefined) throw new BenchError('wrong_result', `deploying ${name} created nothing`)
  const address = parseAddress(shown)
  const decode = (method: string, returnData: string) => decodeReturn(abi, method, fromHex(returnData))
  const viewInput = (method: string, ...values: unknown[]): ViewInput => ({
    contract: formatAddress(address),
    method,
    args: `0x${toHex(encodeArguments(abi, method, values))}`,
  })
  return {
    address,
    decode,
    viewInput,
    call: (method, ...values) => ({
      kind: 'call',
      contract: address,
      method,
      args: encodeArguments(abi, method, values),
      value: 0n,
    }),
    async view(client, method, ...values) {
      const input = viewInput(method, ...values)
      const { returnData, gasUsed } = await client.api.contract.view.query(input)
      return { value: decode(method, returnData), gasUsed: BigInt(gasUsed) }
    },
  }
}
