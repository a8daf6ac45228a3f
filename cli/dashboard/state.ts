/** Everything that a frame is drawn from: the model, and where the user is in it. A value. */
import type { KeyContext, ViewId } from './keys.ts'
import type { Model } from './model.ts'

/** The user's place in a list. No event moves it. */
export interface ListPlace {
  /** At the tail, which moves: what is new is shown as it comes. */
  readonly isFollowing: boolean
  /** The selected row's id, and that of the first on the screen. */
  readonly selected: string | undefined
  readonly top: string | undefined
  /** Where the selected row was, if it has gone. */
  readonly index: number
  /** How many there had been in all when the tail was left. */
  readonly seen: number
}

export interface FormField {
  readonly name: string
  /** What is wanted, in the ABI's words. */
  readonly type: string
  readonly value: string
  readonly isSecret?: boolean
}

export type FormTask =
  | {
      readonly kind: 'view' | 'call'
      readonly contract: string
      readonly method: string
      readonly params: number
    }
  | { readonly kind: 'transfer' }

export interface Form {
  readonly task: FormTask
  readonly title: string
  readonly fields: readonly FormField[]
  /** The field that keys go to. */
  readonly at: number
  readonly stage: 'editing' | 'asking' | 'working'
  /** What came of it last. */
  readonly result?: { readonly isGood: boolean; readonly lines: readonly string[] } | undefined
}

export interface Ui {
  readonly view: ViewId
  readonly places: Readonly<Partial<Record<ViewId, ListPlace>>>
  readonly filters: Readonly<Partial<Record<ViewId, string>>>
  readonly focus: 'list' | 'detail'
  readonly isZoomed: boolean
  /** The first line of the detail that is shown, and in a contract the method that is selected. */
  readonly detailTop: number
  readonly method: number
  readonly prompt: { readonly kind: 'filter' | 'command'; readonly text: string } | undefined
  readonly isHelpOpen: boolean
  readonly helpTop: number
  readonly form: Form | undefined
  /** A sentence at the foot, until the next key. */
  readonly note: { readonly text: string; readonly style: 'good' | 'warn' | 'bad' } | undefined
  /** A block of history, shown in the place of the selected one. */
  readonly pinnedHeight: bigint | undefined
}

export interface State {
  readonly model: Model
  readonly ui: Ui
  readonly size: { readonly columns: number; readonly rows: number }
  /** This machine's clock. */
  readonly nowMs: number
  /** The validator that is looked after: its address. */
  readonly own: string | undefined
  readonly isReadonly: boolean
  /** Who may sign: development accounts, then the wallet's. */
  readonly signers: readonly { readonly name: string; readonly isLocked: boolean }[]
  /** The wallet is open, until this time. */
  readonly lockAtMs: number | undefined
  /** Belongs to a `vex dev` or `npm start`, which Ctrl-C stops. */
  readonly isAttached: boolean
}

export const START_PLACE: ListPlace = {
  isFollowing: true,
  selected: undefined,
  top: undefined,
  index: 0,
  seen: 0,
}

export const createUi = (view: ViewId): Ui => ({
  view,
  places: {},
  filters: {},
  focus: 'list',
  isZoomed: false,
  detailTop: 0,
  method: 0,
  prompt: undefined,
  isHelpOpen: false,
  helpTop: 0,
  form: undefined,
  note: undefined,
  pinnedHeight: undefined,
})

export const DEV_CHAIN = 'vex-dev'

export const canSend = ({ model, isReadonly, signers }: State): boolean =>
  !isReadonly && model.info?.chainId === DEV_CHAIN && signers.length > 0

export const keyContext = (state: State, hasDetail: boolean): KeyContext => ({
  view: state.ui.view,
  hasDetail,
  canControl: !state.isReadonly && state.model.control !== undefined,
  canSend: canSend(state),
  isUnlocked: state.lockAtMs !== undefined,
  hasMine: state.own !== undefined,
})
