/** `vex upgrade ADDRESS FILE [ARGS...]`: compares, rehearses on the live state, and only then sends. */
import type { Command } from 'commander'
import { abiFromCode } from '../../node/abi/types.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { TAGS, taggedHash } from '../../node/crypto/hash.ts'
import { toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../node/types/transaction.ts'
import { type AccountClient, createAccountClient, type SimulationView } from '../../node/wallet/send.ts'
import { encodeLifecycleWords, readAbiFile } from '../abi-arguments.ts'
import { formatInteger } from '../amounts.ts'
import { failureDetails } from '../call-failure.ts'
import { type Connection, withConnection } from '../connect.ts'
import { readContractFile } from '../contract-file.ts'
import type { ReadableEvent } from '../contracts.ts'
import { CliError } from '../errors.ts'
import { exitCode } from '../exit-codes.ts'
import { addExamples } from '../help/examples.ts'
import {
  addAbiOption,
  addSendingOptions,
  parseAddressArgument,
  pickJson,
  type SendingOptions,
} from '../options.ts'
import { createOutput } from '../output.ts'
import { findOwned } from '../owned-contract.ts'
import { sendAndReport } from '../report-transaction.ts'
import { depositRows, showEvent } from '../show.ts'
import { showTable } from '../terminal/table.ts'
import { resolveSigner } from '../signer.ts'
import { assertReadable, planUpgrade, showPlan } from '../upgrade-plan.ts'

interface UpgradeOptions extends SendingOptions {
  readonly abi?: string
  readonly dryRun?: true
  /** False with --no-layout-check. */
  readonly layoutCheck: boolean
}

interface Rehearsal {
  readonly simulation: SimulationView
  readonly events: readonly ReadableEvent[]
}

/** The upgrade with its migration, on the state as it is now. Throws a CliError if it fails. */
const rehearse = async (
  { contracts }: Connection,
  sender: AccountClient,
  action: Action,
  { gasLimit, force }: SendingOptions,
): Promise<Rehearsal> => {
  const simulation = await sender.simulate(action, gasLimit)
  const { error } = simulation
  if (error !== null && force !== true)
    throw new CliError(
      error.code,
      `the rehearsal failed: ${error.message} (${error.code}). Nothing was sent`,
      { ...failureDetails(simulation.failure), exitCode: exitCode('refused') },
    )
  return { simulation, events: await contracts.readEvents(simulation.events) }
}

const showRehearsal = ({ simulation, events }: Rehearsal, { book, info }: Connection): string =>
  showTable(`Rehearsed on the state after block ${formatInteger(BigInt(info.head.height))}`, [
    ['gas', formatInteger(BigInt(simulation.gasUsed))],
    ...depositRows(simulation),
    ...events.map(event => ['event', showEvent(event, book.full)] as const),
  ])

const upgrade = async (
  address: string,
  file: string,
  words: string[],
  options: UpgradeOptions,
): Promise<void> => {
  const output = createOutput(options)
  const code = await readContractFile(file)
  const after = options.abi === undefined ? abiFromCode(code) : await readAbiFile(options.abi)
  await withConnection(options, async connection => {
    const { client, info, book, contracts } = connection
    const target = book.resolve(address)
    const contract = formatAddress(target)
    const secretKey = await resolveSigner(options, info.chainId, book)
    const sender = createAccountClient({ client, secretKey })
    const { codeHash } = await findOwned(connection, contract, formatAddress(sender.address))
    if (codeHash === `0x${toHex(taggedHash(TAGS.code, code))}`)
      throw new CliError('same_code', `${contract} runs this very code already: there is nothing to upgrade`)
    const before = await contracts.abiOf(contract)
    const plan = planUpgrade(before, after, { mayBeUnknown: !options.layoutCheck })
    output.say(showPlan(plan, book.full(contract)))
    assertReadable(plan)
    const action: Action = {
      kind: 'upgrade',
      contract: target,
      code,
      args: encodeLifecycleWords(after, 'migrate', words, book),
    }
    // What the migration tells, it tells in the new code's words.
    if (after !== undefined) contracts.assume(contract, after)
    const rehearsal = await rehearse(connection, sender, action, options)
    const { simulation, events } = rehearsal
    if (options.dryRun === true) {
      for (const line of simulation.logs) output.notice(`trace: ${line}`)
      output.result(
        { contract, ...plan, rehearsal: { ...simulation, events }, isSent: false },
        () => `${showRehearsal(rehearsal, connection)}\nNothing was sent: --dry-run ends here.`,
      )
      return
    }
    output.say(showRehearsal(rehearsal, connection))
    await sendAndReport({
      connection,
      sender,
      action,
      sending: options,
      output,
      title: `Upgraded ${plan.name}`,
      details: plan,
    })
  })
}

export const define = (command: Command): void => {
  command
    .argument('<address>', 'the contract', parseAddressArgument)
    .argument('<file>', 'the new code: a contract’s .wasm, or its source (.ts)')
    .argument('[args...]', 'arguments of the @migrate method, typed by the ABI; lists and structs as JSON')
    .option('--dry-run', 'compare and rehearse, and send nothing')
    .option('--no-layout-check', 'go on although one of the two has no ABI that tells what it stores')
    .action(upgrade)
  addExamples(addSendingOptions(addAbiOption(command)), [
    `COUNTER=$(vex deploy contracts/counter/counter.ts --json | ${pickJson('created[0]')})`,
    'sed "s/lastBy/raisedBy/" contracts/counter/counter.ts > counter2.ts',
    'vex upgrade $COUNTER counter2.ts --dry-run',
    'vex upgrade $COUNTER counter2.ts',
  ])
}
