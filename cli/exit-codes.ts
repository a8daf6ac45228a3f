/**
 * Every exit code of `vex`, in one table: `vex help exit-codes` shows it, the README has it, a test holds the two
 * together. An error has the code of its origin; what has none of its own is 1.
 */
export const EXIT_CODES = {
  done: [0, 'it worked; help and the version too, and what runs until it is stopped, when it was stopped'],
  failed: [
    1,
    'it failed: the message says why. Arguments that do not fit a contract’s ABI are one such reason',
  ],
  usage: [2, 'the command line makes no sense by itself; nothing was tried'],
  refused: [3, 'the chain refused it: the transaction, or the call of a view, fails or would fail'],
  unreachable: [
    4,
    'no node answered, or it would not serve: nothing there, no Vex node, stopping, busy, no token',
  ],
  unknown: [5, 'time ran out: what became of it is not known. Look before it is done again'],
  unhealthy: [6, 'a check ran to its end and found something wrong: vex doctor, vex test, vex state verify'],
  interrupted: [130, 'Ctrl-C at a question, or a second one while something stops'],
} as const satisfies Readonly<Record<string, readonly [exitCode: number, meaning: string]>>

export type ExitName = keyof typeof EXIT_CODES
export type ExitCode = (typeof EXIT_CODES)[ExitName][0]

export const exitCode = (name: ExitName): ExitCode => EXIT_CODES[name][0]

/** By the code of an error, wherever it was thrown. */
const BY_ERROR: Readonly<Record<string, ExitName>> = {
  usage: 'usage',
  interrupted: 'interrupted',
  // Of a node, reached or not.
  unreachable: 'unreachable',
  not_vex: 'unreachable',
  unauthorized: 'unreachable',
  stopping: 'unreachable',
  busy: 'unreachable',
  timeout: 'unknown',
  no_answer: 'unknown',
  no_receipt: 'unknown',
  // Of a transaction that can never be in a block.
  nonce_taken: 'refused',
  expired: 'refused',
  unhealthy: 'unhealthy',
  tests_failed: 'unhealthy',
  gas_drift: 'unhealthy',
}

export const exitCodeOfError = (code: string): ExitCode => exitCode(BY_ERROR[code] ?? 'failed')

/** What a node answered, as the API calls it (node/api/api-error.ts). */
export const exitCodeOfAnswer = (apiCode: string): ExitCode =>
  apiCode === 'refused' || apiCode === 'call_failed' ? exitCode('refused') : exitCodeOfError(apiCode)

export const EXIT_CODE_LIST: readonly { readonly exitCode: ExitCode; readonly meaning: string }[] =
  Object.values(EXIT_CODES).map(([code, meaning]) => ({ exitCode: code, meaning }))
