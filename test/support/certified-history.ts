/** The chain of the determinism history in memory, each block but the last with the certificate that its child holds. */
import { BlockStore, heightKey } from '../../node/chain/store.ts'
import { COLUMNS, type Database } from '../../node/storage/database.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import { certificateCodec } from '../../node/types/vote.ts'
import { keptContracts } from '../determinism/contracts.ts'
import { runHistory } from '../determinism/history.ts'

export const certifiedHistory = (): { db: Database; head: bigint } => {
  const db = createMemoryDatabase()
  runHistory(keptContracts(), db)
  const store = new BlockStore(db)
  const head = store.head()?.height ?? 0n
  for (let height = 1n; height < head; height++) {
    const certificate = store.header(height + 1n)?.parentCertificate
    if (certificate === undefined) throw new Error(`block ${height + 1n} has no certificate of its parent's`)
    const value = certificateCodec.encode(certificate)
    db.write([{ column: COLUMNS.certificates, key: heightKey(height), value }], { sync: false })
  }
  return { db, head }
}
