/** What changes the state, and what the state asks the world for. */
import type { FormTask, Form, State } from './state.ts'
import type { ModelAction } from './store.ts'

export type Action =
  | ModelAction
  | { readonly type: 'keys'; readonly names: readonly string[] }
  /** What a field, a filter or a command gets as a whole. */
  | { readonly type: 'pasted'; readonly text: string }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly type: 'tick'; readonly nowMs: number }
  | { readonly type: 'note'; readonly note: NonNullable<State['ui']['note']> }
  | { readonly type: 'signers'; readonly signers: State['signers']; readonly lockAtMs: number | undefined }
  | { readonly type: 'formDone'; readonly result: NonNullable<Form['result']> }
  | { readonly type: 'names'; readonly names: ReadonlyMap<string, string> }

export type Effect =
  /** `isStop`: whatever belongs to this screen ends too. */
  | { readonly type: 'leave'; readonly isStop: boolean }
  | { readonly type: 'plain' }
  /** Gives the terminal back until the shell lends it again. */
  | { readonly type: 'suspend' }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'load'; readonly kind: 'trace' | 'block' | 'contract' | 'history'; readonly id: string }
  | { readonly type: 'control'; readonly what: 'pause' | 'resume' | 'makeBlock' }
  | { readonly type: 'lock' }
  | {
      readonly type: 'run'
      readonly task: FormTask
      readonly values: readonly string[]
      /** Of the fields beside the method's own arguments. */
      readonly from: string
      readonly value: string
      readonly password: string
    }

export interface Updated {
  readonly state: State
  readonly effects: readonly Effect[]
}
