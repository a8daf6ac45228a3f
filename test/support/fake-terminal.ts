/** A terminal that is none: what is drawn is heard of, and keys are typed by the test. */
import { PassThrough, Writable } from 'node:stream'
import type { Streams } from '../../cli/dashboard/screen.ts'

export interface FakeTerminal extends Streams {
  /** Of what was written so far. */
  readonly bytes: number
  type(keys: string): void
  onWrite: (text: string) => void
}

export const createFakeTerminal = (columns: number, rows: number): FakeTerminal => {
  let bytes = 0
  const terminal: Pick<FakeTerminal, 'onWrite'> = { onWrite: () => undefined }
  const stdout = Object.assign(
    new Writable({
      decodeStrings: false,
      write(chunk: string | Buffer, _, done) {
        bytes += chunk.length
        terminal.onWrite(String(chunk))
        done()
      },
    }),
    { isTTY: true, columns, rows },
  )
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => undefined,
    ref: () => undefined,
    unref: () => undefined,
  })
  return Object.assign(terminal, {
    stdout: stdout as unknown as Streams['stdout'],
    stdin: stdin as unknown as Streams['stdin'],
    get bytes() {
      return bytes
    },
    type(keys: string) {
      stdin.write(keys)
    },
  })
}
