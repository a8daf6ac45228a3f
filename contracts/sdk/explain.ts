/**
 * The compiler's messages in the author's terms. A mistake that its parser meets before the transform can
 * see it comes with whatever confused the parser; the table below knows the usual ones by the message and by
 * the text around the place.
 */
import { type Diagnostic, formatDiagnostic, type SourcePosition } from './compile-error.ts'

/** As the compiler reports it. */
export interface CompilerMessage {
  readonly message: string
  readonly category: number
  readonly position?: SourcePosition
  /** The text of the file up to the place, and from it on. */
  readonly before: string
  readonly after: string
}

interface Explanation {
  readonly message: RegExp
  readonly before?: RegExp
  readonly after?: RegExp
  readonly say: string
}

const NO_BIGINT = 'bigint is not available; use u64, or u128 or u256 for more than 64 bits'
const NO_ASYNC = 'a call runs to its end, and a call to another contract answers at once'

/** The first that fits is taken. `$1` is what its `after` or `message` caught. */
const EXPLANATIONS: readonly Explanation[] = [
  {
    message: /^Type expected/,
    after: /^async\b/,
    say: `leave out async: ${NO_ASYNC}`,
  },
  {
    message: /^Expression expected/,
    after: /^await\b/,
    say: `leave out await: ${NO_ASYNC}`,
  },
  {
    message: /^Type expected/,
    after: /^(\w+)\s*=/,
    say: 'the field $1 needs a type',
  },
  {
    message: /^Type expected/,
    before: /\)\s*$/,
    say: 'write the return type: ": void" for nothing, ": u64" or another for a value',
  },
  {
    message: /^Type expected/,
    after: /^\s*\{/,
    say: 'an object type has no name: write a class marked @struct and use its name',
  },
  {
    message: /^Type expected/,
    after: /^\s*\[/,
    say: 'a tuple is not available: write a class marked @struct, or Array<T> if all are of one type',
  },
  {
    message: /^Identifier expected/,
    after: /^(?:(?:const|let|var)\s*|[(,]\s*)?[[{]/,
    say: 'destructuring is not available: give each value its own name, as in "const a = pair.a"',
  },
  {
    message: /cannot immediately follow a numeric literal/,
    after: /^n\b/,
    say: NO_BIGINT,
  },
  { message: /^Cannot find name 'bigint'/, say: NO_BIGINT },
  {
    message: /^File '.*' not found/,
    after: /^['"](?!vex\/)([^./'"][^'"]*)['"]/,
    say: "npm packages cannot be used in a contract ($1): import from 'vex', or from a file of your own as './name'",
  },
  {
    message: /^'\{' expected/,
    after: /^export\s+@(\w+)/,
    say: 'write the mark first: "@$1 export class Name"',
  },
  {
    message: /^Type '<object>'/,
    say: 'an object literal has no type: write a class and make it with new',
  },
  {
    message: /^Cannot find name '(any|unknown|never|object)'/,
    before: /(?:[:<|,]|\bas)\s*$/,
    say: '$1 is not available: write the type',
  },
  {
    message: /^Not implemented: Iterators/,
    say: 'for … of is not available: count, as in "for (let i = 0; i < list.length; i++)"',
  },
  {
    message: /^Not implemented: Closures/,
    say: 'a function inside another cannot use its variables: pass them as arguments',
  },
  {
    message: /declarations must be initialized|^';' expected/,
    after: /^\w+\s+in\b/,
    say: 'for … in is not available: count, as in "for (let i = 0; i < list.length; i++)"',
  },
  {
    message: /^Expression expected/,
    before: /\?$/,
    after: /^\.(?!\d)/,
    say: 'there is no ?.: ask "if (x !== null)" first',
  },
  {
    message: /^Expression expected/,
    before: /\?$/,
    after: /^\?/,
    say: 'there is no ??: write "x !== null ? x : other"',
  },
  {
    message: /^Expression expected/,
    before: /\b\w+\s*$/,
    after: /^:\s*(?:for|while|do)\b/,
    say: 'a loop has no label: put it into a function of its own, and return from there',
  },
  {
    message: /^Expression expected/,
    before: /(?:\|\||&&)$/,
    after: /^=/,
    say: 'there is no ||= or &&=: write it out',
  },
  {
    message: /expected/,
    after: /^[};]?\s*\*\s*(?:\w+\s*)?\(/,
    say: 'there are no generators: give back an array, or a page of one',
  },
  { message: /^Expression expected/, after: /^enum\b/, say: 'write the enum outside of the function' },
  { message: /^Not implemented: Block-scoped class/, say: 'write the class outside of the function' },
  {
    message: /^Unexpected token|^';' expected/,
    after: /^satisfies\b/,
    say: 'leave out satisfies: give the variable its type',
  },
  { message: /^Not implemented: Const assertion/, say: 'leave out "as const": write the type' },
  { message: /^Invalid character/, after: /^#\w/, say: 'write private before the name, in place of #' },
  { message: /^Not implemented: Spread operator/, say: 'there is no spread: use concat, or a loop' },
  {
    message: /^Not implemented: 'in' operator/,
    say: 'there is no in: ask has(key) of a map or set, includes(value) of an array',
  },
  { message: /^Cannot find name 'delete'/, say: 'there is no delete: call delete(key) of a map or set' },
  {
    message: /^Not implemented: Regular expressions/,
    say: 'there are no regular expressions: compare with includes, startsWith, indexOf or charCodeAt',
  },
  { message: /^Property 'find' does not exist on type '[^']*Array</, say: 'there is no find: use findIndex' },
  {
    message: /^Conversion from type 'f64'/,
    after: /^parse(?:Int|Float)\(/,
    say: 'it gives floating point: write u64.parse(text)',
  },
  { message: /^Cannot find name 'JSON'/, say: 'there is no JSON: take, store and return a class marked @struct' },
  {
    message: /^Cannot find name '(?:Promise|setTimeout|setInterval|queueMicrotask|fetch)'/,
    say: NO_ASYNC,
  },
  {
    message: /^Cannot find name 'undefined'/,
    say: 'there is no undefined: use 0, an empty text or array, or a bool beside it',
  },
  { message: /^Type '(\w+)' cannot be nullable/, say: 'a number is never null: use 0, or a bool beside it' },
  { message: /^Not implemented: union types/, say: 'a union type is not available: write one type' },
  // Of the SDK's own, with the text as it is written there.
  { message: /^User-defined: '(.+)'$/, say: '$1' },
  {
    message: /^(Type '[iu](?:8|16|32|64)' is not assignable to type )'~lib\/vex\/u128\/u128'/,
    say: "$1'u128': write u128.from(…)",
  },
]

/** `~lib/array/Array<~lib/string/String>` as the author knows it: `Array<String>`. */
const withPlainNames = (message: string): string =>
  message.replace(/^User-defined: /, '').replaceAll(/~lib\/(?:[\w-]+\/)+(?=\w+[<'>,\s|])/g, '')

const explanationOf = ({ message, before, after }: CompilerMessage): string | undefined => {
  for (const row of EXPLANATIONS) {
    const caught = row.message.exec(message)
    const atPlace = row.after === undefined ? caught : row.after.exec(after)
    if (caught === null || atPlace === null || row.before?.test(before) === false) continue
    return row.say.replace('$1', atPlace[1] ?? caught[1] ?? '')
  }
  return undefined
}

/** What the parser says when it has lost its way. */
const LOST = /(?:expected|Unexpected token)\.$/

/** A mistake that is explained may draw further complaints: about the same place, or from a parser that is lost. */
const followsFrom = (mistakes: readonly SourcePosition[], { message, position }: CompilerMessage): boolean =>
  mistakes.some(({ file, line, column }) => {
    if (position?.file !== file) return false
    const isSamePlace = position.line === line && position.column === column
    return isSamePlace || (position.line >= line && LOST.test(message))
  })

/** In the order given, each once; what follows from an explained mistake is left out. */
export const explain = (found: readonly CompilerMessage[]): Diagnostic[] => {
  const explained = found.map(each => ({ ...each, explanation: explanationOf(each) }))
  const mistakes = explained.flatMap(({ explanation, position }) =>
    explanation === undefined ? [] : (position ?? []),
  )
  const told = explained
    .filter(each => each.explanation !== undefined || !followsFrom(mistakes, each))
    .map(({ message, explanation, position }) => ({
      message: explanation ?? withPlainNames(message),
      ...(position && { position }),
    }))
  return [...new Map(told.map(each => [formatDiagnostic(each), each])).values()]
}
