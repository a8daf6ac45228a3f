/**
 * What may stand where somebody presses Tab. A shell's script (scripts.ts) asks `vex __complete WORD...` with the words
 * after `vex`, the last one as far as it was typed. The answer's first line says whether files or folders fit as well;
 * then come words, each with a tab and what it means. Imports next to nothing: somebody waits.
 */
import type { WordKind } from './kinds.ts'
import { contractsHere, devAccounts, methodsHere, type Offer, walletAccounts } from './names.ts'
import { type CommandTree, readTree, type TreeOption, type TreeWord } from './tree.ts'

export interface Answer {
  readonly also: 'words' | 'files' | 'folders'
  readonly offers: readonly Offer[]
}

const NOTHING: Answer = { also: 'words', offers: [] }

export const HELP_OPTION: TreeOption = { flags: ['-h', '--help'], summary: 'options and examples' }
const HELP = 'help'

interface Place {
  readonly tree: CommandTree
  /** `wallet show`. */
  readonly path: string
  /** Of the command's arguments, those before the last word. */
  readonly given: readonly string[]
  /** The option whose value the last word is. */
  readonly open: TreeOption | undefined
  readonly isWordsOnly: boolean
  /** What `--wallet` said. */
  readonly wallet: string | undefined
}

const optionOf = ({ options }: CommandTree, word: string): TreeOption | undefined =>
  options.find(({ flags }) => flags.includes(word))

/** Bash takes `--pruning=archive` for three words. */
const joined = (words: readonly string[]): string[] =>
  words.filter((word, i) => word !== '=' || i === words.length - 1)

const placeOf = (root: CommandTree, words: readonly string[]): Place => {
  let tree = root
  const path: string[] = []
  const given: string[] = []
  let open: TreeOption | undefined
  let isWordsOnly = false
  let wallet: string | undefined
  for (const word of words) {
    if (open !== undefined) {
      if (open.flags.includes('--wallet')) wallet = word
      open = undefined
      continue
    }
    if (!isWordsOnly && word === '--') {
      isWordsOnly = true
      continue
    }
    if (!isWordsOnly && word.startsWith('-')) {
      const option = optionOf(tree, word)
      if (option?.value !== undefined) open = option
      continue
    }
    const next = tree.commands.find(({ name }) => name === word)
    if (next === undefined) {
      // `vex help stake` goes on as `vex stake`.
      if (word !== HELP || given.length > 0) given.push(word)
      continue
    }
    tree = next
    path.push(word)
  }
  return { tree, path: path.join(' '), given, open, isWordsOnly, wallet }
}

const inside = (tree: CommandTree | undefined, name: string): CommandTree | undefined =>
  tree?.commands.find(command => command.name === name)

const offersOf = (
  kind: WordKind | undefined,
  { path, given, wallet }: Place,
  root: CommandTree,
): readonly Offer[] => {
  switch (kind) {
    case 'account':
      return [...walletAccounts(wallet), ...devAccounts()]
    case 'contract':
      return [...contractsHere(), ...walletAccounts(wallet), ...devAccounts()]
    case 'method':
      return methodsHere(given[0] ?? '', path === 'view' ? 'view' : 'call')
    case 'walletAccount':
      return walletAccounts(wallet)
    case 'topic':
      return topics(given.reduce<CommandTree | undefined>(inside, root))
    case 'file':
    case 'folder':
    case undefined:
      return []
  }
}

/** Its commands, or the groups of them. */
const topics = (tree: CommandTree | undefined): readonly Offer[] =>
  (tree?.commands ?? []).map(({ name, summary }) => ({ text: name, about: summary }))

const answerWord = (word: TreeWord | undefined, place: Place, root: CommandTree): Answer => {
  if (word === undefined) return NOTHING
  if (word.choices !== undefined)
    return { also: 'words', offers: word.choices.map(text => ({ text, about: '' })) }
  const also = word.kind === 'file' ? 'files' : word.kind === 'folder' ? 'folders' : 'words'
  return { also, offers: offersOf(word.kind, place, root) }
}

const allOptions = ({ options }: CommandTree): Offer[] =>
  [...options, HELP_OPTION].flatMap(({ flags, summary }) => {
    const flag = flags.findLast(text => text.startsWith('--'))
    return flag === undefined ? [] : [{ text: flag, about: summary }]
  })

const starting = ({ also, offers }: Answer, prefix: string, before = ''): Answer => ({
  also,
  offers: offers
    .filter(({ text }) => text.startsWith(prefix))
    .map(({ text, about }) => ({ text: before + text, about })),
})

/** `words`: those after `vex`, the last as far as it was typed. */
export const complete = (root: CommandTree, words: readonly string[]): Answer => {
  const known = joined(words)
  const typed = known.at(-1) ?? ''
  const place = placeOf(root, known.slice(0, -1))
  const { tree, given, open, isWordsOnly } = place
  const last = typed === '=' ? '' : typed
  if (open?.value !== undefined) return starting(answerWord(open.value, place, root), last)
  if (!isWordsOnly && last.startsWith('-')) {
    const [, flag = '', value = ''] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? []
    if (flag === '') return starting({ also: 'words', offers: allOptions(tree) }, last)
    return starting(answerWord(optionOf(tree, flag)?.value, place, root), value, `${flag}=`)
  }
  if (tree.commands.length > 0 && given.length === 0)
    return starting({ also: 'words', offers: topics(tree) }, last)
  const { words: expected } = tree
  const at = expected[given.length] ?? (expected.at(-1)?.isVariadic ? expected.at(-1) : undefined)
  return starting(answerWord(at, place, root), last)
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ')

/** Never fails: a shell that completes nothing disturbs nobody. */
export const answer = (words: readonly string[]): void => {
  try {
    const { also, offers } = complete(readTree(), words)
    const lines = offers.map(({ text, about }) => `${oneLine(text)}\t${oneLine(about)}`)
    process.stdout.write(`${[also, ...lines].join('\n')}\n`)
  } catch {
    process.stdout.write('words\n')
  }
}
