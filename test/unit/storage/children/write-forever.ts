/** Writes batch after batch, each with the same number in three columns, and says each number once it is synced. */
import { writeSync } from 'node:fs'
import { COLUMNS } from '../../../../node/storage/database.ts'
import { openRocksDatabase } from '../../../../node/storage/rocks.ts'

const database = await openRocksDatabase(process.argv[2] as string)
const columns = [COLUMNS.meta, COLUMNS.state, COLUMNS.treeNodes]
for (let number = 1; ; number++) {
  const value = new Uint8Array(50_000)
  new DataView(value.buffer).setUint32(0, number)
  database.write(
    columns.map(column => ({ column, key: Buffer.from('number'), value })),
    { sync: true },
  )
  writeSync(1, `${number}\n`)
}
