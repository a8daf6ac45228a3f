/**
 * A development chain in this process, for `vex dev` and `vex tour`: opens or makes it, runs it until the
 * caller is done or somebody stops it, closes it cleanly.
 */
import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { pino } from 'pino'
import { DEFAULT_API } from '../node/api/default-address.ts'
import { ApiServerError, assertCanListen } from '../node/api/listen.ts'
import { DEV_CHAIN_ID, devGenesis } from '../node/dev.ts'
import { DEFAULT_SYMBOL_FOLDER } from '../node/diagnostics/symbol-store.ts'
import { startNode, type VexNode } from '../node/node.ts'
import { MiB } from '../node/storage/disk-space.ts'
import { formatInteger } from './amounts.ts'
import { CliError } from './errors.ts'
import { logToText } from './log-lines.ts'
import { type ListenOptions, toRetention } from './options.ts'
import type { Output } from './output.ts'
import { runNode } from './run-node.ts'
import { readPassword } from './secrets/password.ts'

export interface LocalChain {
  /** For its address and how it came up; everything else goes through the API. */
  readonly node: Pick<VexNode, 'url' | 'adminUrl' | 'chainId' | 'head'>
  /** No block was made on it before. */
  readonly isNew: boolean
  /** As people would type it. */
  readonly dataDirectory: string
  /** The port that was asked for is taken by another program, so that it got another. */
  readonly hasOtherPort: boolean
  /** Aborts when it is time to go. */
  readonly signal: AbortSignal
}

export interface LocalChainOptions extends ListenOptions {
  /** Takes a free port if nobody asked for one and the default is taken. */
  readonly mayChangePort: boolean
  /** Hears of each line of the log first; true: it is shown elsewhere. */
  readonly takeLog?: ((line: string) => boolean) | undefined
}

/** As pino writes it: what is worth a line in a log, and none on a terminal. */
const INFORMS = /^\{"level":30,/

const createLogger = ({ json, verbose, takeLog }: LocalChainOptions) =>
  pino(
    {
      level: verbose === true || takeLog !== undefined ? 'info' : 'warn',
      serializers: { error: pino.stdSerializers.err },
    },
    {
      write(line) {
        if (takeLog?.(line) === true || (verbose !== true && INFORMS.test(line))) return
        process.stderr.write(json === true ? line : logToText(line))
      },
    },
  )

const start = async (options: LocalChainOptions, onFatal: (error: unknown) => void) => {
  const startOn = async (port: number): Promise<VexNode> => {
    // A folder is made only for a chain that can start in it.
    if (!existsSync(options.dataDir)) await assertCanListen(options.host, port)
    return startNode({
      dataDirectory: options.dataDir,
      host: options.host,
      port,
      // Nobody else's: blocks are paused and made there.
      adminPort: 0,
      hasPublicMetrics: true,
      hasBlockControl: true,
      rehearses: true,
      createGenesis: keys => devGenesis(keys, BigInt(Date.now())),
      askPassword: what => readPassword(options, what),
      logger: createLogger(options),
      symbolFolder: DEFAULT_SYMBOL_FOLDER,
      retention: toRetention(options),
      minFreeBytes: options.minFreeMib === undefined ? undefined : options.minFreeMib * MiB,
      onFatal,
    })
  }
  try {
    return { node: await startOn(options.port ?? DEFAULT_API.port), hasOtherPort: false }
  } catch (error) {
    const isTaken = error instanceof ApiServerError && error.code === 'port_in_use'
    if (!isTaken || !options.mayChangePort || options.port !== undefined) throw error
    return { node: await startOn(0), hasOtherPort: true }
  }
}

const assertDevChain = ({ chainId }: VexNode, dataDirectory: string): void => {
  if (chainId === DEV_CHAIN_ID) return
  throw new CliError(
    'not_a_dev_chain',
    `${dataDirectory} holds the chain ${JSON.stringify(chainId)}, not a development chain. Give another folder with --data-dir`,
  )
}

export interface StoppedChain {
  readonly dataDirectory: string
  readonly height: bigint
}

export const reportStopped = ({ dataDirectory, height }: StoppedChain, output: Output): void =>
  output.result(
    { type: 'stopped', dataDirectory, height },
    () =>
      `Stopped at block ${formatInteger(height)}. The state is in ${dataDirectory}; the next start goes on from there.`,
  )

/** Returns once the chain is closed; throws what ended it if that was not asked for. */
export const runLocalChain = async (
  options: LocalChainOptions,
  use: (chain: LocalChain) => Promise<void>,
): Promise<StoppedChain> => {
  const dataDirectory = relative('', options.dataDir) || '.'
  let hasOtherPort = false
  const height = await runNode(
    async onFatal => {
      const started = await start(options, onFatal)
      hasOtherPort = started.hasOtherPort
      return started.node
    },
    async (node, signal) => {
      assertDevChain(node, dataDirectory)
      // A start that was broken off may have made the folder: what counts is whether there is a block.
      const isNew = node.head.header.height === 0n
      await use({ node, isNew, dataDirectory, hasOtherPort, signal })
    },
  )
  return { dataDirectory, height }
}
