/** `vex node init`: a data directory that `vex node start` opens. */
import { readFile } from 'node:fs/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { pino } from 'pino'
import { DEFAULT_NETWORK_PORT } from '../../node/config.ts'
import { formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import {
  completeDirectory,
  readNodeKey,
  type InitOptions as DirectoryRequest,
  initDirectory,
} from '../../node/init-directory.ts'
import { multiaddrProblem } from '../../node/network/multiaddr.ts'
import { createNodeKey } from '../../node/network/node-key.ts'
import type { Checkpoint } from '../../node/sync/header-spans.ts'
import { NODE_KINDS, type NodeKind } from '../../node/network/ports.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual, fromHex, type Hash, toHash, toHex } from '../../node/types/primitives.ts'
import { readIdentity, type ValidatorIdentity } from '../../node/validator-key-file.ts'
import { createValidatorKeys, formatValidatorKeys } from '../../node/validator-keys.ts'
import { CliError, usageError } from '../errors.ts'
import { readGenesis } from '../genesis/file.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions, parseHashArgument } from '../options.ts'
import { logToText } from '../log-lines.ts'
import { createOutput, type Output } from '../output.ts'
import { listenForStop } from '../signals.ts'
import { createProgress } from '../terminal/progress.ts'
import { showTable } from '../terminal/table.ts'
import { addNodeDirectory } from './options.ts'

interface InitOptions extends CommonOptions {
  readonly dataDir: string
  readonly genesis: string
  readonly genesisHash?: Hash
  readonly kind: NodeKind
  readonly bootstrap?: readonly string[]
  readonly sentry?: readonly string[]
  readonly validatorKeys?: string
  readonly fromSnapshot?: true
  readonly checkpoint?: Checkpoint
}

const parsePeer = (text: string, before: readonly string[] = []): readonly string[] => {
  const problem = multiaddrProblem(text, 'call')
  if (problem !== undefined) throw new InvalidArgumentError(problem)
  return [...before, text]
}

const parseCheckpoint = (text: string): Checkpoint => {
  const [, height, hash] = /^(\d{1,19}):(?:0x)?([0-9a-fA-F]{64})$/.exec(text) ?? []
  if (height !== undefined && hash !== undefined)
    return { height: BigInt(height), hash: toHash(fromHex(hash)) }
  throw new InvalidArgumentError('expected HEIGHT:HASH, with the 64 hex digits of the block’s hash')
}

const assertHash = (path: string, genesis: Genesis, expected: Hash | undefined): void => {
  const hash = genesisHash(genesis)
  if (expected === undefined || bytesEqual(hash, expected)) return
  throw new CliError(
    'wrong_chain',
    `${path} is the genesis ${toHex(hash)}, not ${toHex(expected)}: get the one of the chain that you want to join. Nothing was made`,
  )
}

const votesFromTheStart = ({ voteKey: own }: ValidatorIdentity, { validators }: Genesis): boolean =>
  validators.some(({ voteKey }) => bytesEqual(voteKey, own))

const createLogger = ({ verbose }: InitOptions) =>
  pino(
    { level: verbose === true ? 'info' : 'error' },
    { write: line => void process.stderr.write(logToText(line)) },
  )

/** From what other nodes have; everything is proved from the genesis. Interrupted, the same command goes on. */
const initFromSnapshot = async (
  request: DirectoryRequest,
  options: InitOptions,
  output: Output,
): Promise<ValidatorIdentity | undefined> => {
  const { path, genesis, kind, bootstrap, sentries = [] } = request
  if (bootstrap.length + sentries.length === 0)
    throw usageError('--from-snapshot takes --bootstrap: somebody has to have the snapshot')
  // libp2p takes its time to load.
  const { joinBySnapshot } = await import('../../node/join-by-snapshot.ts')
  const keyText =
    kind === 'validator'
      ? (request.validatorKeyText ?? formatValidatorKeys(createValidatorKeys()))
      : undefined
  const nodeKey = createNodeKey()
  const stop = listenForStop()
  const fetching = createProgress(output, { what: 'Fetching the state', unit: 'chunks' })
  const restoring = createProgress(output, { what: 'Restoring it' })
  try {
    const height = await joinBySnapshot({
      genesis,
      nodeKey,
      bootstrap,
      sentries,
      checkpoint: options.checkpoint,
      dataDirectory: path,
      validatorKeys: keyText,
      logger: createLogger(options),
      onProgress: ({ chunks, allChunks }) => fetching.set(chunks, allChunks),
      onRestore: done => restoring.set(done),
      signal: stop.signal,
    })
    output.notice(`The state of block ${height} is in ${path}`)
  } finally {
    restoring.end()
    stop.release()
  }
  completeDirectory({ ...request, nodeKey })
  return keyText === undefined ? undefined : readIdentity(keyText, 'the key file')
}

const init = async (options: InitOptions): Promise<void> => {
  const output = createOutput(options)
  const { dataDir, kind } = options
  if (options.validatorKeys !== undefined && kind !== 'validator')
    throw usageError(`--validator-keys is for --kind validator: a node of the kind ${kind} has none`)
  const { bootstrap = [], sentry: sentries = [] } = options
  if (sentries.length > 0 && kind !== 'validator')
    throw usageError(`--sentry is for --kind validator: a node of the kind ${kind} hides behind nobody`)
  if (sentries.length > 0 && bootstrap.length > 0)
    throw usageError('--sentry goes without --bootstrap: a validator behind sentries talks to them alone')
  const genesis = await readGenesis(options.genesis)
  assertHash(options.genesis, genesis, options.genesisHash)
  const given =
    options.validatorKeys === undefined ? undefined : await readFile(options.validatorKeys, 'utf8')
  if (given !== undefined) readIdentity(given, `the key file ${options.validatorKeys}`)
  const request = { path: dataDir, genesis, kind, bootstrap, sentries, validatorKeyText: given }
  const keys =
    options.fromSnapshot === true
      ? await initFromSnapshot(request, options, output)
      : await initDirectory(request)
  // libp2p takes its time to load.
  const { peerIdOf } = await import('../../node/network/peer-id.ts')
  const peerId = await peerIdOf(readNodeKey(dataDir))
  const operator = keys && formatAddress(publicKeyToAddress(keys.operatorPublicKey))
  const isMember = keys && votesFromTheStart(keys, genesis)
  const made = {
    dataDirectory: dataDir,
    kind,
    chainId: genesis.chainId,
    genesisHash: toHex(genesisHash(genesis)),
    peerId,
    operator: operator ?? null,
    isGenesisValidator: isMember ?? null,
  }
  output.result(made, () =>
    showTable(`Made the ${kind === 'full' ? 'full node' : kind} ${dataDir}`, [
      ['chain', genesis.chainId],
      ['genesis', made.genesisHash],
      ['peer id', peerId],
      sentries.length === 0
        ? ['others call', `/ip4/YOUR-ADDRESS/tcp/${DEFAULT_NETWORK_PORT}/p2p/${peerId}`]
        : ['sentries name', `${peerId} in network.privatePeers; nobody else needs it`],
      ...(operator === undefined ? [] : [['operator', operator] as const]),
      ['settings', `${dataDir}/config.json`],
      ['start it', `vex node start --data-dir ${dataDir}`],
    ]),
  )
  if (isMember === false)
    output.notice(
      `The genesis does not name this validator: it follows, and votes once it is registered (vex stake register --validator-keys ${dataDir}/validator-key.json)`,
    )
}

export const defineInit = (node: Command): void => {
  const command = addCommonOptions(
    addNodeDirectory(
      node
        .command('init')
        .description('make a data directory: genesis, the node’s key, settings; of a validator its keys')
        .requiredOption('--genesis <file>', 'the genesis of the chain')
        .option(
          '--genesis-hash <hash>',
          'refuse any other genesis; from a source of your own',
          parseHashArgument,
        )
        .addOption(new Option('--kind <kind>', 'what the node is for').choices(NODE_KINDS).default('full'))
        .option('--from-snapshot', 'fetch the state of a late block from other nodes, instead of all blocks')
        .option(
          '--checkpoint <height:hash>',
          'with --from-snapshot: the last block of an epoch, from a source of your own',
          parseCheckpoint,
        )
        .option('--bootstrap <multiaddr>', 'a node to ask who else there is; may be repeated', parsePeer)
        .option(
          '--sentry <multiaddr>',
          'of a validator: the sentry to hide behind, and to talk to alone; may be repeated',
          parsePeer,
        )
        .option(
          '--validator-keys <file>',
          'keys of a validator; default: those in the directory (vex genesis validator), or new ones',
        ),
    ),
  ).action(init)
  addExamples(command, [
    'vex node init --genesis genesis.json',
    'vex node init --genesis genesis.json --from-snapshot --bootstrap /ip4/203.0.113.7/tcp/4101/p2p/12D3KooW…',
    'vex node init --genesis genesis.json --kind validator --data-dir validator --bootstrap /ip4/203.0.113.7/tcp/4101/p2p/12D3KooW…',
  ])
}
