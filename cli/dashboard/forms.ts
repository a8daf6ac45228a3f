/** Forms: which fields they have, what keys do in them, and what they ask for when they are full. Pure. */
import { type AbiMethod, formatMethod } from '../../node/abi/types.ts'
import type { Effect, Updated } from './actions.ts'
import type { Form, FormField, State } from './state.ts'

const MAX_VALUE = 4_096
const FROM = 'from'
const VALUE = 'value'
const PASSWORD = 'password'

const field = (name: string, type: string, value = ''): FormField => ({ name, type, value })

/** The password is asked for as long as the wallet is locked; development accounts need none. */
const senderFields = ({ signers, lockAtMs }: State): FormField[] => [
  field(FROM, 'who signs', signers[0]?.name ?? ''),
  ...(lockAtMs === undefined && signers.some(({ isLocked }) => isLocked)
    ? [{ ...field(PASSWORD, 'of the wallet; none for dev0 to dev9'), isSecret: true }]
    : []),
]

export const transferForm = (state: State): Form => ({
  task: { kind: 'transfer' },
  title: 'Send VEX',
  fields: [field('to', 'an address or a name'), field('amount', 'such as 1.5vex'), ...senderFields(state)],
  at: 0,
  stage: 'editing',
})

export const methodForm = (state: State, contract: string, name: string, method: AbiMethod): Form => {
  const params = method.params.map(param => field(param.name, param.type))
  const kind = method.kind === 'view' ? 'view' : 'call'
  return {
    task: { kind, contract, method: method.name, params: params.length },
    title: `${kind === 'view' ? 'Ask' : 'Call'} ${name}.${formatMethod(method)}`,
    fields: [
      ...params,
      ...(method.payable && kind === 'call' ? [field(VALUE, 'VEX sent along, such as 1vex', '0')] : []),
      ...(kind === 'call' ? senderFields(state) : []),
    ],
    at: 0,
    stage: 'editing',
  }
}

const valueOf = ({ fields, task }: Form, name: string): string => {
  const own = task.kind === 'transfer' ? 0 : task.params
  // A parameter may have the same name.
  return fields.slice(own).find(each => each.name === name)?.value ?? ''
}

const run = (form: Form): Effect => ({
  type: 'run',
  task: form.task,
  values: form.fields
    .slice(0, form.task.kind === 'transfer' ? 2 : form.task.params)
    .map(({ value }) => value),
  from: valueOf(form, FROM),
  value: valueOf(form, VALUE),
  password: valueOf(form, PASSWORD),
})

const withForm = (state: State, form: Form | undefined, effects: readonly Effect[] = []): Updated => ({
  state: { ...state, ui: { ...state.ui, form } },
  effects,
})

const edited = (form: Form, change: (value: string) => string): Form => ({
  ...form,
  fields: form.fields.map((each, i) =>
    i === form.at ? { ...each, value: change(each.value).slice(0, MAX_VALUE) } : each,
  ),
})

/** Secrets leave the screen as soon as they were used. */
export const withoutSecrets = (form: Form): Form => ({
  ...form,
  fields: form.fields.map(each => (each.isSecret === true ? { ...each, value: '' } : each)),
})

const submit = (state: State, form: Form): Updated =>
  form.task.kind === 'view'
    ? withForm(state, { ...form, stage: 'working', result: undefined }, [run(form)])
    : withForm(state, { ...form, stage: 'asking', result: undefined })

export const typeInForm = (state: State, form: Form, text: string): Updated =>
  form.stage === 'editing'
    ? withForm(
        state,
        edited(form, value => value + text),
      )
    : { state, effects: [] }

export const keyInForm = (state: State, form: Form, name: string): Updated => {
  if (name === 'esc') return withForm(state, undefined)
  if (form.stage === 'working') return { state, effects: [] }
  if (form.stage === 'asking')
    return name === 'y'
      ? withForm(state, withoutSecrets({ ...form, stage: 'working' }), [run(form)])
      : withForm(state, { ...form, stage: 'editing' })
  const last = form.fields.length - 1
  const moveTo = (at: number): Updated =>
    withForm(state, { ...form, at: Math.min(Math.max(0, at), Math.max(0, last)) })
  switch (name) {
    case 'up':
    case 'shift-tab':
      return moveTo(form.at - 1)
    case 'down':
    case 'tab':
      return moveTo(form.at + 1)
    case 'enter':
      return form.at >= last ? submit(state, form) : moveTo(form.at + 1)
    case 'backspace':
      return withForm(
        state,
        edited(form, value => Array.from(value).slice(0, -1).join('')),
      )
    case 'ctrl-u':
      return withForm(
        state,
        edited(form, () => ''),
      )
    case 'space':
      return typeInForm(state, form, ' ')
    default:
      return Array.from(name).length === 1 ? typeInForm(state, form, name) : { state, effects: [] }
  }
}
