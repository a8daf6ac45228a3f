/**
 * What the dashboard costs: `npm run soak:dashboard`. Three figures, each with the bound it has to keep:
 *
 *   busy    a stream of 1,000 transactions a second, each with an event, drawn by Ink on 120x40: CPU of a core
 *   keys    meanwhile, from a key to the frame that answers it
 *   hour    an hour of blocks with 100 transactions each, a frame a second: what the heap has grown by since its first tenth
 *
 * The messages are parsed from JSON as they come, as the client of the API does it; the socket is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises'
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

const BUSY_SECONDS = Number(process.argv[2] ?? 20)
const PER_SECOND = 1_000
const HOUR_SECONDS = 3_600
const MiB = 1024 * 1024
const BOUNDS = { cpuPercent: 25, keyMs: 50, grownMiB: 8 }
const theme = { hasColour: true, isAscii: false }

const median = (values: readonly number[], at = 0.5): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * at))] ?? 0

type Listener = { onData(message: { data: unknown }): void }

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
    contract: { get: answer({ address: TOKEN, name: 'Token' }) },
    transaction: { trace: answer({ calls: [], stepsCut: 0, abis: {}, failure: null }) },
    subscribe: { blocks: subscribe('blocks'), transactions: subscribe('transactions') },
  }
  const send = (name: 'blocks' | 'transactions', json: string): void => {
    for (const each of listeners[name]) each.onData({ data: JSON.parse(json) })
  }
  return { api, send }
}

const busy = async (): Promise<{ cpuPercent: number; keyMs: number[]; frames: number }> => {
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
  let heard: ((atMs: number) => void) | undefined
  terminal.onWrite = text => {
    if (text.length < 20) return
    frames++
    heard?.(performance.now())
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
  const keyMs: number[] = []
  const views = ['5', '3', '1', '2']
  frames = 0
  const cpu = process.cpuUsage()
  const fromMs = performance.now()
  while (performance.now() - fromMs < BUSY_SECONDS * 1_000) {
    await sleep(317)
    // Another view: a frame that all of the screen changes with.
    const askedMs = performance.now()
    const drawn = new Promise<number>(resolve => {
      heard = resolve
    })
    terminal.type(views[keyMs.length % views.length] ?? '1')
    keyMs.push((await drawn) - askedMs)
    heard = undefined
  }
  const spent = process.cpuUsage(cpu)
  const seconds = (performance.now() - fromMs) / 1_000
  clearInterval(load)
  terminal.type('q')
  await left
  return { cpuPercent: ((spent.user + spent.system) / 1e6 / seconds) * 100, keyMs, frames: frames / seconds }
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
console.log(
  `busy  ${PER_SECOND} events/s: ${measured.cpuPercent.toFixed(1)} % of a core, ${measured.frames.toFixed(1)} frames/s (at most ${BOUNDS.cpuPercent} %)`,
)
console.log(
  `keys  median ${median(measured.keyMs).toFixed(1)} ms, p95 ${median(measured.keyMs, 0.95).toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${measured.keyMs.length} (p95 at most ${BOUNDS.keyMs} ms)`,
)
const grown = await hour()
console.log(
  `hour  heap ${grown.heapMiB.toFixed(1)} MiB, grown by ${grown.grownMiB.toFixed(1)} MiB since its first tenth (at most ${BOUNDS.grownMiB} MiB)`,
)
const isKept =
  measured.cpuPercent <= BOUNDS.cpuPercent &&
  median(measured.keyMs, 0.95) <= BOUNDS.keyMs &&
  grown.grownMiB <= BOUNDS.grownMiB
console.log(isKept ? 'every bound is kept' : 'a bound is broken')
process.exit(isKept ? 0 : 1)
