/** Does what its input says: answers, dies or hangs. */
import { createInterface } from 'node:readline'

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'die') {
    process.stderr.write('last words', () => process.exit(3))
    await new Promise(() => undefined)
  }
  if (line === 'hang') for (;;);
  process.stdout.write(`${JSON.stringify({ digest: line })}\n`)
}
