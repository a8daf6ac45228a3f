/** Opens the database named on the command line, says so, and holds it until it is killed. */
import { openRocksDatabase } from '../../../../node/storage/rocks.ts'

await openRocksDatabase(process.argv[2] as string)
process.stdout.write('open\n')
setInterval(() => undefined, 1000)
