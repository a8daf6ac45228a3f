/** Contracts on stdin, the history on stdout. Runs on any Node, with any flags of the engine. */
import { readFileSync } from 'node:fs'
import { unpackContracts } from '../contracts.ts'
import { runHistory } from '../history.ts'

process.stdout.write(JSON.stringify(runHistory(unpackContracts(readFileSync(0, 'utf8')))))
