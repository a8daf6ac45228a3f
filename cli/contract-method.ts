/** Finds the ABI that a command's words are typed by, and checks that the method is of the right kind. */
import { type Abi, type AbiMethod, findMethod } from '../node/abi/types.ts'
import { readAbiFile } from './abi-arguments.ts'
import type { Connection } from './connect.ts'
import { CliError } from './errors.ts'

/** From the file if one was given, or else from the contract on the chain. */
export const loadAbi = async (
  { api, contracts }: Connection,
  contract: string,
  path: string | undefined,
): Promise<Abi> => {
  if (path !== undefined) return readAbiFile(path)
  const abi = await contracts.abiOf(contract)
  if (abi !== undefined) return abi
  const account = await api.account.get.query({ address: contract })
  if (account.contract === null) throw new CliError('unknown_contract', `there is no contract at ${contract}`)
  throw new CliError('no_abi', `the contract at ${contract} carries no usable ABI: give one with --abi`)
}

const ADVICE: Readonly<Record<AbiMethod['kind'], string>> = {
  init: 'it runs once, when the contract is deployed',
  call: 'it changes the state: use vex call',
  migrate: 'it runs only when the contract is upgraded',
  view: 'it only reads: use vex view, which costs nothing',
}

export const assertKind = (abi: Abi, method: string, wanted: AbiMethod['kind']): void => {
  const { kind } = findMethod(abi, method)
  if (kind !== wanted)
    throw new CliError('wrong_kind', `${abi.name}.${method} is no ${wanted}: ${ADVICE[kind]}`)
}
