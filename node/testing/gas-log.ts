/**
 * What calls cost, for `vex test --gas`: a line of JSON each, appended to a file of this process in the folder that
 * the environment names. Without that variable nothing is written.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import type { Gas } from '../types/primitives.ts'

export const GAS_FOLDER_VARIABLE = 'VEX_TEST_GAS'
/** About 100 bytes each. */
const MAX_RECORDS = 500_000

let records = 0

/** Of a successful transaction, all of it. */
export const recordGas = (contract: string, method: string, gas: Gas): void => {
  const folder = process.env[GAS_FOLDER_VARIABLE]
  if (folder === undefined || folder === '' || records > MAX_RECORDS) return
  const line = records++ === MAX_RECORDS ? { isCut: true } : { contract, method, gas: String(gas) }
  appendFileSync(join(folder, `${process.pid}-${threadId}.jsonl`), `${JSON.stringify(line)}\n`)
}
