/** The one table of keys: what acts on them, the line at the foot, the help overlay and the README are made of it. Pure. */
import type { Key } from 'ink'

export const VIEWS = [
  'overview',
  'blocks',
  'transactions',
  'contracts',
  'events',
  'peers',
  'validators',
  'logs',
  'mine',
] as const
export type ViewId = (typeof VIEWS)[number]

export const VIEW_TITLES: Readonly<Record<ViewId, string>> = {
  overview: 'Overview',
  blocks: 'Blocks',
  transactions: 'Transactions',
  contracts: 'Contracts',
  events: 'Events',
  peers: 'Peers',
  validators: 'Validators',
  logs: 'Logs',
  mine: 'My validator',
}

export type KeyCommand =
  | 'up'
  | 'down'
  | 'pageUp'
  | 'pageDown'
  | 'first'
  | 'last'
  | 'enter'
  | 'back'
  | 'focus'
  | 'nextView'
  | 'previousView'
  | 'filter'
  | 'command'
  | 'help'
  | 'zoomIn'
  | 'zoomOut'
  | 'plain'
  | 'copyValue'
  | 'copyCall'
  | 'quit'
  | 'stop'
  | 'suspend'
  | 'pause'
  | 'makeBlock'
  | 'older'
  | 'newer'
  | 'send'
  | 'lock'
  | ViewId

/** What is possible now: keys that do nothing are not shown. */
export interface KeyContext {
  readonly view: ViewId
  readonly hasDetail: boolean
  /** Blocks can be paused and made from here. */
  readonly canControl: boolean
  /** Transactions can be sent from here. */
  readonly canSend: boolean
  readonly isUnlocked: boolean
  readonly hasMine: boolean
}

export interface KeyEntry {
  readonly names: readonly string[]
  /** As it stands in the help. */
  readonly shown: string
  readonly command: KeyCommand
  readonly help: string
  /** For the line at the foot; nothing: it is in the help alone. */
  readonly short?: string
  readonly group: 'Moving' | 'Views' | 'Finding' | 'Acting' | 'Screen'
  readonly when?: (context: KeyContext) => boolean
}

const view = (id: ViewId, digit: string): KeyEntry => ({
  names: [digit],
  shown: digit,
  command: id,
  help: VIEW_TITLES[id],
  group: 'Views',
  ...(id === 'mine' && { when: ({ hasMine }: KeyContext) => hasMine }),
})

const isList = ({ view: id }: KeyContext): boolean => id !== 'overview' && id !== 'mine'

