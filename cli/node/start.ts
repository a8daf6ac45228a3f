/** `vex node start`: runs the node of a data directory, with a line in its log for every final block. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { type Logger, pino } from 'pino'
import {
  ConfigError,
  configSettings,
  type ConfigSetting,
  formatNewConfig,
  keysProblem,
  type NodeConfig,
  parseConfig,
  settingsFrom,
} from '../../node/config.ts'
import { readExposure } from '../../node/exposure.ts'
import { readNodeKey } from '../../node/init-directory.ts'
import { type NodeOptions, startNode, type VexNode } from '../../node/node.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { MiB } from '../../node/storage/disk-space.ts'
import { readFormat } from '../../node/storage/format-file.ts'
import { readTextIfThere } from '../../node/storage/read-text.ts'
import { assertNotRestoring } from '../../node/storage/restore-mark.ts'
import { toHex } from '../../node/types/primitives.ts'
import { CliError } from '../errors.ts'
import { logToDatedText } from '../log-lines.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions, toRetention } from '../options.ts'
import { runNode } from '../run-node.ts'
import { addPasswordOption, type PasswordOptions, readPassword } from '../secrets/password.ts'
import { aborted } from '../signals.ts'
import { addNodeDirectory } from './options.ts'

interface StartOptions extends CommonOptions, PasswordOptions {
  readonly dataDir: string
}

const missing = (path: string): never => {
  throw new CliError(
    'not_found',
    `${path} is not the data directory of a node: make one with vex node init --data-dir ${path}, or name another with --data-dir`,
  )
}

/** Nothing is made here: a wrong path would begin a chain of its own. */
const assertIsNode = (path: string): void => {
  if (!existsSync(path)) missing(path)
  if (readFormat(path) !== undefined) return
  assertNotRestoring(path)
  missing(path)
}

/** A directory that was restored from a snapshot has no settings yet. */
const readConfig = (path: string): NodeConfig => {
  const file = join(path, DATA_FILES.config)
  const hasKeys = existsSync(join(path, DATA_FILES.validatorKeys))
  const text = readTextIfThere(file) ?? formatNewConfig(hasKeys ? 'validator' : 'full')
  const config = parseConfig(text, file, process.env)
  const problem = keysProblem(config.kind, hasKeys)
  if (problem !== undefined) throw new ConfigError(`${file}: ${problem}`)
  return config
}

const createLogger = ({ logLevel }: NodeConfig, { json, verbose }: StartOptions): Logger => {
  const isForPeople = process.stdout.isTTY && json !== true
  return pino(
    {
      level: verbose === true ? 'debug' : logLevel,
      serializers: { error: pino.stdSerializers.err },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    { write: line => void process.stdout.write(isForPeople ? logToDatedText(line) : line) },
  )
}

/** The one place where the node gets its network: what config.json says of it, and the seed of the node's key. */
const startWithNetwork = (
  { kind, network, sync }: NodeConfig,
  dataDirectory: string,
  options: NodeOptions,
): Promise<VexNode> => {
  const { onlyPeers, ...settings } = network
  return startNode({
    ...options,
    network: {
      ...settings,
      kind,
      checkpoint: sync.checkpoint,
      isHidden: onlyPeers,
      nodeKey: readNodeKey(dataDirectory),
      bookPath: join(dataDirectory, DATA_FILES.peers),
      bansPath: join(dataDirectory, DATA_FILES.bans),
    },
  })
}

const start = async (options: StartOptions): Promise<void> => {
  const { dataDir } = options
  assertIsNode(dataDir)
  const config = readConfig(dataDir)
  const logger = createLogger(config, options)
  const variables = settingsFrom(process.env).map(({ variable }) => variable)
  if (variables.length > 0) logger.info({ variables }, 'settings from the environment')
  const height = await runNode(
    onFatal =>
      startWithNetwork(config, dataDir, {
        dataDirectory: dataDir,
        host: config.api.host,
        port: config.api.port,
        ...readExposure(config.api, dataDir),
        adminPort: config.api.adminPort,
        createGenesis: () => missing(dataDir),
        askPassword: what => readPassword(options, what),
        retention: toRetention(config),
        snapshotEveryEpochs: config.snapshotEveryEpochs,
        minFreeBytes: config.minFreeMib * MiB,
        logger,
        onFatal,
      }),
    async (node, signal) => {
      const { url, adminUrl, chainId, head } = node
      logger.info(
        {
          kind: config.kind,
          chainId,
          url,
          adminUrl,
          ...node.networkPlace(),
          height: String(head.header.height),
          dataDirectory: dataDir,
        },
        'ready',
      )
      node.onCommit(({ hash, header: { height, epoch, gasUsed } }) =>
        logger.info(
          { height: String(height), epoch: String(epoch), gasUsed: String(gasUsed), hash: toHex(hash) },
          'final block',
        ),
      )
      await aborted(signal)
    },
  )
  logger.info({ height: String(height) }, 'stopped')
}

const describe = (settings: readonly ConfigSetting[]): string =>
  settings
    .map(({ name, variable, description, expected, default: value }) =>
      [
        `  ${name}${variable === undefined ? '' : `, ${variable}`}`,
        `      ${description} (${expected}${value === undefined ? '' : `; default: ${value}`})`,
      ].join('\n'),
    )
    .join('\n')

export const defineStart = (node: Command): void => {
  const command = addCommonOptions(
    addPasswordOption(
      addNodeDirectory(
        node
          .command('start')
          .description('run a node until Ctrl-C; the log goes to stdout, as JSON if that is no terminal'),
      ),
    ),
  ).action(start)
  command.addHelpText(
    'after',
    `\nSettings in config.json, and the variables that are put before them:\n${describe(configSettings())}`,
  )
  addExamples(command, [
    'vex node start',
    'VEX_API_PORT=0 vex node start --json',
    'vex node start --password-file /etc/vex/password',
  ])
}
