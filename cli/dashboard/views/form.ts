/** A form over the screen: fields with the types of the ABI, what is about to happen, what came of it. */
import type { Form, State } from '../state.ts'
import { EMPTY, type Line, line, padEnd, span, widthOf, wrap } from '../text.ts'

const CURSOR = '█'

const shownValue = ({ value, isSecret }: Form['fields'][number]): string =>
  isSecret === true ? '·'.repeat(value.length) : value

/** The end of it, where one types. */
const tail = (text: string, width: number): string => {
  let shown = text
  while (widthOf(shown) > width) shown = shown.slice(1)
  return shown
}

export const formLines = ({ ui, signers, lockAtMs }: State, width: number): Line[] => {
  const { form } = ui
  if (form === undefined) return []
  const nameWidth = Math.max(8, ...form.fields.map(({ name }) => widthOf(name))) + 2
  const room = Math.max(6, width - nameWidth - 4)
  const fields = form.fields.flatMap((field, i): Line[] => {
    const isAt = i === form.at && form.stage === 'editing'
    const shown = tail(shownValue(field), room)
    return [
      line(
        span(isAt ? '▸ ' : '  ', 'accent'),
        span(padEnd(field.name, nameWidth), isAt ? 'bold' : 'plain'),
        shown,
        span(isAt ? CURSOR : '', 'accent'),
        span(field.value === '' ? ` ${field.type}` : '', 'dim'),
      ),
    ]
  })
  const isSending = form.task.kind !== 'view'
  const who = signers.map(({ name, isLocked }) => (isLocked ? `${name} (locked)` : name)).join(', ')
  return [
    line(span(form.title, 'bold')),
    EMPTY,
    ...fields,
    EMPTY,
    ...(isSending
      ? wrap(`From: ${who}${lockAtMs === undefined ? '' : '; the wallet is open'}`, width).map(text =>
          line(span(text, 'dim')),
        )
      : []),
    ...(form.stage === 'working' ? [line(span('… working', 'accent'))] : []),
    ...(form.stage === 'asking' ? [line(span('! Send it? y sends, any other key goes back', 'warn'))] : []),
    ...(form.stage === 'editing'
      ? [line(span('↑ ↓ move, Enter goes on and at the last field runs it, Esc closes', 'dim'))]
      : []),
    EMPTY,
    ...(form.result === undefined
      ? []
      : form.result.lines.flatMap((text, i) =>
          wrap(text, width).map(each =>
            line(
              span(
                i === 0 ? `${form.result?.isGood === true ? '✓' : '✗'} ${each}` : `  ${each}`,
                form.result?.isGood === true ? 'good' : 'bad',
              ),
            ),
          ),
        )),
  ]
}
