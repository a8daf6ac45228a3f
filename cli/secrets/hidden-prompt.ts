/** Asks on the terminal for something that is not shown. Needs one: see {@link canAsk}. */
import { CliError, INTERRUPTED } from '../errors.ts'
import { typeHidden } from './hidden-line.ts'

export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** What was pasted behind a line belongs to the next question. */
let typedAhead = ''

/** The terminal is as it was when it returns or throws, after Ctrl-C too; Node sees to it for SIGTERM. */
export const askHidden = (question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process
    let text = ''
    const leave = (): void => {
      stdin.off('data', onKeys)
      stdin.off('end', onEnd)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const interrupted = (): void => {
      leave()
      reject(new CliError('interrupted', 'nothing was done', { exitCode: INTERRUPTED }))
    }
    const onEnd = interrupted
    const onKeys = (keys: string | Buffer): void => {
      const line = typeHidden(text, keys.toString())
      if (line.kind === 'open') text = line.text
      else if (line.kind === 'interrupted') interrupted()
      else {
        typedAhead = line.rest
        leave()
        resolve(line.text)
      }
    }
    stdin.setEncoding('utf8')
    // Before the question: who answers at once must not see the answer.
    stdin.setRawMode(true)
    stderr.write(question)
    stdin.on('data', onKeys)
    stdin.on('end', onEnd)
    stdin.resume()
    if (typedAhead !== '') onKeys(typedAhead)
  })
