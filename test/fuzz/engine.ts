/** A process that checks cases in an engine with certain flags. What it does wrong, dying included, is an answer. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Answer } from './protocol.ts'

const CHILD = fileURLToPath(new URL('./children/check-cases.ts', import.meta.url))
const MOST_STDERR = 4_000

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly lines: AsyncIterator<string>
  stderr: string
}

export interface EngineOptions {
  readonly flags: readonly string[]
  readonly timeoutMs: number
  /** The script that answers; check-cases.ts. */
  readonly script?: string
}

export class Engine {
  readonly name: string
  private readonly options: EngineOptions
  private running: Running | undefined

  constructor(name: string, options: EngineOptions) {
    this.name = name
    this.options = options
  }

  /** The answer to a line; a new process takes the next one if this one is lost over it. */
  async ask(line: string): Promise<Answer> {
    const running = (this.running ??= this.start())
    let timer: NodeJS.Timeout | undefined
    const { timeoutMs } = this.options
    const timeout = new Promise<'timeout'>(resolve => {
      timer = setTimeout(() => resolve('timeout'), timeoutMs)
    })
    running.child.stdin.write(`${line}\n`)
    const answer = await Promise.race([running.lines.next(), timeout])
    clearTimeout(timer)
    if (answer !== 'timeout' && answer.done !== true) return JSON.parse(answer.value) as Answer
    await this.stop()
    return {
      problem:
        answer === 'timeout'
          ? `it hangs: no answer in ${timeoutMs} ms`
          : `the engine died: ${running.stderr}`,
    }
  }

  async stop(): Promise<void> {
    const { running } = this
    this.running = undefined
    if (running === undefined || running.child.exitCode !== null || running.child.signalCode !== null) return
    const closed = new Promise(resolve => running.child.once('close', resolve))
    running.child.kill('SIGKILL')
    await closed
  }

  private start(): Running {
    const { flags, script = CHILD } = this.options
    const child = spawn(process.execPath, [...flags, script])
    // A child that died shows in what is read from it.
    child.stdin.on('error', () => undefined)
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const running: Running = { child, lines, stderr: '' }
    child.stderr.on('data', (chunk: Buffer) => {
      running.stderr = (running.stderr + chunk.toString()).slice(-MOST_STDERR)
    })
    return running
  }
}
