/** Opens the data directory named on the command line with the counting migrations, slowly, and says each batch. */
import { writeSync } from 'node:fs'
import { sha256 } from '../../../../node/crypto/hash.ts'
import { openDataDirectory } from '../../../../node/storage/data-directory.ts'
import { countingMigrations } from '../counting-migrations.ts'

const pause = new Int32Array(new SharedArrayBuffer(4))
const { database } = await openDataDirectory(process.argv[2] as string, {
  create: () => {
    throw new Error('there must be one')
  },
  hashGenesis: text => sha256(Buffer.from(text)),
  migrations: countingMigrations(() => {
    writeSync(1, 'batch\n')
    Atomics.wait(pause, 0, 0, 2)
  }),
})
await database.close()
