/** `vex dashboard`: a node's chain on the terminal. What draws is loaded when there is something to draw on. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { createAdminClient } from '../../node/api/admin-client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { type Connection, withConnection } from '../connect.ts'
import { canOpenScreen } from '../dashboard/can-open.ts'
import { type ViewId, VIEWS } from '../dashboard/keys.ts'
import { usageError } from '../errors.ts'
import { addExamples } from '../help/examples.ts'
import { addClientOptions, type ClientOptions, parseAddressArgument, parseUrl } from '../options.ts'
import { createOutput } from '../output.ts'
import { listenForStop } from '../signals.ts'

const DEFAULT_LOCK_MINUTES = 5
const MAX_LOCK_MINUTES = 1_440
const MINUTE_MS = 60_000

interface DashboardCommandOptions extends ClientOptions {
  readonly adminUrl?: string
  readonly validator?: string | true
  readonly view?: ViewId
  readonly readonly?: true
  readonly tui: boolean
  readonly ascii?: true
  readonly logFile?: string
  readonly lockAfter: number
  readonly attached?: true
}

const parseMinutes = (text: string): number => {
  const minutes = Number(text)
  if (/^\d{1,4}$/.test(text) && minutes >= 1 && minutes <= MAX_LOCK_MINUTES) return minutes
  throw new InvalidArgumentError(`expected minutes from 1 to ${MAX_LOCK_MINUTES}`)
}

/** `--validator` without an address: one of the wallet's, or the only one that there is. */
const findValidator = async (wanted: string | true, { api, book }: Connection): Promise<string> => {
  const { validators } = await api.staking.validators.query({})
  const addresses = validators.map(({ address }) => address)
  if (wanted !== true) {
    const address = formatAddress(book.resolve(wanted))
    if (addresses.includes(address)) return address
    throw usageError(`${book.short(address)} is not a validator of this chain: vex validators lists them`)
  }
  const own = book.wallet.accounts.find(({ address }) => addresses.some(each => each === address))?.address
  const [first] = addresses
  if (own !== undefined) return own
  if (first !== undefined && addresses.length === 1) return first
  throw usageError('which validator is yours? Name it: --validator ADDRESS (vex validators lists them)')
}

const dashboard = async (options: DashboardCommandOptions): Promise<void> => {
  const output = createOutput(options)
  await withConnection(options, async connection => {
    const { stdin, stdout } = process
    const own =
      options.validator === undefined ? undefined : await findValidator(options.validator, connection)
    const isScreen = options.tui && options.json !== true && canOpenScreen({ stdin, stdout }, process.env)
    if (!isScreen) {
      const stop = listenForStop()
      try {
        const { runPlain } = await import('../dashboard/plain.ts')
        await runPlain({ connection, output, signal: stop.signal })
      } finally {
        stop.release()
      }
      return
    }
    const [{ runDashboard }, { themeOf }] = await Promise.all([
      import('../dashboard/dashboard.ts'),
      import('../dashboard/theme.ts'),
    ])
    const left = await runDashboard({
      connection,
      admin: options.adminUrl === undefined ? undefined : createAdminClient(options.adminUrl),
      own,
      view: options.view ?? (own === undefined ? 'overview' : 'mine'),
      isReadonly: options.readonly === true,
      isAttached: options.attached === true,
      lockAfterMs: options.lockAfter * MINUTE_MS,
      logFile: options.logFile,
      theme: themeOf(process.env, { ascii: options.ascii }),
      output,
      streams: { stdin, stdout },
    })
    if (options.attached === true) process.send?.({ type: left })
    else output.say(`Left ${connection.client.url}. Again: vex dashboard --url ${connection.client.url}`)
  })
  if (process.connected) process.disconnect()
}

export const define = (command: Command): void => {
  addClientOptions(command)
    .option(
      '--validator [address]',
      'also look after a validator: yours, or the one that is named',
      (text: string) => parseAddressArgument(text),
    )
    .addOption(new Option('--view <name>', 'the view that is opened first').choices(VIEWS))
    .option('--readonly', 'leave out what changes anything')
    .option('--admin-url <url>', 'the admin port of a vex dev, to pause blocks and make them', parseUrl)
    .option('--log-file <file>', 'a log of the node, for the view Logs')
    .option(
      '--lock-after <minutes>',
      'lock the wallet when no key was pressed for so long',
      parseMinutes,
      DEFAULT_LOCK_MINUTES,
    )
    .option('--ascii', 'no other characters; the default where the locale is not UTF-8')
    .option('--no-tui', 'a line for each block and transaction, as where there is no terminal')
    .addOption(new Option('--attached', 'for vex dev: tells its parent how it was left').hideHelp())
    .action(dashboard)
  addExamples(command, [
    'vex dashboard',
    'vex dashboard --url http://127.0.0.1:4101 --validator',
    'vex dashboard --no-tui --json | head -1',
  ])
}
