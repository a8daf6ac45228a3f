/**
 * Damages a data directory at seeded places and starts a node on it. Three outcomes are right: the node works and
 * nothing final is lost or moved (audit.ts); it refuses with one sentence and a command; or it works, because nobody has
 * asked for what is damaged, and `vex doctor --deep` finds that. A stack, a bug's error or another history is a failure.
 *
 * What the chain may lose is only what nobody was told: blocks above the height the ledger saw.
 */
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { devAccounts } from '../../node/dev.ts'
import { StorageError } from '../../node/storage/database.ts'
import { checkDirectory } from '../../cli/doctor/directory.ts'
import { createRandom, type Random } from '../sim/random.ts'
import { auditDirectory, createAudit } from './audit.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { settleAll } from './load.ts'
import { type NodeNews, spawnNode, within } from './spawn-node.ts'

const START_MS = 30_000
const SETTLE_MS = 30_000
const STOP_MS = 20_000
/** Rounds of transactions, with restarts between them, so that there are sst files and a log. */
const RESTARTS = 3

/** What is damaged, as patterns of names. */
const TARGETS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['sst', /^db\/.*\.sst$/],
  ['database log', /^db\/\d+\.log$/],
  ['MANIFEST', /^db\/MANIFEST-/],
  ['CURRENT', /^db\/CURRENT$/],
  ['consensus.log', /^consensus\.log$/],
  ['signer.floor', /^signer\.floor$/],
  ['mempool.journal', /^mempool\.journal$/],
  ['format.json', /^format\.json$/],
  ['genesis.json', /^genesis\.json$/],
  ['validator-key.json', /^validator-key\.json$/],
]
const WAYS = ['flip', 'truncate', 'remove', 'shorten'] as const
/** What `shorten` takes off the end, at most: a record or a few. */
const SHORTEN_BYTES = 400

type Way = (typeof WAYS)[number]
type Outcome = 'works' | 'refuses' | 'unseen'
type Counts = Record<Outcome | 'failed', number>

const NO_COUNTS: Counts = { works: 0, refuses: 0, unseen: 0, failed: 0 }

interface Damage {
  readonly target: string
  readonly way: Way
  readonly text: string
}

export interface CorruptionResult {
  readonly counts: Readonly<Counts>
  readonly failures: readonly string[]
  /** `target, way` -> outcomes. */
  readonly outcomes: ReadonlyMap<string, Readonly<Counts>>
}

const filesOf = (directory: string, pattern: RegExp): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter(name => pattern.test(name))
    .toSorted()

type Targets = typeof TARGETS

const damage = (directory: string, index: number, targets: Targets, random: Random): Damage => {
  const [target, pattern] = targets[index % targets.length] as Targets[number]
  const way = WAYS[Math.floor(index / targets.length) % WAYS.length] as Way
  const files = filesOf(directory, pattern).filter(name => statSync(join(directory, name)).size > 0)
  const name = files[random.below(files.length)]
  if (name === undefined) throw new Error(`the directory holds no ${target}`)
  const path = join(directory, name)
  const { size } = statSync(path)
  if (way === 'remove') rmSync(path)
  const at = way === 'shorten' ? size - 1 - random.below(Math.min(size, SHORTEN_BYTES)) : random.below(size)
  if (way === 'truncate' || way === 'shorten') truncateSync(path, at)
  const bit = random.below(8)
  if (way === 'flip') {
    const bytes = readFileSync(path)
    bytes[at] = (bytes[at] as number) ^ (1 << bit)
    writeFileSync(path, bytes)
  }
  const where = way === 'flip' ? `, bit ${bit} of byte ${at}` : way === 'remove' ? '' : ` to ${at}`
  return { target, way, text: `${way} ${name} (${size} bytes)${where}` }
}

/** The directory all damage starts from, killed under way so that the database's log is not empty. */
const prepare = async (directory: string): Promise<Ledger> => {
  const ledger = createLedger(devAccounts().slice(0, 3))
  for (let i = 0; i <= RESTARTS; i++) {
    const node = spawnNode(directory)
    try {
      const url = await within(START_MS, 'the start', node.started)
      await within(SETTLE_MS, 'some blocks', settleAll(url, ledger))
      if (i === RESTARTS) node.kill()
      else node.askToStop()
      await within(STOP_MS, 'the end', node.exited)
    } finally {
      node.kill()
      await node.exited
    }
  }
  await rm(join(directory, 'db', 'LOCK'), { force: true })
  return ledger
}

