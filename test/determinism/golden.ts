/** The digest that every node has to get, and the contracts it was taken with. */
import { readFileSync, writeFileSync } from 'node:fs'
import { digestOfContracts, type HistoryContract } from './contracts.ts'
import type { History } from './history.ts'

export interface Golden extends History {
  /** SHA-256 of the contracts' names and code. */
  readonly contracts: string
}

const PATH = new URL('./golden.json', import.meta.url)

export function readGolden(): Golden {
  return JSON.parse(readFileSync(PATH, 'utf8')) as Golden
}

export function writeGolden(contracts: readonly HistoryContract[], history: History): void {
  const golden: Golden = { contracts: digestOfContracts(contracts), ...history }
  writeFileSync(PATH, `${JSON.stringify(golden, null, 2)}\n`)
}

/** In one sentence, how the history differs from the golden one and what that means; undefined if it does not. */
export function difference(contracts: readonly HistoryContract[], history: History): string | undefined {
  const golden = readGolden()
  if (history.digest === golden.digest) return undefined
  const what = `digest ${history.digest}, golden ${golden.digest}`
  return digestOfContracts(contracts) === golden.contracts
    ? `${what}. The contracts are the same: this changes consensus. If that is meant, run npm run test:determinism -- --update`
    : `${what}. The contracts compile to other code than the golden digest was taken with; look at what changed, then run npm run test:determinism -- --update`
}
