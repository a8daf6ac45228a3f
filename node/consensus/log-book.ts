/**
 * What the driver remembers for its replica: its records as the log's bytes (wal.ts), and the signer's floor beside
 * them. Says whose the log is, whether it is the latest, and when it is time to rewrite it.
 */
import { bytesEqual, toHex } from '../types/primitives.ts'
import type { VoteStatement } from '../types/vote.ts'
import { ConsensusError } from './error.ts'
import type { SignerFloor } from './floor.ts'
import type { HeldBlocks } from './held-blocks.ts'
import type { LogBytes } from './log-format.ts'
import type { LogRecord } from './protocol.ts'
import { blockRecordParts, type LogOwner, recordCodec, type StoredRecord } from './records.ts'
import { coversMark, isRetired, markOf, markOfRecords } from './signed-mark.ts'
import type { WriteAheadLog } from './wal.ts'

export interface Compaction {
  /** The log is rewritten beyond this size … */
  readonly maxBytes: number
  /** … or after so many final blocks. */
  readonly everyBlocks: number
}

const DEFAULT_COMPACTION: Compaction = { maxBytes: 16 * 1024 * 1024, everyBlocks: 10_000 }

export class LogBook {
  readonly #log: WriteAheadLog
  readonly #floor: SignerFloor | undefined
  readonly #blocks: HeldBlocks
  readonly #owner: Omit<LogOwner, 'epoch'>
  readonly #compaction: Compaction
  #compactAboveBytes: number
  #finalSinceRewrite = 0
  /** Votes appended since the last sync. */
  #votes: VoteStatement[] = []
  /** What the log held on opening, in order. Its blocks went to `blocks`. */
  readonly recovered: readonly LogRecord[]

  /** Throws `log_foreign` if the log was written by another validator or for another chain. */
  constructor(options: {
    log: WriteAheadLog
    floor: SignerFloor | undefined
    blocks: HeldBlocks
    owner: Omit<LogOwner, 'epoch'>
    compaction: Compaction | undefined
  }) {
    this.#log = options.log
    this.#floor = options.floor
    this.#blocks = options.blocks
    this.#owner = options.owner
    this.#compaction = options.compaction ?? DEFAULT_COMPACTION
    this.#compactAboveBytes = this.#compaction.maxBytes
    const recovered: LogRecord[] = []
    for (const bytes of options.log.recovered) {
      const record = recordCodec.decode(bytes)
      if (record.kind === 'owner') this.#checkOwner(record)
      else recovered.push(record.kind === 'block' ? this.#keep(record) : record)
    }
    this.recovered = recovered
  }

  get sizeBytes(): number {
    return this.#log.sizeBytes
  }

  /**
   * Throws `log_stale` if more was signed than the log knows of. Otherwise the floor learns what the log knows: the
   * votes of the moments before a crash are not in it yet.
   */
  checkFloor(): void {
    const mark = this.#floor?.mark
    const known = markOfRecords(this.recovered)
    if (mark === undefined || coversMark(known, mark)) {
      if (known !== undefined) this.#floor?.raise(known)
      return
    }
    if (isRetired(mark))
      throw new ConsensusError(
        'log_stale',
        'the keys of this validator were moved to another directory (vex keys export): here they must not vote any more. Voting in two places is slashed. Take them out of this directory',
      )
    throw new ConsensusError(
      'log_stale',
      `the consensus log is older than this validator's votes: it has signed up to epoch ${mark.epoch}, view ${mark.view}, ` +
        `of which the log knows nothing. It was put back from a backup, or lost. Voting from it could contradict ` +
        `votes that were sent, and be slashed. Put the latest log back, or register a new vote key`,
    )
  }

  /** Marks where an epoch begins. */
  begin(epoch: bigint): void {
    this.#log.append(recordCodec.encode({ kind: 'owner', ...this.#owner, epoch }))
  }

  append(record: LogRecord): void {
    if (record.kind === 'vote') this.#votes.push(record.statement)
    this.#log.append(this.#encode(record))
  }

  /** A vote was appended and is not durable yet. */
  get hasUnsyncedVotes(): boolean {
    return this.#votes.length > 0
  }

  async sync(): Promise<void> {
    const votes = this.#votes
    this.#votes = []
    await this.#log.sync()
    for (const vote of votes) this.#floor?.raise(markOf(vote))
  }

  countFinal(blocks: number): void {
    this.#finalSinceRewrite += blocks
  }

  get isRewriteDue(): boolean {
    const isLarge = this.#log.sizeBytes > this.#compactAboveBytes
    return isLarge || this.#finalSinceRewrite >= this.#compaction.everyBlocks
  }

  /** Only while everything final is in the database: the rewritten log does not hold it any more. */
  async rewrite(epoch: bigint, records: readonly LogRecord[]): Promise<void> {
    await this.sync()
    const owner: StoredRecord = { kind: 'owner', ...this.#owner, epoch }
    await this.#log.rewrite([recordCodec.encode(owner), ...records.map(record => this.#encode(record))])
    this.#finalSinceRewrite = 0
    this.#compactAboveBytes = Math.max(this.#compaction.maxBytes, 2 * this.#log.sizeBytes)
  }

  async close(): Promise<void> {
    try {
      await this.#log.close()
    } finally {
      await this.#floor?.close()
    }
  }

  #keep({ block, bytes }: StoredRecord & { kind: 'block' }): LogRecord {
    this.#blocks.keep({ ref: block, bytes })
    return { kind: 'block', block }
  }

  #encode(record: LogRecord): LogBytes {
    return record.kind === 'block'
      ? blockRecordParts(record.block, this.#blocks.get(record.block).bytes)
      : recordCodec.encode(record)
  }

  #checkOwner(found: LogOwner): void {
    const { chainId, voteKey } = this.#owner
    if (found.chainId === chainId && bytesEqual(found.voteKey, voteKey)) return
    throw new ConsensusError(
      'log_foreign',
      `the consensus log belongs to vote key ${toHex(found.voteKey)} on chain ${found.chainId}; this node has vote key ` +
        `${toHex(voteKey)} on chain ${chainId}. Start it with its own data directory`,
    )
  }
}
