/** The next state, and what has to be done about it. Pure: every key, event and answer comes through here. */
import type { Action, Updated } from './actions.ts'
import { keyInForm, methodForm, transferForm, typeInForm } from './forms.ts'
import { layoutFor } from './frame.ts'
import { commandOf, type KeyCommand, keysFor, VIEWS, type ViewId } from './keys.ts'
import { contextOf, heights, selectedItem, step, still, toEnd, withUi } from './moving.ts'
import { START_PLACE, type State, type Ui } from './state.ts'
import { reduceModel } from './store.ts'
import { methodsOf } from './views/contracts.ts'
import { helpLines } from './views/help.ts'
import { listViewOf } from './views/registry.ts'

const openView = (state: State, view: ViewId): Updated =>
  withUi(state, { view, focus: 'list', detailTop: 0, method: 0, isZoomed: false, pinnedHeight: undefined })

const nextView = (state: State, by: number): Updated => {
  const shown = VIEWS.filter(id => id !== 'mine' || state.own !== undefined)
  const at = (shown.indexOf(state.ui.view) + by + shown.length) % shown.length
  return openView(state, shown[at] ?? 'overview')
}

const enter = (state: State): Updated => {
  const { ui, model } = state
  const view = listViewOf(ui.view)
  if (view === undefined) return still(state)
  const item = selectedItem(view, state)
  if (ui.focus === 'list')
    return item === undefined ? still(state) : withUi(state, { focus: 'detail', detailTop: 0, method: 0 })
  if (view.id !== 'contracts' || item === undefined) return still(state)
  const method = methodsOf(model, item.id)[ui.method]
  if (method === undefined) return still(state)
  if (method.kind === 'call' && !contextOf(state).canSend)
    return note(state, 'Calls are sent from here on development chains alone; Y copies the command', 'warn')
  return withUi(state, {
    form: methodForm(state, item.id, model.contracts.get(item.id)?.name ?? 'contract', method),
  })
}

const note = (state: State, text: string, style: NonNullable<Ui['note']>['style']): Updated =>
  withUi(state, { note: { text, style } })

/** One thing at a time, from the innermost out; at the outermost nothing. */
const back = (state: State): Updated => {
  const { ui } = state
  if (ui.isHelpOpen) return withUi(state, { isHelpOpen: false })
  if (ui.pinnedHeight !== undefined) return withUi(state, { pinnedHeight: undefined })
  if (ui.isZoomed) return withUi(state, { isZoomed: false })
  if (ui.focus === 'detail') return withUi(state, { focus: 'list', detailTop: 0 })
  if ((ui.filters[ui.view] ?? '') !== '') return withUi(state, { filters: { ...ui.filters, [ui.view]: '' } })
  return still(state)
}

const copy = (state: State, text: string | undefined, what: string): Updated =>
  text === undefined
    ? note(state, 'There is nothing to copy here', 'warn')
    : withUi(state, { note: { text: `Copied ${what}: ${text}`, style: 'good' } }, [{ type: 'copy', text }])

const OVERVIEW_CALL = 'vex dashboard'

const copyCall = (state: State): Updated => {
  const view = listViewOf(state.ui.view)
  const call = view === undefined ? OVERVIEW_CALL : selectedItem(view, state)?.call
  const { url } = state.model
  return copy(
    state,
    call === undefined
      ? undefined
      : call.startsWith('vex ')
        ? `${call} --url ${url}`
        : call.replace('$VEX_URL', url),
    'the command',
  )
}

const history = (state: State, by: bigint): Updated => {
  const { model, ui } = state
  const head = model.blocks.items.at(-1)?.height
  if (head === undefined) return still(state)
  const item = listViewOf('blocks')
  const selected =
    item === undefined ? undefined : selectedItem(item, { ...state, ui: { ...ui, view: 'blocks' } })
  const from = ui.pinnedHeight ?? BigInt(selected?.load?.id ?? head)
  const height = from + by
  if (height < 0n || height > head)
    return note(state, height < 0n ? 'This is the first block' : 'This is the last block', 'warn')
  const opened = ui.view === 'blocks' ? state : openView(state, 'blocks').state
  return withUi(opened, { pinnedHeight: height, detailTop: 0 }, [
    { type: 'load', kind: 'history', id: String(height) },
  ])
}

