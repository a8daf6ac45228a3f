/**
 * The shell around the pure parts: the one store, the feed that fills it, and what its effects ask for. It knows no screen:
 * whoever shows the state hears of each change.
 */
import type { AdminApi } from '../../node/api/admin-client.ts'
import { apiFailure } from '../../node/api/client.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import type { Connection } from '../connect.ts'
import { describeFailure } from '../errors.ts'
import type { Action, Effect } from './actions.ts'
import { askView, blockLines, historyLines, sendRun, traceLines } from './answers.ts'
import { type Feed, startFeed } from './feed.ts'
import type { ViewId } from './keys.ts'
import { startLogTail } from './log-tail.ts'
import { createSigning } from './signing.ts'
import { createUi, type State } from './state.ts'
import { createModel, MAX_ABIS } from './store.ts'
import { wantedLoad } from './moving.ts'
import { update } from './update.ts'
import { listViewOf } from './views/registry.ts'

const TICK_MS = 1_000
/** A selection that moves on at once asks for nothing. */
const LOAD_AFTER_MS = 120
const ABIS_AT_ONCE = 4
/** Work that can wait gives way to keys so often. */
const SLICE_MS = 4

export interface SessionOptions {
  readonly connection: Connection
  readonly admin: AdminApi | undefined
  readonly own: string | undefined
  readonly view: ViewId
  readonly isReadonly: boolean
  readonly isAttached: boolean
  readonly lockAfterMs: number
  readonly logFile: string | undefined
  readonly size: State['size']
  readonly nowMs: () => number
  /** `isUrgent`: a key was pressed. */
  readonly onChange: (isUrgent: boolean) => void
  readonly onEffect: (effect: Extract<Effect, { type: 'leave' | 'plain' | 'suspend' | 'copy' }>) => void
}

export interface Session {
  readonly state: State
  dispatch(action: Action): void
  stop(): void
}

const sentenceOf = (error: unknown, url: string): string =>
  apiFailure(error, url)?.message ?? describeFailure(error).message

