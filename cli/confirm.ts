/** Asks before something that cannot be undone. */
import { createInterface } from 'node:readline/promises'
import { CliError, usageError } from './errors.ts'

/** `undefined`: Ctrl-C or Ctrl-D instead of an answer. */
const ask = async (question: string): Promise<string | undefined> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const leaving = new AbortController()
  // Ctrl-D closes it without an answer, Ctrl-C closes it and rejects the question.
  terminal.once('close', () => leaving.abort())
  try {
    return await terminal.question(question, { signal: leaving.signal })
  } catch (error) {
    if (leaving.signal.aborted) return undefined
    throw error
  } finally {
    terminal.close()
  }
}

/** Returns only after a yes. */
export const confirm = async (options: {
  readonly question: string
  /** For where nobody can answer: what asks, and when. */
  readonly asker: string
  /** How things are after any other answer. */
  readonly kept: string
}): Promise<void> => {
  if (!process.stdin.isTTY) throw usageError(`${options.asker}, and there is no terminal: add --yes`)
  const answer = await ask(`${options.question} [y/N] `)
  if (answer === undefined) throw new CliError('interrupted', options.kept)
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('not_confirmed', options.kept)
}
