/** The command line of the benchmark. */
import { parseArgs } from 'node:util'
import { LIMITS } from '../../node/params.ts'
import { BenchError } from './error.ts'
import { type NetworkName, NETWORKS } from './finality-model/network-delays.ts'

export const WORKLOAD_NAMES = [
  'transfers',
  'latency',
  'token',
  'compute',
  'read',
  'views',
  'api',
  'start',
  'metering',
  'gas',
  'crypto',
  'parts',
  'finality',
  'snapshot',
  'state',
  'long',
  'network',
] as const
/** Not among all: they make large states or long chains, or need the machine's every core. */
const ALONE: readonly WorkloadName[] = ['snapshot', 'state', 'long', 'network']
export type WorkloadName = (typeof WORKLOAD_NAMES)[number]

/** Those that `--against` has; the last without a twin. */
export const TWIN_NAMES = [
  'transfers',
  'token',
  'compute',
  'views',
  'start',
  'long',
  'network',
] as const satisfies readonly WorkloadName[]
export type TwinName = (typeof TWIN_NAMES)[number]

const PEERS = ['anvil'] as const
type PeerName = (typeof PEERS)[number]

/** A peer that runs in turn with Vex. */
export interface Against {
  readonly peer: PeerName
  /** The file that was named. */
  readonly binary: string | undefined
  readonly workloads: readonly TwinName[]
}

export interface BenchOptions {
  readonly workloads: readonly WorkloadName[]
  readonly n: number | undefined
  readonly runs: number
  readonly isJson: boolean
  readonly timeoutSeconds: number
  readonly profileDirectory: string | undefined
  readonly validators: number | undefined
  readonly network: NetworkName | undefined
  /** Then `workloads` are those of it. */
  readonly against: Against | undefined
  readonly isHelp: boolean
}

export const USAGE = `Usage: npm run bench -- [options]

Drives a real node, in a process of its own, with its data on disk, over its API. Metering, gas
and crypto need none: they measure the VM and the cryptography in this process, without profiles. Nor
does parts: what a transfer and a token call cost, part by part, in CPU time of one thread. Nor does finality: it simulates a network of validators, with what cryptography takes on this machine.
Snapshot measures vex state snapshot and restore, state the state tree on its database, in a process of its own:
root updates of 1,000 changed accounts, reads with empty caches and from them, proofs. Network runs a devnet, each node a
process: transfers a second, how soon one is final at the node that took it, bytes over each link, copies by gossip; then
blocks of 1 MB on their way, and a new node that syncs --n blocks (1,000) from one peer and from three.
Long sends 60,000 transfers in six parts. None of these runs among all. Views asks in sequence and over 50 connections, by plain
HTTP; api asks by the typed client, submits in batches, and has 1,000 subscribers get every block.

  --workload NAME   ${WORKLOAD_NAMES.join(', ')} or all (default: all);
                    several with commas
  --n N             transactions, calls or iterations of a run (default: the workload's own)
  --accounts N      how many there are in the state, with snapshot or state (default: 100,000)
  --runs R          runs of each workload; the median is shown (default: 3; with --against: 5)
  --json            one JSON line for each result
  --timeout S       the longest a run may take (default: 120; with --against: 300; with network: 900)
  --profile DIR     write CPU profiles of the node there, and sum them up; costs some speed

  --validators N    how many vote, with finality or network (default: 4)

  --against anvil   the same work, signed ahead of time, by Vex and by an anvil 1.7.1 of Foundry, in turn: medians, their
                    ratio, and whether each target is met. Of ${TWIN_NAMES.join(', ')}
                    (all of them unless --workload says otherwise); network has the devnet alone, and no twin. On Linux.
                    anvil comes from npm's registry, once, into ~/.cache/vex-bench (or XDG_CACHE_HOME)
  --anvil FILE      another anvil, with --against anvil: nothing is fetched

  with --workload finality alone:
  --profile NAME    ${NETWORKS.join(' or ')}: one data centre, or five continents (default: lan)`