const valueOf = (state: State): string | undefined => {
  const view = listViewOf(state.ui.view)
  return view === undefined ? undefined : selectedItem(view, state)?.value
}

const ACTIONS: Readonly<Record<Exclude<KeyCommand, ViewId>, (state: State) => Updated>> = {
  up: state => step(state, -1),
  down: state => step(state, 1),
  pageUp: state => step(state, -heights(state).list),
  pageDown: state => step(state, heights(state).list),
  first: state => toEnd(state, 0),
  last: state => toEnd(state, Number.MAX_SAFE_INTEGER),
  enter,
  back,
  focus: state => withUi(state, { focus: state.ui.focus === 'list' ? 'detail' : 'list' }),
  nextView: state => nextView(state, 1),
  previousView: state => nextView(state, -1),
  filter: state => withUi(state, { prompt: { kind: 'filter', text: state.ui.filters[state.ui.view] ?? '' } }),
  command: state => withUi(state, { prompt: { kind: 'command', text: '' } }),
  help: state => withUi(state, { isHelpOpen: !state.ui.isHelpOpen, helpTop: 0 }),
  zoomIn: state => withUi(state, { isZoomed: true }),
  zoomOut: state => withUi(state, { isZoomed: false }),
  plain: state => ({ state, effects: [{ type: 'plain' }] }),
  copyValue: state => copy(state, valueOf(state), 'the value'),
  copyCall,
  quit: state => ({ state, effects: [{ type: 'leave', isStop: false }] }),
  suspend: state => ({ state, effects: [{ type: 'suspend' }] }),
  stop: state => ({ state, effects: [{ type: 'leave', isStop: true }] }),
  pause: state => ({
    state,
    effects: [{ type: 'control', what: state.model.control?.isPaused === true ? 'resume' : 'pause' }],
  }),
  makeBlock: state => ({ state, effects: [{ type: 'control', what: 'makeBlock' }] }),
  older: state => history(state, -1n),
  newer: state => history(state, 1n),
  send: state => withUi(state, { form: transferForm(state) }),
  lock: state => ({ state, effects: [{ type: 'lock' }] }),
}

const isView = (command: KeyCommand): command is ViewId => (VIEWS as readonly string[]).includes(command)

const act = (state: State, command: KeyCommand): Updated =>
  isView(command) ? openView(state, command) : ACTIONS[command](state)

const HEX = /^0x[0-9a-f]{64}$/i

/** Of `:`. */
const obey = (state: State, text: string): Updated => {
  const word = text.trim()
  if (word === '') return still(state)
  if (/^q(uit)?$/.test(word)) return act(state, 'quit')
  const named = VIEWS.find(
    id => id.startsWith(word.toLowerCase()) && (id !== 'mine' || state.own !== undefined),
  )
  if (named !== undefined) return openView(state, named)
  const entry = keysFor(contextOf(state)).find(({ command }) => command.toLowerCase() === word.toLowerCase())
  if (entry !== undefined) return act(state, entry.command)
  if (/^[\d_,]+$/.test(word)) {
    const id = word.replaceAll(/[_,]/g, '')
    return withUi(openView(state, 'blocks').state, { pinnedHeight: BigInt(id) }, [
      { type: 'load', kind: 'history', id },
    ])
  }
  if (HEX.test(word)) {
    const opened = openView(state, 'transactions').state
    return withUi(opened, { filters: { ...opened.ui.filters, transactions: word.toLowerCase() } })
  }
  if (word.startsWith('vex1')) {
    const opened = openView(state, 'contracts').state
    return withUi(
      opened,
      {
        places: { ...opened.ui.places, contracts: { ...START_PLACE, isFollowing: false, selected: word } },
        filters: { ...opened.ui.filters, contracts: '' },
      },
      [{ type: 'load', kind: 'contract', id: word }],
    )
  }
  return note(
    state,
    `"${word}" is no command: a view, a height, a transaction’s hash, an address, or quit`,
    'bad',
  )
}

