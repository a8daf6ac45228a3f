/**
 * What the dashboard costs: `npm run soak:dashboard`. Figures, and the bounds that all but one have to keep:
 *
 *   busy    a stream of 1,000 transactions a second, each with an event, drawn by Ink on 120x40: CPU of a core
 *   keys    meanwhile, from a key to the frame that answers it, known by what stands in it and in no other frame
 *   held    an arrow that is held down, 30 a second: more keys than there are frames, so that one answers several
 *   hour    an hour of blocks with 100 transactions each, a frame a second: what the heap has grown by since its first tenth
 *
 * The bounds are those of a machine that does nothing else; what the process itself has worked for a key is told beside it.
 * The messages are parsed from JSON as they come, as the client of the API does it; the socket is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { runDashboard } from '../../cli/dashboard/dashboard.ts'
import { drawFrame } from '../../cli/dashboard/frame.ts'
import { openScreen } from '../../cli/dashboard/screen.ts'
import { paintLine } from '../../cli/dashboard/theme.ts'
import { createOutput } from '../../cli/output.ts'
import {
  after,
  blockRow,
  emptyState,
  keys,
  NOW_MS,
  POLLED,
  TOKEN,
  TOKEN_ABI,
  transaction,
} from '../support/dashboard-state.ts'
import { createFakeTerminal } from '../support/fake-terminal.ts'

const KEYS = Number(process.argv[2] ?? 400)
const HELD_KEYS = 90
const HELD_EVERY_MS = 33
/** After which a key counts as unanswered, and this as broken. */
const ANSWER_MS = 5_000
const PER_SECOND = 1_000
const HOUR_SECONDS = 3_600
const MiB = 1024 * 1024
const BOUNDS = { cpuPercent: 25, keyMs: 50, grownMiB: 8 }
/** Of a reader who is quick: six or so a second, never two alike. */
const KEY_GAPS_MS = [190, 95, 240, 130, 160, 310, 85, 205]
const theme = { hasColour: true, isAscii: false }

const median = (values: readonly number[], at = 0.5): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))] ?? 0

/** Marks the selected row while its panel has the focus. */
const SELECTED = '\u001b[7m'

interface Press {
  readonly key: string
  /** In the frame that answers it, and in none that the chain causes; nothing: pressed, and not measured. */
  readonly answer?: string
}

const press = (key: string, answer?: string): Press => ({ key, ...(answer !== undefined && { answer }) })

/** Through the views, the help, a filter, lists and a detail. Of a line that changes, what is alike at its start is not written. */
const ROUND: readonly Press[] = [
  press('3', 'Transactions'),
  press('5', 'Events'),
  press('/', 'Enter, or Esc'),
  press('M', 'M█'),
  press('o', 'o█'),
  press('v', 'v█'),
  press('\u001b', ' keys'),
  press('2', 'Blocks'),
  // It leaves the tail, of which every frame marks another row.
  press('k'),
  press('k', SELECTED),
  press('k', SELECTED),
  press('j', SELECTED),
  press('G'),
  press('7', 'Validators'),
  press('?', 'Keys; Esc closes'),
  press('\u001b', 'Validators 4'),
  press('4', 'Contracts'),
  press('\t', '\u001b[36mContract\u001b'),
  press('j', SELECTED),
  press('6', 'Peers'),
  press('8', 'Logs'),
  press('1', 'Last transactions'),
]

type Listener = { onData(message: { data: unknown }): void }

const CONTRACT = {
  address: TOKEN,
  name: 'Token',
  codeBytes: 11_156,
  owner: null,
  storageBytes: '900',
  deposit: '90000000',
}

/** An API whose streams are this process's own. */
const createApi = () => {
  const listeners: Record<'blocks' | 'transactions', Listener[]> = { blocks: [], transactions: [] }
  const subscribe = (name: 'blocks' | 'transactions') => ({
    subscribe(_: unknown, listener: Listener) {
      listeners[name].push(listener)
      return { unsubscribe: () => undefined }
    },
  })
  const answer = (value: unknown) => ({ query: async () => value })
  const api = {
    chain: { info: answer(POLLED.info) },
    node: { status: answer(POLLED.status), resources: answer(POLLED.resources) },
    network: { peers: answer(POLLED.peers) },
    staking: {
      validators: answer(POLLED.validators),
      epoch: answer(POLLED.epoch),
      leaders: answer(POLLED.leaders),
      parameters: answer(POLLED.stakeParameters),
    },
    block: { list: answer({ blocks: [] }), receipts: answer([]) },
    contract: { get: answer(CONTRACT), list: answer({ height: '1', contracts: [CONTRACT], cursor: null }) },
    transaction: { trace: answer({ calls: [], stepsCut: 0, abis: {}, failure: null }) },
    subscribe: { blocks: subscribe('blocks'), transactions: subscribe('transactions') },
  }
  const send = (name: 'blocks' | 'transactions', json: string): void => {
    for (const each of listeners[name]) each.onData({ data: JSON.parse(json) })
  }
  return { api, send }
}

