/** The history on stdout. Runs on any Node, with any flags of the engine. */
import { keptContracts } from '../contracts.ts'
import { runHistory } from '../history.ts'

process.stdout.write(JSON.stringify(runHistory(keptContracts())))
