/** Measures every accepted bomb, in an engine with the flags this process was given, and prints them as JSON. */
import { ACCEPTED } from '../accepted.ts'
import { measure } from '../measure.ts'

const attempts = Number(process.argv[2] ?? 3)
for (const [name, make] of Object.entries(ACCEPTED)) {
  process.stdout.write(`${JSON.stringify({ name, ...measure(make(), { attempts }) })}\n`)
}
