/** What the set-up compiles; what has not changed is left alone. */
import { buildExamples } from '../../contracts/build.ts'
import { buildCores } from './cores.ts'

await buildCores()
await buildExamples()