interface Busy {
  readonly cpuPercent: number
  readonly frames: number
  readonly keyMs: readonly number[]
  /** What the process has worked meanwhile: what is left of a key's time on a machine that does nothing else. */
  readonly keyCpuMs: readonly number[]
  readonly slowest: string
  readonly heldMs: readonly number[]
}

const busy = async (): Promise<Busy> => {
  const terminal = createFakeTerminal(120, 40)
  const { api, send } = createApi()
  const connection = {
    api,
    client: { api, url: 'http://127.0.0.1:4100', close: () => undefined },
    info: POLLED.info,
    book: {
      devAccounts: [],
      wallet: { path: '', isThere: false, accounts: [], problem: undefined },
      short: String,
    },
    contracts: { abiOf: async () => TOKEN_ABI, forgetUpgraded: () => undefined },
  } as never
  let frames = 0
  let heard: (text: string) => void = () => undefined
  terminal.onWrite = text => {
    if (text.length < 20) return
    frames++
    heard(text)
  }
  /** How long until the frame that answers it. */
  const ask = async ({ key, answer = '' }: Press): Promise<{ ms: number; cpuMs: number }> => {
    let alarm: NodeJS.Timeout | undefined
    const cpuBefore = process.cpuUsage()
    const askedMs = performance.now()
    const answered = new Promise<{ ms: number; cpuMs: number }>((resolve, reject) => {
      alarm = setTimeout(
        () => reject(new Error(`no frame has answered ${JSON.stringify(key)}: ${answer}`)),
        ANSWER_MS,
      )
      heard = text => {
        if (!text.includes(answer) && !stripVTControlCharacters(text).includes(answer)) return
        const { user, system } = process.cpuUsage(cpuBefore)
        resolve({ ms: performance.now() - askedMs, cpuMs: (user + system) / 1_000 })
      }
    })
    terminal.type(key)
    try {
      return await answered
    } finally {
      clearTimeout(alarm)
      heard = () => undefined
    }
  }
  const left = runDashboard({
    connection,
    admin: undefined,
    own: undefined,
    view: 'events',
    isReadonly: false,
    isAttached: false,
    lockAfterMs: 60_000,
    logFile: undefined,
    theme,
    output: createOutput({ json: true }),
    streams: terminal,
  })
  await sleep(1_500)
  // Made before the clock starts: what they cost is no cost of the screen.
  const messages = Array.from({ length: 5_000 }, (_, i) =>
    JSON.stringify({ ...transaction(i, { call: BigInt(i) }), id: `0x${i.toString(16).padStart(64, '0')}` }),
  )
  let index = 0
  let height = 120
  const SLICE_MS = 20
  const startMs = performance.now()
  const load = setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * PER_SECOND)
    for (; index < due; index++) {
      send('transactions', messages[index % messages.length] ?? '')
      if (index % 100 === 0)
        send(
          'blocks',
          JSON.stringify({
            ...blockRow(++height),
            height: String(height),
            epoch: '0',
            view: '5',
            timeMs: String(Date.now()),
            gasUsed: '1',
            gasLimit: '2',
            baseFee: '1',
            arrivedMs: undefined,
            parentVotes: undefined,
            parentCertificate: null,
            transactions: Array.from({ length: 100 }, () => TOKEN),
          }),
        )
    }
  }, SLICE_MS)
  /** Each until the next frame that moves the mark. */
  const hold = async (): Promise<number[]> => {
    for (const key of ['2', 'k']) {
      await sleep(300)
      terminal.type(key)
    }
    await sleep(300)
    const waits: number[] = []
    let open: number[] = []
    heard = text => {
      if (!text.includes(SELECTED)) return
      const nowMs = performance.now()
      waits.push(...open.map(atMs => nowMs - atMs))
      open = []
    }
    for (let i = 0; i < HELD_KEYS; i++) {
      open.push(performance.now())
      terminal.type('k')
      await sleep(HELD_EVERY_MS)
    }
    await sleep(300)
    heard = () => undefined
    return waits
  }
  const keyMs: number[] = []
  const keyCpuMs: number[] = []
  let slowest = ''
  frames = 0
  const cpu = process.cpuUsage()
  const fromMs = performance.now()
  for (let i = 0; keyMs.length < KEYS; i++) {
    await sleep(KEY_GAPS_MS[i % KEY_GAPS_MS.length])
    const pressed = ROUND[i % ROUND.length] as Press
    if (pressed.answer === undefined) {
      terminal.type(pressed.key)
      continue
    }
    const { ms, cpuMs } = await ask(pressed)
    if (ms >= Math.max(0, ...keyMs)) slowest = `${JSON.stringify(pressed.key)}, the ${keyMs.length + 1}th`
    keyMs.push(ms)
    keyCpuMs.push(cpuMs)
  }
  const spent = process.cpuUsage(cpu)
  const seconds = (performance.now() - fromMs) / 1_000
  const perSecond = frames / seconds
  const heldMs = await hold()
  clearInterval(load)
  terminal.type('q')
  await left
  return {
    cpuPercent: ((spent.user + spent.system) / 1e6 / seconds) * 100,
    frames: perSecond,
    keyMs,
    keyCpuMs,
    slowest,
    heldMs,
  }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const hour = async (): Promise<{ grownMiB: number; heapMiB: number }> => {
  const terminal = createFakeTerminal(120, 40)
  let state = after(
    emptyState('transactions'),
    { type: 'polled', nowMs: NOW_MS, polled: POLLED },
    { type: 'abi', contract: TOKEN, abi: TOKEN_ABI },
  )
  const frame = (): string[] => drawFrame(state).map(each => paintLine(each, theme))
  const screen = openScreen(frame(), terminal, { onKeys: () => undefined, onPaste: () => undefined })
  let settled = 0
  for (let second = 1; second <= HOUR_SECONDS; second++) {
    const nowMs = NOW_MS + second * 1_000
    state = after(
      state,
      {
        type: 'chain',
        blocks: [blockRow(second, { timeMs: nowMs })],
        transactions: Array.from({ length: 100 }, (_, i) =>
          transaction(second * 100 + i, { call: BigInt(i) }),
        ),
      },
      { type: 'polled', nowMs, polled: POLLED },
      {
        type: 'loaded',
        key: `trace:${second}`,
        loaded: { kind: 'lines', lines: Array.from({ length: 50 }, () => 'x'.repeat(80)) },
      },
      keys(String((second % 8) + 1)),
    )
    screen.draw(frame())
    if (second % 20 === 0) await sleep(10)
    if (second !== HOUR_SECONDS / 10 && second !== HOUR_SECONDS) continue
    collect()
    const { heapUsed } = process.memoryUsage()
    if (second !== HOUR_SECONDS) settled = heapUsed
  }
  collect()
  const { heapUsed } = process.memoryUsage()
  screen.close()
  return { grownMiB: (heapUsed - settled) / MiB, heapMiB: heapUsed / MiB }
}

