/** Asks on the terminal for something that is not shown. Needs one: see {@link canAsk}. */
import { CliError } from '../errors.ts'
import { clearProgress } from '../terminal/progress.ts'
import { typeHidden } from './hidden-line.ts'

export const canAsk = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** What was pasted behind a line belongs to the next question. */
let typedAhead = ''

const ENDINGS = ['SIGTERM', 'SIGHUP'] as const

/** The terminal is as it was when it returns or throws, after Ctrl-C or a signal too. */
export const askHidden = (question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { stdin, stderr } = process
    let text = ''
    const leave = (): void => {
      stdin.off('data', onKeys)
      stdin.off('end', interrupted)
      for (const name of ENDINGS) process.off(name, interrupted)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
    }
    const interrupted = (): void => {
      leave()
      reject(new CliError('interrupted', 'nothing was done'))
    }
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
    clearProgress()
    stderr.write(question)
    stdin.on('data', onKeys)
    stdin.on('end', interrupted)
    for (const name of ENDINGS) process.on(name, interrupted)
    stdin.resume()
    if (typedAhead !== '') onKeys(typedAhead)
  })