const MAX_N = 1_000_000_000
const MAX_VALIDATORS = LIMITS.validators

const usage = (message: string): never => {
  throw new BenchError('usage', `${message}\n\n${USAGE}`)
}

const wholeNumber = (name: string, text: string, max: number): number => {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > max)
    return usage(`--${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}`)
  return value
}

const oneOf = <T extends string>(names: readonly T[], name: string, where = ''): T =>
  names.find(each => each === name) ??
  usage(`there is no workload ${JSON.stringify(name)}${where}; there are ${names.join(', ')} and all`)

const parseWorkloads = (text: string): readonly WorkloadName[] => {
  if (text === 'all') return WORKLOAD_NAMES.filter(name => !ALONE.includes(name))
  return text.split(',').map(name => oneOf(WORKLOAD_NAMES, name))
}

const parseAgainst = (
  peer: string | undefined,
  workload: string,
  binary: string | undefined,
): Against | undefined => {
  if (peer === undefined) return binary === undefined ? undefined : usage('--anvil is for --against anvil')
  return {
    peer:
      PEERS.find(name => name === peer) ??
      usage(`--against is ${PEERS.join(' or ')}, not ${JSON.stringify(peer)}`),
    binary,
    workloads:
      workload === 'all'
        ? TWIN_NAMES
        : workload.split(',').map(name => oneOf(TWIN_NAMES, name, ` with --against ${peer}`)),
  }
}

const networkName = (text: string): NetworkName =>
  NETWORKS.find(name => name === text) ??
  usage(`--profile of finality is ${NETWORKS.join(' or ')}, not ${JSON.stringify(text)}`)

const parseFlags = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: {
        workload: { type: 'string', default: 'all' },
        n: { type: 'string' },
        accounts: { type: 'string' },
        runs: { type: 'string' },
        json: { type: 'boolean', default: false },
        timeout: { type: 'string' },
        profile: { type: 'string' },
        validators: { type: 'string' },
        against: { type: 'string' },
        anvil: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) return usage(error.message)
    throw error
  }
}

/** Network has many parts; who is held against another has work that takes long. */
const defaultTimeout = (workloads: readonly WorkloadName[], against: Against | undefined): number => {
  if (against !== undefined) return 300
  return workloads.includes('network') ? 900 : 120
}

/** Throws a {@link BenchError} `usage`. */
export const parseOptions = (args: readonly string[]): BenchOptions => {
  const flags = parseFlags(args)
  const against = parseAgainst(flags.against, flags.workload, flags.anvil)
  const workloads = against?.workloads ?? parseWorkloads(flags.workload)
  const isFinality = workloads.every(name => name === 'finality')
  if (flags.accounts !== undefined && !workloads.every(name => name === 'snapshot' || name === 'state'))
    return usage('--accounts is for --workload snapshot or state')
  const given = flags.n ?? flags.accounts
  const takesValidators = workloads.every(name => name === 'finality' || name === 'network')
  if (flags.validators !== undefined && (!takesValidators || against !== undefined))
    return usage('--validators is for --workload finality or network')
  return {
    workloads,
    n: given === undefined ? undefined : wholeNumber(flags.n === undefined ? 'accounts' : 'n', given, MAX_N),
    runs: wholeNumber('runs', flags.runs ?? (against === undefined ? '3' : '5'), 100),
    isJson: flags.json,
    timeoutSeconds:
      flags.timeout === undefined
        ? defaultTimeout(workloads, against)
        : wholeNumber('timeout', flags.timeout, 86_400),
    profileDirectory: isFinality ? undefined : flags.profile,
    validators:
      flags.validators === undefined
        ? undefined
        : wholeNumber('validators', flags.validators, MAX_VALIDATORS),
    network: isFinality && flags.profile !== undefined ? networkName(flags.profile) : undefined,
    against,
    isHelp: flags.help,
  }
}
