/**
 * A node's disk: the consensus log in its real bytes (log-format.ts, records.ts), and a database of final blocks.
 * What was not synced is lost in a crash, or torn; bits rot; an old image of the log comes back.
 */
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import { fileHeader, readHeader, scanFrames, toFrame } from '../../node/consensus/log-format.ts'
import type { LogRecord } from '../../node/consensus/protocol.ts'
import { recordCodec } from '../../node/consensus/records.ts'
import type { Finalized } from '../../node/consensus/replica.ts'
import type { SignedMark } from '../../node/consensus/signed-mark.ts'
import type { Certificate, VoteStatement } from '../../node/types/vote.ts'
import { bytesEqual, type Hash } from '../../node/types/primitives.ts'
import type { Random } from './random.ts'
import { statementKey } from './signatures.ts'

const SALT = 0x5eed
/** A block's content is in the shared chain, not on the simulated disks. */
const NO_BYTES = new Uint8Array(0)

const encode = (record: LogRecord): Uint8Array =>
  recordCodec.encode(record.kind === 'block' ? { ...record, bytes: NO_BYTES } : record)

const decode = (bytes: Uint8Array): LogRecord => {
  const record = recordCodec.decode(bytes)
  if (record.kind === 'owner') throw new RangeError('simulated logs have no owner record')
  return record
}

/** How long the signer's floor may lag behind (floor.ts). */
export const FLOOR_LAG_MS = 200

export class SimDisk {
  /** What the database says. */
  final: Finalized
  /** Of the last block of each epoch that is over. */
  readonly boundaries = new Map<bigint, Certificate>()
  /** The signer's floor, in a file that is not restored with the log. */
  floor: SignedMark | undefined
  /** Final blocks, oldest first, from height 1 or from where the node joined. */
  readonly chain: BlockRef[] = []
  /** The log's file as of the last time anybody looked at its bytes; `#frames` came after. */
  #file: Buffer = fileHeader(SALT)
  #sequence = 0
  #frames: LogRecord[][] = []
  #waiting: LogRecord[] = []
  /** Statements in durable records, for the check that a vote is never sent before. */
  readonly #voted = new Set<string>()

  constructor(final: Finalized) {
    this.final = final
  }

  append(record: LogRecord): void {
    this.#waiting.push(record)
  }

  sync(): void {
    this.#frames.push(this.#waiting)
    this.#noteVotes(this.#waiting)
    this.#waiting = []
  }

  hasVote(statement: VoteStatement): boolean {
    return this.#voted.has(statementKey(statement))
  }

  /** Keys (signatures.ts) of the durable votes. */
  votes(): ReadonlySet<string> {
    return new Set(this.#voted)
  }

  /** The log replaced by what a machine still needs. */
  rewrite(records: readonly LogRecord[]): void {
    this.#file = fileHeader(SALT)
    this.#sequence = 0
    this.#frames = [[...records]]
    this.#waiting = []
    this.#voted.clear()
    this.#noteVotes(records)
  }

  /** With `random`, a part of the write that was under way is on the disk, perhaps with the rest as zeros. */
  crash(random?: Random): void {
    if (random !== undefined && this.#waiting.length > 0) {
      this.#flush()
      const frame = Buffer.concat(toFrame(this.#waiting.map(encode), this.#sequence, SALT).parts)
      const written = random.below(frame.length)
      const isLengthWritten = random.chance(0.5)
      const rest = isLengthWritten ? Buffer.alloc(frame.length - written) : Buffer.alloc(0)
      this.#file = Buffer.concat([this.#file, frame.subarray(0, written), rest])
    }
    this.#waiting = []
  }

  /** The log's durable bytes. */
  image(): Buffer {
    this.#flush()
    return Buffer.from(this.#file)
  }

  /** Another image put in the place of the log, such as an old backup. */
  restore(image: Buffer): void {
    this.#file = Buffer.from(image)
    this.#frames = []
    this.#waiting = []
  }

  /** One bit of a durable frame that is not the last. False if there is none. */
  flipBit(random: Random): boolean {
    this.#flush()
    const { frames, lastFrameAt, headerBytes } = this.#layout()
    if (frames < 2) return false
    const bit = headerBytes * 8 + random.below((lastFrameAt - headerBytes) * 8)
    this.#file[bit >> 3]! ^= 1 << (bit & 7)
    return true
  }

  /** As on opening the log (wal.ts): what is torn is cut off. Throws `log_corrupt`. */
  recover(): LogRecord[] {
    this.#flush()
    const scan = scanFrames(this.#file, readHeader(this.#file, 'simulated'), 'simulated')
    this.#file = this.#file.subarray(0, scan.endBytes)
    this.#sequence = scan.frames
    const records = scan.records.map(decode)
    this.#voted.clear()
    this.#noteVotes(records)
    return records
  }

  /** `isLastOfEpoch`: its certificate is kept for peers that are behind. */
  commit(ref: BlockRef, certificate: Certificate | undefined, isLastOfEpoch: boolean): void {
    this.chain.push(ref)
    this.final = { ref, certificate }
    if (isLastOfEpoch && certificate !== undefined) this.boundaries.set(ref.epoch, certificate)
  }

  /** A final block. */
  load(hash: Hash): BlockRef | undefined {
    return this.chain.find(block => bytesEqual(block.hash, hash))
  }

  #noteVotes(records: readonly LogRecord[]): void {
    for (const record of records) if (record.kind === 'vote') this.#voted.add(statementKey(record.statement))
  }

  #flush(): void {
    const frames = this.#frames.flatMap(records => toFrame(records.map(encode), this.#sequence++, SALT).parts)
    this.#frames = []
    if (frames.length > 0) this.#file = Buffer.concat([this.#file, ...frames])
  }

  #layout(): { frames: number; lastFrameAt: number; headerBytes: number } {
    const headerBytes = fileHeader(SALT).length
    let frames = 0
    let lastFrameAt = headerBytes
    // Length of a frame's body, after mark and sequence; 16 bytes of header before the body.
    for (let at = headerBytes; at < this.#file.length; at += 16 + this.#file.readUInt32LE(at + 8)) {
      lastFrameAt = at
      frames++
    }
    return { frames, lastFrameAt, headerBytes }
  }
}
