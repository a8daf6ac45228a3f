/** Puts a built contract of a project on the chain, unless the same stands there already. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { BuiltContract } from '../../contracts/sdk/build.ts'
import { AbiError } from '../../node/abi/error.ts'
import { type Abi, abiFromCode } from '../../node/abi/types.ts'
import { parseValueType } from '../../node/abi/value-type.ts'
import { encodeNamedArguments } from '../../node/abi/values.ts'
import { createAccountClient } from '../../node/wallet/send.ts'
import { resolveNames } from '../abi-arguments.ts'
import { isDevName } from '../address-book.ts'
import { failureDetails } from '../call-failure.ts'
import type { Connection } from '../connect.ts'
import { CliError } from '../errors.ts'
import { type ContractConfig, PROJECT_FILE } from './config.ts'
import type { Deployment, Deployments } from './deployments.ts'

const failed = (
  name: string,
  reason: string,
  options: ConstructorParameters<typeof CliError>[2] = {},
): CliError => new CliError('not_deployed', `${name} is not deployed: ${reason}`, options)

const encodeInit = (abi: Abi, { name, config, deployments, connection }: DeployRequest): Uint8Array => {
  const init = abi.methods.find(({ kind }) => kind === 'init')
  if (init === undefined) {
    if (Object.keys(config.init).length === 0) return new Uint8Array(0)
    throw failed(name, `${abi.name} has no init, so it takes no arguments. Correct ${PROJECT_FILE}`)
  }
  const resolve = (text: string): unknown => {
    if (isDevName(text)) return connection.book.resolve(text)
    if (!text.startsWith('@')) return text
    const found = deployments.get(text.slice(1))
    if (found !== undefined) return found.address
    throw failed(name, `no contract ${text.slice(1)} is deployed before it. Put it above in ${PROJECT_FILE}`)
  }
  const types = new Map(init.params.map(param => [param.name, parseValueType(param.type, abi.structs)]))
  const values = Object.entries(config.init).map(([key, value]) => {
    const type = types.get(key)
    return [key, type === undefined ? value : resolveNames(type, value, resolve)]
  })
  try {
    return encodeNamedArguments(abi, init.name, Object.fromEntries(values))
  } catch (error) {
    if (!(error instanceof AbiError)) throw error
    throw failed(name, `${error.message}. Write its arguments in ${PROJECT_FILE}: contracts.${name}.init`, {
      cause: error,
    })
  }
}

interface DeployRequest {
  readonly name: string
  readonly built: BuiltContract
  readonly config: ContractConfig
  /** As they are now: others' addresses for arguments, and what may stay. */
  readonly deployments: Deployments
  readonly connection: Connection
}

/** Returns the deployment that stands there if nothing about it changed. */
export const deployContract = async (request: DeployRequest): Promise<Deployment> => {
  const { name, built, config, deployments, connection } = request
  const code = new Uint8Array(await readFile(built.wasmPath))
  const abi = abiFromCode(code)
  if (abi === undefined) throw failed(name, 'the module carries no ABI')
  const args = encodeInit(abi, request)
  const digest = createHash('sha256').update(config.from).update(args).update(code).digest('hex')
  const standing = deployments.get(name)
  if (standing?.digest === digest) return standing

  const account = connection.book.devAccounts.find(dev => dev.name === config.from)
  if (account === undefined) throw failed(name, `${config.from} is no account of this chain`)
  const sender = createAccountClient({ client: connection.client, secretKey: account.secretKey })
  const result = await sender.send({ kind: 'deploy', code, args, value: 0n, owner: sender.address })
  if (result.kind === 'would_fail')
    throw failed(
      name,
      result.simulation.error?.message ?? 'the simulation failed',
      failureDetails(result.simulation.failure),
    )
  const { created, error } = result.receipt
  const [address] = created
  if (address === undefined) throw failed(name, error?.message ?? 'the transaction failed')
  return { address, digest }
}
