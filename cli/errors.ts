/** What went wrong, as a sentence for whoever typed the command, with its exit code (exit-codes.ts). */
import { CommanderError } from 'commander'
import { exitCode, type ExitCode, exitCodeOfError } from './exit-codes.ts'
import type { Failure } from './output.ts'

export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string
  readonly exitCode: ExitCode
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly lines: readonly string[] | undefined
  constructor(
    code: string,
    message: string,
    options: ErrorOptions & Pick<Failure, 'details' | 'lines'> & { exitCode?: ExitCode | undefined } = {},
  ) {
    super(message, options)
    this.code = code
    this.exitCode = options.exitCode ?? exitCodeOfError(code)
    this.details = options.details
    this.lines = options.lines
  }
}

export const usageError = (message: string): CliError => new CliError('usage', message)

/** The project's error classes with a code: their message is a sentence that says what to do. */
const SENTENCES: ReadonlySet<string> = new Set([
  'AbiError',
  'AccountError',
  'AddressError',
  'ApiServerError',
  'BlockExecutionFault',
  'BlsError',
  'CodecError',
  'CompileError',
  'ConfigError',
  'ConsensusError',
  'ContractFault',
  'DerivationError',
  'GenesisError',
  'HistoryError',
  'KeystoreError',
  'LightClientError',
  'MnemonicError',
  'MoveError',
  'NetworkError',
  'NodeKeyError',
  'ProfileError',
  'ProofError',
  'ProofFormatError',
  'QueryError',
  'RequestError',
  'SnapshotError',
  'StorageError',
  'SubmitError',
  'SyncError',
  'TreeError',
  'ValidatorKeysError',
  'WalletError',
])

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of the path is a file, not a folder',
  ENOSPC: 'the disk is full: free some space and run the command again',
  EDQUOT: 'the disk quota is used up: free some space and run the command again',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open: raise the limit with "ulimit -n"',
}

const describeFileProblem = (error: Error): Failure | undefined => {
  const { code, path } = error as NodeJS.ErrnoException
  const problem = code === undefined ? undefined : FILE_PROBLEMS[code]
  if (code === undefined || problem === undefined) return undefined
  return { code: code.toLowerCase(), message: `${path ?? 'a file that vex needs'}: ${problem}` }
}

export interface DescribedFailure extends Failure {
  readonly exitCode: ExitCode
  /** False: a bug or something nobody thought of; the stack is worth seeing. */
  readonly isExpected: boolean
}

const UNEXPECTED_ADVICE = 'Run it again with --verbose (or VEX_DEBUG=1) to see where'

/** A reason that begins with the quoted value says itself what was given. */
const cannotBe = (what: string, value: string, quote: string): string =>
  quote === '' ? `${what} cannot be '${value}': ` : `${what}: ${quote}`

/** Commander's sentences, shorter: what was given where, what is wrong with it, what it takes for a typo. */
const usageMessage = (message: string): string =>
  message
    .replace(/^error: /, '')
    .replace(
      /^command-argument value '(.*?)' is invalid for argument '(.*?)'\. ("?)/s,
      (_, value: string, name: string, quote: string) => cannotBe(name.toUpperCase(), value, quote),
    )
    .replace(
      /^option '(.*?)' argument '(.*?)' is invalid\. ("?)/s,
      (_, option: string, value: string, quote: string) => cannotBe(option, value, quote),
    )
    .replace(/^missing required argument '(\w+)'/, (_, name: string) => `${name.toUpperCase()} is missing`)
    .replace(/^required option '(.*?)' not specified/, (_, option: string) => `${option} is missing`)
    .replace(/\n\((Did you mean [^)]*)\)/, '. $1')
    .trim()

export const describeFailure = (error: unknown): DescribedFailure => {
  if (error instanceof CommanderError) {
    return {
      code: 'usage',
      message: usageMessage(error.message),
      exitCode: exitCode(error.exitCode === 0 ? 'done' : 'usage'),
      isExpected: true,
    }
  }
  if (error instanceof CliError) {
    const { code, message, details, lines } = error
    return { code, message, details, lines, exitCode: error.exitCode, isExpected: true }
  }
  if (error instanceof Error) {
    const { code } = error as { code?: unknown }
    if (SENTENCES.has(error.name) && typeof code === 'string')
      return { code, message: error.message, exitCode: exitCodeOfError(code), isExpected: true }
    const problem = describeFileProblem(error)
    if (problem !== undefined) return { ...problem, exitCode: exitCode('failed'), isExpected: true }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `vex failed in a way it does not know: ${message}. ${UNEXPECTED_ADVICE}`,
    exitCode: exitCode('failed'),
    isExpected: false,
  }
}
