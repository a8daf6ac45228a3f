/** What the set-up compiles; what has not changed is left alone. */
import { buildExamples } from '../../contracts/build.ts'
import { buildTreeCore } from './tree-core.ts'

await buildTreeCore()
await buildExamples()
