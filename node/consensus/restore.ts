/** A machine's memory from its log. What the database knows to be final is dropped. */
import { bytesEqual, type Height, MAX_U64 } from '../types/primitives.ts'
import { type FinalBlock, Ledger } from './ledger.ts'
import type { OwnVotes } from './own-votes.ts'
import type { LogRecord } from './protocol.ts'

/** Of `records`, those of the epoch; `own` is filled from them. */
export const restore = (
  epoch: { readonly epoch: bigint; readonly lastHeight: Height },
  final: FinalBlock,
  records: readonly LogRecord[],
  own: OwnVotes,
): Ledger => {
  const ledger = new Ledger(epoch, {
    ...final,
    certificate: final.certificate ?? certificateOf(final, records),
  })
  for (const record of records) {
    switch (record.kind) {
      case 'vote': {
        const { statement } = record
        if (statement.epoch === epoch.epoch && statement.view > own.sealedView) own.add(statement)
        break
      }
      case 'certificate': {
        const { certificate } = record
        if (certificate.epoch === epoch.epoch && certificate.view > final.view)
          ledger.certificates.put(certificate)
        break
      }
      case 'block': {
        const { block } = record
        if (block.epoch === epoch.epoch && block.height > final.ref.height)
          ledger.blocks.add(block).durable = true
        break
      }
      case 'sealed':
        break
    }
  }
  own.prune(final.view)
  return ledger
}

/** A crash between the commits of several blocks leaves a head without its own certificate. */
const certificateOf = ({ ref }: FinalBlock, records: readonly LogRecord[]) =>
  records
    .map(record => (record.kind === 'certificate' ? record.certificate : undefined))
    .find(certificate => certificate?.hash !== undefined && bytesEqual(certificate.hash, ref.hash))

export const epochOfRecord = (record: LogRecord): bigint => {
  switch (record.kind) {
    case 'vote':
      return record.statement.epoch
    case 'certificate':
      return record.certificate.epoch
    case 'block':
      return record.block.epoch
    case 'sealed':
      return record.epoch
  }
}

/** Up to where the log no longer says what was signed in an epoch: all of it, once a later one has begun there. */
export const sealedViewOf = (epoch: bigint, records: readonly LogRecord[]): bigint => {
  let view = 0n
  for (const record of records) {
    if (record.kind !== 'sealed') continue
    if (record.epoch > epoch) return MAX_U64
    if (record.epoch === epoch && record.view > view) view = record.view
  }
  return view
}
