/** A node's disk: a log that loses in a crash what was not synced, and a database of final blocks. */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import type { FinalBlock } from '../../node/consensus/ledger.ts'
import type { LogRecord } from '../../node/consensus/protocol.ts'

export class SimDisk {
  log: LogRecord[] = []
  final: FinalBlock
  /** Oldest first. */
  readonly chain: BlockRef[] = []
  #waiting: LogRecord[] = []

  constructor(genesis: BlockRef) {
    this.final = { ref: genesis, certificate: undefined }
  }

  append(record: LogRecord): void {
    this.#waiting.push(record)
  }

  sync(): void {
    this.log.push(...this.#waiting)
    this.#waiting = []
  }

  /** The log rewritten to what a machine still needs. */
  rewrite(records: LogRecord[]): void {
    this.#waiting = []
    this.log = records
  }

  crash(): void {
    this.#waiting = []
  }

  commit(blocks: readonly BlockRef[], final: FinalBlock): void {
    this.chain.push(...blocks)
    this.final = final
  }
}
