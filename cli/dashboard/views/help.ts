/** The overlay of `?`: made of the table of keys. */
import { type KeyContext, type KeyEntry, keysFor } from '../keys.ts'
import { EMPTY, type Line, line, padEnd, span } from '../text.ts'

const GROUPS: readonly KeyEntry['group'][] = ['Moving', 'Views', 'Finding', 'Acting', 'Screen']
const KEY_WIDTH = 9

export const helpLines = (context: KeyContext): Line[] => {
  const keys = keysFor(context)
  return GROUPS.flatMap(group => {
    const entries = keys.filter(entry => entry.group === group)
    if (entries.length === 0) return []
    return [
      line(span(group, 'bold')),
      ...entries.map(({ shown, help }) => line('  ', span(padEnd(shown, KEY_WIDTH), 'accent'), help)),
      EMPTY,
    ]
  })
}
