/** Proofs that a block holds a transaction: every one of a chain holds, and none that was changed does. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Chain } from '../../../node/chain/chain.ts'
import { LightQueries } from '../../../node/chain/light-queries.ts'
import { heightKey } from '../../../node/chain/store.ts'
import { verifyInclusion } from '../../../node/light/inclusion.ts'
import { COLUMNS, type Database } from '../../../node/storage/database.ts'
import { blockHash } from '../../../node/types/block.ts'
import { type Inclusion, inclusionCodec } from '../../../node/types/inclusion.ts'
import { type Hash, toHash, ZERO_HASH } from '../../../node/types/primitives.ts'
import { type ParsedTransaction, parseTransaction } from '../../../node/types/transaction.ts'
import { createVm } from '../../../vm/vm.ts'
import { historyGenesis } from '../../determinism/history.ts'
import { certifiedHistory } from '../../support/certified-history.ts'

let db: Database
let chain: Chain
let light: LightQueries
let all: { height: bigint; parsed: ParsedTransaction }[]
beforeAll(() => {
  ;({ db } = certifiedHistory())
  chain = Chain.open({ db, genesis: historyGenesis(), vm: createVm() })
  light = new LightQueries(chain, db)
  all = []
  for (let height = 1n; height < chain.head.header.height; height++)
    for (const bytes of chain.store.blockByHeight(height)?.block.transactions ?? [])
      all.push({ height, parsed: parseTransaction(bytes) })
})

const endOf = ({ headers }: Inclusion): Hash => {
  const last = headers.at(-1)
  if (last === undefined) throw new Error('no headers')
  return blockHash(last)
}
const inclusionOf = (id: Hash): Inclusion => {
  const found = light.inclusion(id)
  if (found === undefined) throw new Error('no proof')
  // As it comes over the wire.
  return inclusionCodec.decode(inclusionCodec.encode(found))
}

describe('a proof of inclusion', () => {
  it('holds for every transaction of the chain, and gives its receipt', () => {
    expect(all.length).toBeGreaterThan(500)
    for (const { height, parsed } of all) {
      const inclusion = inclusionOf(parsed.id)
      const found = verifyInclusion(endOf(inclusion), parsed.id, inclusion)
      expect(found.header.height).toBe(height)
      expect(found.receipt).toEqual(chain.store.receipt({ height, index: inclusion.index }))
    }
  })

  it('goes up to the next block that has a certificate of its own', () => {
    const { height, parsed } = all[100] as (typeof all)[number]
    const without = [height, height + 1n, height + 2n]
    const before = without.map(at => db.get(COLUMNS.certificates, heightKey(at)) as Uint8Array)
    const put = (values: (Uint8Array | undefined)[]): void =>
      db.write(
        without.map(
          (at, i) => ({ column: COLUMNS.certificates, key: heightKey(at), value: values[i] }) as never,
        ),
        { sync: false },
      )
    put([undefined, undefined, undefined])
    const inclusion = inclusionOf(parsed.id)
    put(before)
    expect(inclusion.headers.map(header => header.height)).toEqual([...without, height + 3n])
    expect(verifyInclusion(endOf(inclusion), parsed.id, inclusion).header.height).toBe(height)
    const { headers } = inclusion
    const skipping = { ...inclusion, headers: [headers[0], headers[2], headers[3]] as Inclusion['headers'] }
    expect(() => verifyInclusion(endOf(inclusion), parsed.id, skipping)).toThrow('does not stand on')
  })

  it('is refused when anything of it is of another transaction, block or place', () => {
    const busy = all.filter(({ height }) => all.filter(other => other.height === height).length > 3)
    const [one, two] = busy as [(typeof all)[number], (typeof all)[number]]
    const [mine, other] = [inclusionOf(one.parsed.id), inclusionOf(two.parsed.id)]
    const elsewhere = inclusionOf((all.find(({ height }) => height !== one.height) as typeof one).parsed.id)
    const changes: Partial<Inclusion>[] = [
      { transaction: other.transaction },
      { receipt: other.receipt },
      { index: mine.index + 1 },
      { size: 1 },
      { transactionProof: other.transactionProof },
      { receiptProof: [...mine.receiptProof, ZERO_HASH] },
      { headers: elsewhere.headers },
      { headers: [] },
      { transaction: Uint8Array.of(1) },
    ]
    for (const change of changes)
      expect(() => verifyInclusion(endOf(mine), one.parsed.id, { ...mine, ...change })).toThrow(/block|proof/)
    expect(() => verifyInclusion(endOf(mine), two.parsed.id, mine)).toThrow('of another transaction')
    expect(() => verifyInclusion(toHash(new Uint8Array(32)), one.parsed.id, mine)).toThrow('another block')
    expect(() => verifyInclusion(endOf(mine), one.parsed.id, mine)).not.toThrow()
  })

  it('is not given for what is not there', () => {
    expect(light.inclusion(ZERO_HASH)).toBeUndefined()
  })
})
