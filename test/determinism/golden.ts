/** The digest that every node has to get. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { History } from './history.ts'

const PATH = new URL('./golden/golden.json', import.meta.url)

export function writeGolden(history: History): void {
  writeFileSync(PATH, `${JSON.stringify(history, null, 2)}\n`)
}

/** In a few words, how the history differs from the golden one and what to do; undefined if it does not. */
export function difference({ digest }: History): string | undefined {
  const golden = JSON.parse(readFileSync(PATH, 'utf8')) as History
  if (digest === golden.digest) return undefined
  return `digest ${digest}, golden ${golden.digest}: this changes consensus. If it is meant to, run npm run test:determinism -- --update`
}
