/** Checks cases that come in on stdin, one JSON a line, and answers each with a line. */
import { createInterface } from 'node:readline'
import { checkCase } from '../check.ts'
import { type Answer, unpackCase } from '../protocol.ts'

for await (const line of createInterface({ input: process.stdin })) {
  let answer: Answer
  try {
    answer = { digest: checkCase(unpackCase(line)) }
  } catch (error) {
    answer = { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
