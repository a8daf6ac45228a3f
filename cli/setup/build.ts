/** What the set-up compiles; what has not changed is left alone. */
import { join } from 'node:path'
import { buildExamples } from '../../contracts/build.ts'
import { updateBundle } from '../bundle/clone.ts'
import { buildCores } from './cores.ts'

await buildCores()
await buildExamples()
await updateBundle({ root: join(import.meta.dirname, '../..') })