const measured = await busy()
const worst = Math.max(...measured.keyMs)
const at = (values: readonly number[], ...places: readonly number[]): string =>
  places.map(place => `${Math.round(place * 100)} % ${median(values, place).toFixed(1)} ms`).join(', ')
console.log(
  `busy  ${PER_SECOND} events/s: ${measured.cpuPercent.toFixed(1)} % of a core, ${measured.frames.toFixed(1)} frames/s (at most ${BOUNDS.cpuPercent} %)`,
)
console.log(
  `keys  ${at(measured.keyMs, 0.5, 0.95, 0.99)}, worst ${worst.toFixed(1)} ms (${measured.slowest}) of ${measured.keyMs.length} (at most ${BOUNDS.keyMs} ms)`,
)
console.log(`      of which worked: ${at(measured.keyCpuMs, 0.5, 0.95, 0.99, 1)}`)
console.log(
  `held  ${at(measured.heldMs, 0.5, 0.95, 1)} of ${measured.heldMs.length} (no bound: 15 frames a second are the most)`,
)
const grown = await hour()
console.log(
  `hour  heap ${grown.heapMiB.toFixed(1)} MiB, grown by ${grown.grownMiB.toFixed(1)} MiB since its first tenth (at most ${BOUNDS.grownMiB} MiB)`,
)
const isKept =
  measured.cpuPercent <= BOUNDS.cpuPercent && worst <= BOUNDS.keyMs && grown.grownMiB <= BOUNDS.grownMiB
console.log(isKept ? 'every bound is kept' : 'a bound is broken')
process.exit(isKept ? 0 : 1)