export const startSession = (options: SessionOptions): Session => {
  const { connection, admin, nowMs, onChange, onEffect } = options
  const { api, book, client } = connection
  const signing = createSigning(book, options.lockAfterMs, nowMs)
  const names = new Map<string, string>([
    ...book.wallet.accounts.map(({ address, name }) => [address, name] as const),
    ...book.devAccounts.map(({ address, name }) => [formatAddress(address), name] as const),
  ])
  let state: State = {
    model: createModel(client.url, names),
    ui: createUi(options.view),
    size: options.size,
    nowMs: nowMs(),
    own: options.own,
    isReadonly: options.isReadonly,
    signers: signing.signers,
    lockAtMs: undefined,
    isAttached: options.isAttached,
  }
  let feed: Feed | undefined
  let loadTimer: NodeJS.Timeout | undefined
  let isStopped = false
  const asked = new Set<string>()

  const dispatch = (action: Action): void => {
    if (isStopped) return
    if (action.type === 'keys' || action.type === 'pasted') signing.touch(nowMs())
    const { state: next, effects } = update(state, action)
    const isSame = next === state
    const isFilterOpened = next.ui.prompt?.kind === 'filter' && state.ui.prompt === undefined
    state =
      action.type === 'keys' && state.lockAtMs !== undefined ? { ...next, lockAtMs: signing.lockAtMs } : next
    if (isFilterOpened) prepareFilter()
    for (const effect of effects) perform(effect)
    if (action.type === 'chain') {
      for (const each of action.transactions) connection.contracts.forgetUpgraded(each.action)
      fetchAbis()
    }
    planLoad()
    if (!isSame) onChange(action.type === 'keys' || action.type === 'pasted' || action.type === 'resized')
  }

  const prepareFilter = (): void => {
    const steps = listViewOf(state.ui.view)?.prepare?.(state.model)
    if (steps === undefined) return
    const work = (): void => {
      if (isStopped) return
      const untilMs = performance.now() + SLICE_MS
      while (performance.now() < untilMs) if (steps.next().done === true) return
      setImmediate(work)
    }
    setImmediate(work)
  }

  const showSigners = (): void =>
    dispatch({ type: 'signers', signers: signing.signers, lockAtMs: signing.lockAtMs })

  const planLoad = (): void => {
    if (loadTimer !== undefined || wantedLoad(state) === undefined) return
    loadTimer = setTimeout(() => {
      loadTimer = undefined
      const wanted = wantedLoad(state)
      if (wanted !== undefined) perform(wanted)
    }, LOAD_AFTER_MS)
  }

  const fetchAbi = async (contract: string): Promise<void> => {
    const abi = (await connection.contracts.abiOf(contract)) ?? null
    dispatch({ type: 'abi', contract, abi })
  }

  /** Of contracts that do something, so that their calls and events are shown in their words. */
  const fetchAbis = (): void => {
    const { contracts, abis } = state.model
    const active = [...contracts.values()].filter(({ lastHeight }) => lastHeight !== undefined)
    for (const { address: contract } of active.slice(-MAX_ABIS).toReversed()) {
      if (asked.size >= ABIS_AT_ONCE) return
      const key = `abi:${contract}`
      if (abis.has(contract) || asked.has(key)) continue
      once(key, () => fetchAbi(contract))
    }
  }

  /** What fails here fails again with the next look; the feed says that the connection is gone. */
  const once = (
    key: string,
    ask: () => Promise<void>,
    onError: (message: string) => void = () => undefined,
  ): void => {
    if (asked.has(key)) return
    asked.add(key)
    const done = (): void => void asked.delete(key)
    ask().then(done, (error: unknown) => {
      done()
      onError(sentenceOf(error, client.url))
    })
  }

  const load = ({ kind, id }: Extract<Effect, { type: 'load' }>): void => {
    const key = `${kind}:${id}`
    if (kind === 'contract') {
      once(
        key,
        async () => {
          const info = await api.contract.get.query({ contract: id })
          dispatch({ type: 'contract', info })
          await fetchAbi(id)
        },
        message => dispatch({ type: 'note', note: { text: message, style: 'bad' } }),
      )
      return
    }
    const lines = {
      trace: () => traceLines(connection, id),
      block: () => blockLines(api, id),
      history: () => historyLines(api, id),
    }[kind]
    once(
      key,
      async () => dispatch({ type: 'loaded', key, loaded: { kind: 'lines', lines: await lines() } }),
      message => dispatch({ type: 'loaded', key, loaded: { kind: 'error', message } }),
    )
  }

  const run = async (effect: Extract<Effect, { type: 'run' }>): Promise<void> => {
    const { task } = effect
    const abi = task.kind === 'transfer' ? undefined : (state.model.abis.get(task.contract) ?? undefined)
    try {
      const result =
        task.kind === 'view'
          ? { isGood: true, lines: await askView(connection, effect, abi) }
          : await sendRun(connection, effect, abi, name => signing.keyOf(name, effect.password))
      dispatch({ type: 'formDone', result })
    } catch (error) {
      dispatch({ type: 'formDone', result: { isGood: false, lines: [sentenceOf(error, client.url)] } })
    }
    showSigners()
  }

  const control = async (what: 'pause' | 'resume' | 'makeBlock'): Promise<void> => {
    if (admin === undefined) return
    try {
      const calls = { pause: admin.blocks.pause, resume: admin.blocks.resume, makeBlock: admin.blocks.make }
      const answer = await calls[what].mutate()
      dispatch({ type: 'polled', nowMs: nowMs(), polled: { control: answer } })
      const said = { pause: 'Blocks are paused', resume: 'Blocks go on', makeBlock: 'A block is made' }[what]
      dispatch({ type: 'note', note: { text: said, style: 'good' } })
    } catch (error) {
      dispatch({ type: 'note', note: { text: sentenceOf(error, client.url), style: 'bad' } })
    }
  }

  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'load':
        return load(effect)
      case 'run':
        return void run(effect)
      case 'control':
        return void control(effect.what)
      case 'lock':
        signing.lock(nowMs(), true)
        return showSigners()
      case 'leave':
      case 'plain':
      case 'suspend':
      case 'copy':
        return onEffect(effect)
    }
  }

  feed = startFeed({ api, url: client.url, admin, own: options.own, nowMs, dispatch })
  const tail =
    options.logFile === undefined
      ? undefined
      : startLogTail(options.logFile, nowMs, rows => dispatch({ type: 'logged', rows }))
  const ticker = setInterval(() => {
    if (signing.lock(nowMs())) showSigners()
    dispatch({ type: 'tick', nowMs: nowMs() })
  }, TICK_MS)

  return {
    get state() {
      return state
    },
    dispatch,
    stop() {
      isStopped = true
      clearInterval(ticker)
      clearTimeout(loadTimer)
      tail?.stop()
      feed?.stop()
      signing.lock(nowMs(), true)
    },
  }
}
