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
  'finality',
  'snapshot',
  'state',
  'long',
  'network',
] as const
/** Not among all: they make large states or long chains, or need the machine's every core. */
const ALONE: readonly WorkloadName[] = ['snapshot', 'state', 'long', 'network']
export type WorkloadName = (typeof WORKLOAD_NAMES)[number]

export interface BenchOptions {
  readonly workloads: readonly WorkloadName[]
  readonly n: number | undefined
  readonly runs: number
  readonly isJson: boolean
  readonly timeoutSeconds: number
  readonly profileDirectory: string | undefined
  readonly validators: number | undefined
  readonly network: NetworkName | undefined
  readonly isHelp: boolean
}

export const USAGE = `Usage: npm run bench -- [options]

Drives a real node, in a process of its own, with its data on disk, over its API. Metering, gas
and crypto need none: they measure the VM and the cryptography in this process, without profiles. Nor
does finality: it simulates a network of validators, with what cryptography takes on this machine.
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
  --runs R          runs of each workload; the median is shown (default: 3)
  --json            one JSON line for each result
  --timeout S       the longest a run may take (default: 120; with network: 900)
  --profile DIR     write CPU profiles of the node there, and sum them up; costs some speed

  --validators N    how many vote, with finality or network (default: 4)

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

const isWorkloadName = (name: string): name is WorkloadName =>
  (WORKLOAD_NAMES as readonly string[]).includes(name)

const parseWorkloads = (text: string): readonly WorkloadName[] => {
  if (text === 'all') return WORKLOAD_NAMES.filter(name => !ALONE.includes(name))
  return text
    .split(',')
    .map(name =>
      isWorkloadName(name)
        ? name
        : usage(
            `there is no workload ${JSON.stringify(name)}; there are ${WORKLOAD_NAMES.join(', ')} and all`,
          ),
    )
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
        runs: { type: 'string', default: '3' },
        json: { type: 'boolean', default: false },
        timeout: { type: 'string' },
        profile: { type: 'string' },
        validators: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values
  } catch (error) {
    if (error instanceof TypeError) return usage(error.message)
    throw error
  }
}

/** Network has many parts. */
const defaultTimeout = (workloads: readonly WorkloadName[]): number =>
  workloads.includes('network') ? 900 : 120

/** Throws a {@link BenchError} `usage`. */
export const parseOptions = (args: readonly string[]): BenchOptions => {
  const flags = parseFlags(args)
  const workloads = parseWorkloads(flags.workload)
  const isFinality = workloads.every(name => name === 'finality')
  if (flags.accounts !== undefined && !workloads.every(name => name === 'snapshot' || name === 'state'))
    return usage('--accounts is for --workload snapshot or state')
  const given = flags.n ?? flags.accounts
  const takesValidators = workloads.every(name => name === 'finality' || name === 'network')
  if (flags.validators !== undefined && !takesValidators)
    return usage('--validators is for --workload finality or network')
  return {
    workloads,
    n: given === undefined ? undefined : wholeNumber(flags.n === undefined ? 'accounts' : 'n', given, MAX_N),
    runs: wholeNumber('runs', flags.runs, 100),
    isJson: flags.json,
    timeoutSeconds:
      flags.timeout === undefined ? defaultTimeout(workloads) : wholeNumber('timeout', flags.timeout, 86_400),
    profileDirectory: isFinality ? undefined : flags.profile,
    validators:
      flags.validators === undefined
        ? undefined
        : wholeNumber('validators', flags.validators, MAX_VALIDATORS),
    network: isFinality && flags.profile !== undefined ? networkName(flags.profile) : undefined,
    isHelp: flags.help,
  }
}