/** In the order in which the foot shows them, until there is no room. */
export const KEYS: readonly KeyEntry[] = [
  { names: ['?'], shown: '?', command: 'help', help: 'these keys', short: 'keys', group: 'Screen' },
  {
    names: ['enter', 'right'],
    shown: 'Enter →',
    command: 'enter',
    help: 'goes in; in a contract: opens the form of a method',
    short: 'open',
    group: 'Moving',
    when: isList,
  },
  {
    names: ['esc', 'left'],
    shown: 'Esc ←',
    command: 'back',
    help: 'goes back; never quits',
    short: 'back',
    group: 'Moving',
    when: isList,
  },
  {
    names: ['space'],
    shown: 'Space',
    command: 'pause',
    help: 'development chain: stops and goes on making blocks',
    short: 'pause',
    group: 'Acting',
    when: ({ canControl }) => canControl,
  },
  {
    names: ['n'],
    shown: 'n',
    command: 'makeBlock',
    help: 'development chain: makes a block now',
    short: 'block',
    group: 'Acting',
    when: ({ canControl }) => canControl,
  },
  {
    names: ['t'],
    shown: 't',
    command: 'send',
    help: 'development chain: sends VEX to somebody',
    short: 'send',
    group: 'Acting',
    when: ({ canSend }) => canSend,
  },
  {
    names: ['/'],
    shown: '/',
    command: 'filter',
    help: 'filters the list; ! before the words inverts',
    short: 'filter',
    group: 'Finding',
    when: isList,
  },
  {
    names: ['['],
    shown: '[',
    command: 'older',
    help: 'one block back in history',
    group: 'Acting',
  },
  { names: [']'], shown: ']', command: 'newer', help: 'one block on in history', group: 'Acting' },
  {
    names: ['y'],
    shown: 'y',
    command: 'copyValue',
    help: 'copies the hash or address (OSC 52)',
    short: 'copy',
    group: 'Finding',
    when: isList,
  },
  {
    names: ['Y'],
    shown: 'Y',
    command: 'copyCall',
    help: 'copies the command that shows the same',
    group: 'Finding',
  },
  {
    names: ['tab'],
    shown: 'Tab',
    command: 'focus',
    help: 'moves the focus between list and detail',
    short: 'focus',
    group: 'Moving',
    when: ({ hasDetail }) => hasDetail,
  },
  { names: ['up', 'k'], shown: '↑ k', command: 'up', help: 'up', group: 'Moving' },
  { names: ['down', 'j'], shown: '↓ j', command: 'down', help: 'down', group: 'Moving' },
  { names: ['home', 'g'], shown: 'g Home', command: 'first', help: 'to the first', group: 'Moving' },
  {
    names: ['end', 'G'],
    shown: 'G End',
    command: 'last',
    help: 'to the last, and follows it',
    group: 'Moving',
  },
  { names: ['pageup'], shown: 'PgUp', command: 'pageUp', help: 'a page up', group: 'Moving' },
  { names: ['pagedown'], shown: 'PgDn', command: 'pageDown', help: 'a page down', group: 'Moving' },
  {
    names: [':'],
    shown: ':',
    command: 'command',
    help: 'a command: the name of a view, a height, a hash, an address, quit',
    group: 'Finding',
  },
  {
    names: ['+', '='],
    shown: '+',
    command: 'zoomIn',
    help: 'the focused panel alone',
    group: 'Screen',
    when: ({ hasDetail }) => hasDetail,
  },
  {
    names: ['_', '-'],
    shown: '_',
    command: 'zoomOut',
    help: 'both panels again',
    group: 'Screen',
    when: ({ hasDetail }) => hasDetail,
  },
  {
    names: ['s'],
    shown: 's',
    command: 'plain',
    help: 'plain lines, to scroll and to select; s comes back',
    group: 'Screen',
  },
  {
    names: ['L'],
    shown: 'L',
    command: 'lock',
    help: 'locks the wallet',
    group: 'Acting',
    when: ({ isUnlocked }) => isUnlocked,
  },
  view('overview', '1'),
  view('blocks', '2'),
  view('transactions', '3'),
  view('contracts', '4'),
  view('events', '5'),
  view('peers', '6'),
  view('validators', '7'),
  view('logs', '8'),
  view('mine', '9'),
  { names: ['>'], shown: '>', command: 'nextView', help: 'the next view', group: 'Views' },
  { names: ['<'], shown: '<', command: 'previousView', help: 'the view before', group: 'Views' },
  {
    names: ['q'],
    shown: 'q',
    command: 'quit',
    help: 'leaves; the node goes on',
    short: 'leave',
    group: 'Screen',
  },
  {
    names: ['ctrl-c'],
    shown: 'Ctrl-C',
    command: 'stop',
    help: 'leaves; also stops what vex dev and npm start have started',
    group: 'Screen',
  },
  {
    names: ['ctrl-z'],
    shown: 'Ctrl-Z',
    command: 'suspend',
    help: 'gives the shell the terminal; fg comes back',
    group: 'Screen',
  },
]

export const keysFor = (context: KeyContext): KeyEntry[] => KEYS.filter(({ when }) => when?.(context) ?? true)

export const commandOf = (name: string, context: KeyContext): KeyCommand | undefined =>
  keysFor(context).find(({ names }) => names.includes(name))?.command

const NAMED: readonly (readonly [keyof Key, string])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pageup'],
  ['pageDown', 'pagedown'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
  ['backspace', 'backspace'],
  ['delete', 'backspace'],
]

const NAMED_CHARS: Readonly<Record<string, string>> = {
  ' ': 'space',
  '\r': 'enter',
  '\n': 'enter',
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
}
/** Ctrl-A to Ctrl-Z come as 1 to 26. */
const nameOfChar = (char: string): string =>
  NAMED_CHARS[char] ?? (char < ' ' ? `ctrl-${String.fromCharCode(char.charCodeAt(0) + 0x60)}` : char)

/** What was pressed, a name each: several that came at once are several keys. */
export const keyNames = (input: string, key: Key): string[] => {
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab']
  for (const [field, name] of NAMED) if (key[field] === true) return [name]
  if (key.ctrl) return [`ctrl-${input}`]
  if (key.meta) return []
  return Array.from(input, nameOfChar)
}

/** The table as Markdown, as it stands in the README. */
export const keyTable = (): string => {
  const rows = KEYS.map(({ shown, help }) => {
    const names = shown.split(' ').map(name => `\`${name}\``)
    return [names.join(' '), help] as const
  })
  const widths = [0, 1].map(i => Math.max(...rows.map(row => (row[i] ?? '').length), 4))
  const line = (cells: readonly string[], fill = ' '): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0, fill)).join(' | ')} |`
  return [line(['key', 'what it does']), line(['', ''], '-'), ...rows.map(row => line(row))].join('\n')
}
