/** Where keys lead in lists and details: the rows there is room for, the row that is selected, steps. Pure. */
import type { Effect, Updated } from './actions.ts'
import { detailLines, layoutFor } from './frame.ts'
import { keyContext, type State, type Ui } from './state.ts'
import { methodsOf } from './views/contracts.ts'
import { type Item, type ListView, moveTo, showList } from './views/list.ts'
import { mineLines } from './views/mine.ts'
import { listViewOf } from './views/registry.ts'

export const still = (state: State): Updated => ({ state, effects: [] })
export const withUi = (state: State, ui: Partial<Ui>, effects: readonly Effect[] = []): Updated => ({
  state: { ...state, ui: { ...state.ui, ...ui } },
  effects,
})

export const contextOf = (state: State) => keyContext(state, listViewOf(state.ui.view) !== undefined)

/** Rows of the list without its titles, and of the detail. */
export const heights = (
  state: State,
): { list: number; detail: number; detailWidth: number; listHeight: number } => {
  const layout = layoutFor(state)
  if (layout.kind !== 'panels') return { list: 1, detail: 1, detailWidth: state.size.columns, listHeight: 1 }
  const listHeight = layout.list.height > 0 ? layout.list.height : layout.detail.height
  return {
    list: Math.max(1, listHeight - 1),
    detail: Math.max(1, layout.detail.height),
    detailWidth: layout.detail.width,
    listHeight,
  }
}

export const selectedItem = (view: ListView, state: State): Item | undefined => {
  const { listing, index } = showList(view, state, heights(state).list)
  return index < 0 ? undefined : listing.at(index)
}

/** What the detail of the selected row lacks. */
export const wantedLoad = (state: State): Extract<Effect, { type: 'load' }> | undefined => {
  const view = listViewOf(state.ui.view)
  if (view === undefined || layoutFor(state).kind !== 'panels') return undefined
  const load = selectedItem(view, state)?.load
  if (load === undefined) return undefined
  const { model } = state
  const isKnown =
    load.kind === 'contract'
      ? model.contractInfos.has(load.id) && model.abis.has(load.id)
      : model.loaded.has(`${load.kind}:${load.id}`)
  return isKnown ? undefined : { type: 'load', ...load }
}

const place = (state: State, view: ListView, index: number): Updated =>
  withUi(state, {
    places: { ...state.ui.places, [view.id]: moveTo(view, state, heights(state).list, index) },
    detailTop: 0,
    method: 0,
    pinnedHeight: undefined,
  })

const detailLength = (view: ListView, state: State): number => {
  const { detailWidth, listHeight, detail } = heights(state)
  return detailLines(view, state, { width: detailWidth, height: detail }, listHeight).length
}

/** By so many lines or rows, in whatever has the focus. */
export const step = (state: State, by: number): Updated => {
  const { ui } = state
  const view = listViewOf(ui.view)
  if (view === undefined) {
    const length = ui.view === 'mine' ? mineLines(state, state.size.columns).length : 0
    const most = Math.max(0, length - (state.size.rows - 4))
    return withUi(state, { detailTop: Math.min(most, Math.max(0, ui.detailTop + by)) })
  }
  const { list, detail } = heights(state)
  if (ui.focus === 'list') {
    const { index } = showList(view, state, list)
    return place(state, view, index + by)
  }
  const contract = view.id === 'contracts' ? selectedItem(view, state)?.id : undefined
  const methods = contract === undefined ? 0 : methodsOf(state.model, contract).length
  const next = ui.method + by
  if (methods > 0 && next >= 0 && next < methods) return withUi(state, { method: next })
  const most = Math.max(0, detailLength(view, state) - detail)
  return withUi(state, { detailTop: Math.min(most, Math.max(0, ui.detailTop + by)) })
}

/** The first or the last row, or line of the detail. */
export const toEnd = (state: State, end: number): Updated => {
  const { ui } = state
  const view = listViewOf(ui.view)
  if (view !== undefined && ui.focus === 'list') return place(state, view, end)
  return end === 0
    ? withUi(state, { detailTop: 0, method: 0 })
    : step({ ...state, ui: { ...ui, method: end } }, end)
}