/** One sentence or a few, on one line, with a command; nothing that only a programmer can read. */
const assertAdvice = (news: readonly NodeNews[]): void => {
  const faults = news.flatMap(item => ('fault' in item ? [item] : []))
  const [first] = faults
  if (first === undefined) throw new Error('the node ended without a word')
  for (const { kind, fault } of faults) {
    if (kind === 'unhandled') throw new Error(`unhandled: ${fault.name}: ${fault.message}`)
    if (/\n|\bat \S+:\d+:\d+|TypeError|RangeError/.test(fault.message) || fault.code === '')
      throw new Error(`not a sentence (${fault.name} ${fault.code}): ${fault.message}`)
    if (!/\bvex doctor --data-dir /.test(fault.message))
      throw new Error(`no command (${fault.name} ${fault.code}): ${fault.message}`)
  }
}

/** What the audit, which reads everything, met in a directory whose node works. Throws it if the doctor does not see it. */
const assertDoctorSees = async (directory: string, error: unknown): Promise<void> => {
  if (!(error instanceof StorageError) || error.code !== 'corrupt') throw error
  const findings = await checkDirectory(directory, { isDeep: true, isDefault: false })
  if (!findings.some(({ status, repair }) => status === 'wrong' && repair !== undefined)) throw error
}

/** Starts, goes on, stops, and is audited: `works`; `refuses` at any step before the audit. */
const outcomeOf = async (directory: string, good: string, ledger: Ledger): Promise<Outcome> => {
  const node = spawnNode(directory)
  try {
    const url = await within(START_MS, 'the start', node.started)
    await within(SETTLE_MS, 'going on', settleAll(url, ledger))
    node.askToStop()
    const { code, signal } = await within(STOP_MS, 'stopping', node.exited)
    if (code !== 0) throw new Error(`stopped with ${signal ?? code}`)
  } catch (error) {
    // Only what the node itself says tells whether this is a refusal.
    if (!node.news.some(item => 'fault' in item)) throw error
    const { signal } = await within(STOP_MS, 'giving up', node.exited)
    if (signal !== null) throw new Error(`the node ended with ${signal}`, { cause: error })
    assertAdvice(node.news)
    return 'refuses'
  } finally {
    node.kill()
    await node.exited
  }
  // A flip may turn a hex digit's case: the same genesis, which the audit compares letter by letter.
  cpSync(join(good, 'genesis.json'), join(directory, 'genesis.json'))
  try {
    await auditDirectory(directory, ledger, createAudit())
    return 'works'
  } catch (error) {
    await assertDoctorSees(directory, error)
    return 'unseen'
  }
}

const copyLedger = (ledger: Ledger): Ledger => ({
  ...ledger,
  senders: ledger.senders.map(sender => ({ ...sender, open: [...sender.open] })),
  final: new Map(ledger.final),
})

/** Round `i` damages target i in one of the ways, so that forty rounds try everything once. */
export const runCorruption = async (options: {
  readonly rounds: number
  readonly seed: number
  /** One of the targets; default: all in turn. */
  readonly only?: string | undefined
  readonly log: (line: string) => void
}): Promise<CorruptionResult> => {
  const targets = TARGETS.filter(([name]) => options.only === undefined || name === options.only)
  if (targets.length === 0)
    throw new RangeError(`there is no ${options.only} among ${TARGETS.map(([name]) => name).join(', ')}`)
  const random = createRandom(options.seed)
  const failures: string[] = []
  const outcomes = new Map<string, Counts>()
  const counts = { ...NO_COUNTS }
  const base = await mkdtemp(join(tmpdir(), 'vex-corrupt-'))
  const good = join(base, 'good')
  const ledger = await prepare(good)
  for (let i = 0; i < options.rounds; i++) {
    const directory = join(base, `round-${i}`)
    cpSync(good, directory, { recursive: true })
    const done = damage(directory, i, targets, random)
    const key = `${done.target}, ${done.way}`
    const count = outcomes.get(key) ?? { ...NO_COUNTS }
    outcomes.set(key, count)
    try {
      const outcome = await outcomeOf(directory, good, copyLedger(ledger))
      counts[outcome]++
      count[outcome]++
      options.log(`${i + 1}/${options.rounds} ${outcome}: ${done.text}`)
      await rm(directory, { recursive: true, force: true })
    } catch (error) {
      counts.failed++
      count.failed++
      const text = `${done.text}, in ${directory}: ${(error as Error).message}`
      failures.push(text)
      options.log(`${i + 1}/${options.rounds} FAILED ${text}`)
    }
  }
  if (failures.length === 0) await rm(base, { recursive: true, force: true })
  return { counts, failures, outcomes }
}