const setPrompt = (state: State, text: string): Updated => {
  const { prompt, filters, view } = state.ui
  if (prompt === undefined) return still(state)
  const next = withUi(state, { prompt: { ...prompt, text } })
  // A filter acts while it is typed.
  return prompt.kind === 'filter' ? withUi(next.state, { filters: { ...filters, [view]: text } }) : next
}

const keyInPrompt = (state: State, name: string): Updated => {
  const { prompt, filters, view } = state.ui
  if (prompt === undefined) return still(state)
  switch (name) {
    case 'esc':
      return withUi(state, {
        prompt: undefined,
        ...(prompt.kind === 'filter' && { filters: { ...filters, [view]: '' } }),
      })
    case 'enter': {
      const closed = withUi(state, { prompt: undefined }).state
      return prompt.kind === 'command' ? obey(closed, prompt.text) : still(closed)
    }
    case 'backspace':
      return setPrompt(state, Array.from(prompt.text).slice(0, -1).join(''))
    case 'ctrl-u':
      return setPrompt(state, '')
    case 'space':
      return setPrompt(state, `${prompt.text} `)
    default:
      return Array.from(name).length === 1 ? setPrompt(state, prompt.text + name) : still(state)
  }
}

const pressed = (before: State, name: string): Updated => {
  const state = before.ui.note === undefined ? before : withUi(before, { note: undefined }).state
  if (name === 'ctrl-c') return act(state, 'stop')
  if (name === 'ctrl-z') return act(state, 'suspend')
  const { form, prompt, isHelpOpen, helpTop } = state.ui
  if (form !== undefined) return keyInForm(state, form, name)
  if (prompt !== undefined) return keyInPrompt(state, name)
  const layout = layoutFor(state)
  const command = commandOf(name, contextOf(state))
  if (isHelpOpen && command !== 'quit') {
    const by = { up: -1, down: 1, pageUp: -10, pageDown: 10 }[command as string]
    const most = helpLines(contextOf(state)).length
    if (by !== undefined) return withUi(state, { helpTop: Math.min(most, Math.max(0, helpTop + by)) })
    return withUi(state, { isHelpOpen: false })
  }
  if (command === undefined) return still(state)
  // Without panels there is nothing to move in.
  if (layout.kind !== 'panels' && !['quit', 'stop', 'plain', 'pause', 'makeBlock', 'help'].includes(command))
    return still(state)
  return act(state, command)
}

export const update = (state: State, action: Action): Updated => {
  switch (action.type) {
    case 'keys': {
      let next = still(state)
      for (const name of action.names) {
        const after = pressed(next.state, name)
        next = { state: after.state, effects: [...next.effects, ...after.effects] }
      }
      return next
    }
    case 'pasted': {
      const { form, prompt } = state.ui
      const text = action.text.replaceAll(/[\r\n]+/g, ' ')
      if (form !== undefined) return typeInForm(state, form, text)
      return prompt === undefined ? still(state) : setPrompt(state, prompt.text + text)
    }
    case 'resized':
      return still({ ...state, size: { columns: action.columns, rows: action.rows } })
    case 'tick':
      return still({ ...state, nowMs: action.nowMs })
    case 'note':
      return withUi(state, { note: action.note })
    case 'signers':
      return still({ ...state, signers: action.signers, lockAtMs: action.lockAtMs })
    case 'formDone': {
      const { form } = state.ui
      return form === undefined
        ? note(state, action.result.lines.join(' '), action.result.isGood ? 'good' : 'bad')
        : withUi(state, { form: { ...form, stage: 'editing', result: action.result } })
    }
    case 'names':
      return still({ ...state, model: { ...state.model, names: action.names } })
    case 'abi':
    case 'chain':
    case 'connection':
    case 'contract':
    case 'contracts':
    case 'forget':
    case 'loaded':
    case 'logged':
    case 'polled': {
      const model = reduceModel(state.model, action, state.own)
      return still({ ...state, model, ...('nowMs' in action && { nowMs: action.nowMs }) })
    }
  }
}
