/** `vex devnet`: several nodes on this machine, each a process of its own, as one chain. */
import { existsSync, rmSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { describeTrouble, type Trouble, upsets } from '../devnet/chaos.ts'
import { type Devnet, existingGenesis, startDevnet } from '../devnet/devnet.ts'
import type { NodeLine } from '../devnet/node-child.ts'
import {
  type DevnetPlan,
  MAX_FULL_NODES,
  MAX_SENTRIES,
  MAX_VALIDATORS,
  planDevnet,
  type PlannedNode,
} from '../devnet/plan.ts'
import { CliError, usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { mark, paint } from '../terminal/colour.ts'
import { listenForStop } from '../signals.ts'

interface DevnetCommandOptions extends CommonOptions {
  readonly validators: number
  readonly full: number
  readonly sentries: number
  readonly dataDir: string
  readonly port: number
  readonly chaos?: true
  readonly seed?: number
  readonly reset?: true
}

const DEFAULT_FOLDER = '.vex/devnet'
const DEFAULT_FIRST_PORT = 4200
const STATUS_MS = 2_000
const INFO = 30
const WARN = 40
const COLOURS = ['cyan', 'magenta', 'yellow', 'green', 'blue', 'red'] as const

const parseCount = (most: number) => (text: string) => {
  const count = Number(text)
  if (/^\d{1,4}$/.test(text) && count <= most) return count
  throw new InvalidArgumentError(`expected a number up to ${most}`)
}

const parseFirstPort = (text: string): number => {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && (port === 0 || (port >= 1_024 && port <= 65_000))) return port
  throw new InvalidArgumentError('expected a number from 1024 to 65000, or 0 for any free ports')
}

/** Of every line, or shown in another way. */
const OTHER_FIELDS: ReadonlySet<string> = new Set(['level', 'msg', 'time', 'pid', 'hostname'])

const showFields = (line: NodeLine, names: Devnet['names']): string =>
  Object.entries(line)
    .filter(([field]) => !OTHER_FIELDS.has(field))
    .map(([field, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value)
      return `${field}=${names.get(text) ?? text}`
    })
    .join(' ')

/** Told by `ready` and in the status line. */
const TOLD_ELSEWHERE: ReadonlySet<string> = new Set(['settings from the environment', 'ready', 'final block'])

/** What a node logs, behind its name in its colour. */
const tellLine = (
  { name, place }: PlannedNode,
  line: NodeLine,
  names: Devnet['names'],
  output: Output,
  isVerbose: boolean,
): void => {
  output.record({ type: 'log', node: name, line })
  if (!isVerbose && (TOLD_ELSEWHERE.has(line.msg) || line.level < INFO)) return
  const label = paint(COLOURS[place % COLOURS.length] as 'cyan', name.padEnd(12))
  const text = `${line.msg}  ${paint('dim', showFields(line, names))}`
  output.say(`${label} ${line.level >= WARN ? mark('warning', text) : text}`)
}

const heightsOf = (devnet: Devnet): { name: string; height: bigint; isRunning: boolean }[] =>
  devnet.nodes.map(({ name, place }) => {
    const { height, isRunning } = devnet.child(place)
    return { name, height, isRunning }
  })

const tellStatus = (devnet: Devnet, output: Output): void => {
  const heights = heightsOf(devnet)
  output.record({ type: 'status', nodes: heights })
  const shown = heights.map(({ name, height, isRunning }) => `${name} ${isRunning ? height : 'down'}`)
  output.say(paint('dim', `blocks       ${shown.join('   ')}`))
}

/** Resolves when it is over and mended, or sooner if everything is to stop. */
const makeTrouble = async (devnet: Devnet, trouble: Trouble, signal: AbortSignal): Promise<void> => {
  const all = devnet.nodes.map(({ place }) => place)
  const wait = () => sleep(trouble.forMs, undefined, { signal }).catch(() => undefined)
  switch (trouble.kind) {
    case 'kill':
      devnet.child(trouble.node).kill()
      await devnet.child(trouble.node).exited
      await wait()
      if (!signal.aborted) devnet.start(trouble.node)
      return
    case 'cut':
      devnet.setCut(trouble.one, trouble.other, true)
      await wait()
      return devnet.setCut(trouble.one, trouble.other, false)
    case 'split': {
      const others = all.filter(place => !trouble.group.includes(place))
      devnet.partition(trouble.group, others, true)
      await wait()
      return devnet.partition(trouble.group, others, false)
    }
  }
}

const runChaos = async (devnet: Devnet, seed: number, output: Output, signal: AbortSignal): Promise<void> => {
  const names = devnet.nodes.map(({ name }) => name)
  for (const { afterMs, trouble } of upsets(seed, names.length)) {
    try {
      await sleep(afterMs, undefined, { signal })
    } catch {
      return
    }
    output.result(
      { type: 'chaos', ...trouble },
      () => `chaos        ${mark('bad', describeTrouble(trouble, names))}`,
    )
    await makeTrouble(devnet, trouble, signal)
  }
}

const announce = async (devnet: Devnet, folder: string, output: Output): Promise<void> => {
  const nodes = await Promise.all(
    devnet.nodes.map(async ({ name, kind, place }) => ({ name, kind, url: await devnet.url(place) })),
  )
  output.result({ type: 'ready', dataDirectory: folder, nodes }, () =>
    [
      '',
      paint('bold', `${nodes.length} nodes are one chain; their data is in ${folder}`),
      ...nodes.map(({ name, url }) => `  ${name.padEnd(12)} ${url}`),
      'Accounts dev0 to dev9 have money, as on vex dev. Ctrl-C stops all of them.',
      '',
    ].join('\n'),
  )
}

const createPlan = (
  { validators, full, sentries, port, reset }: DevnetCommandOptions,
  folder: string,
): DevnetPlan => {
  if (reset === true) rmSync(folder, { recursive: true, force: true })
  const timeMs = existingGenesis(folder)?.timeMs ?? BigInt(Date.now())
  return planDevnet({ validators, full, sentries, firstPort: port }, timeMs)
}

/** How `vex` is started: as this process was. */
const vexCommand = (): [string, ...string[]] => {
  const [, script] = process.argv
  if (script === undefined || !existsSync(script))
    throw new CliError('internal', 'vex does not know its own file')
  return [process.execPath, ...process.execArgv, resolve(script)]
}

const run = async (options: DevnetCommandOptions): Promise<void> => {
  const output = createOutput(options)
  if (options.validators < 1) throw usageError('a chain needs a validator')
  if (options.chaos === true && options.validators + options.full < 2)
    throw usageError('--chaos takes two nodes at least')
  if (options.sentries > 0 && options.validators < 2)
    throw usageError('--sentries takes two validators at least: one hides')
  if (options.sentries > 0 && options.chaos === true) throw usageError('--sentries goes without --chaos')
  const stop = listenForStop()
  const folder = relative('', options.dataDir) || '.'
  const devnet = await startDevnet({
    plan: createPlan(options, folder),
    folder,
    command: vexCommand(),
    hasCuttableLinks: options.chaos === true,
    onLine: (node, line, { names }) => tellLine(node, line, names, output, options.verbose === true),
  })
  let status: NodeJS.Timeout | undefined
  try {
    const { signal } = stop
    const stopped = new Promise<void>(done => signal.addEventListener('abort', () => done(), { once: true }))
    const isAborted = (): boolean => signal.aborted
    await Promise.race([announce(devnet, folder, output), stopped])
    if (isAborted()) return
    status = setInterval(() => tellStatus(devnet, output), STATUS_MS)
    if (options.chaos === true) {
      const seed = options.seed ?? Math.floor(Math.random() * 10_000)
      output.result({ type: 'seed', seed }, () => `chaos        --seed ${seed}`)
      void runChaos(devnet, seed, output, signal)
    }
    const ends = devnet.nodes.map(async ({ name, place }) => {
      const how = await devnet.child(place).exited
      if (options.chaos !== true && !isAborted())
        throw new CliError('node_ended', `${name} has ended (${how}); its log above says why`)
    })
    await Promise.race([stopped, options.chaos === true ? stopped : Promise.all(ends)])
  } finally {
    clearInterval(status)
    stop.request()
    await devnet.stop()
    stop.release()
    const heights = heightsOf(devnet)
    output.result({ type: 'stopped', nodes: heights }, () =>
      ['Stopped.', ...heights.map(({ name, height }) => `  ${name.padEnd(12)} at block ${height}`)].join(
        '\n',
      ),
    )
  }
}

export const define = (command: Command): void => {
  addCommonOptions(
    command
      .addOption(
        new Option('--validators <n>', 'validators, with equal stakes')
          .argParser(parseCount(MAX_VALIDATORS))
          .default(4),
      )
      .addOption(
        new Option('--full <n>', 'nodes that follow').argParser(parseCount(MAX_FULL_NODES)).default(0),
      )
      .addOption(
        new Option('--sentries <n>', 'the last validator hides behind so many')
          .argParser(parseCount(MAX_SENTRIES))
          .default(0),
      )
      .addOption(
        new Option('--port <port>', 'API of the first node; the next ones follow, 0 for free ones')
          .argParser(parseFirstPort)
          .default(DEFAULT_FIRST_PORT),
      )
      .option('--data-dir <dir>', 'where the nodes keep their data', DEFAULT_FOLDER)
      .option('--reset', 'begin a new chain: what the folder holds is deleted')
      .option('--chaos', 'kill and restart nodes, cut links, split the network, by chance')
      .addOption(new Option('--seed <n>', 'the same chaos again').argParser(parseCount(9_999))),
  ).action(run)
  addExamples(command, ['vex devnet', 'vex devnet --validators 4 --full 1 --chaos'])
}
