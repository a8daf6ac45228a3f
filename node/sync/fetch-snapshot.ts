/**
 * A snapshot from peers into a folder, as `vex state snapshot` writes one. Nothing is believed that snapshot/verify.ts and
 * snapshot/chunk-file.ts do not prove: the hand-overs lead from the genesis to the block, its state root to the list of
 * chunks, the list to each chunk.
 *
 * The small files come from one peer each time, so that it is plain whose they are if they do not hold; chunks come from
 * all that have the same list. A file gets its name when it is whole: a fetch that was killed goes on with what is there.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { type NetworkPeer, RequestError, type Requests } from '../network/ports.ts'
import { REQUESTS } from '../network/request-table.ts'
import { LIMITS } from '../params.ts'
import { ChunkError, proveChunk } from '../snapshot/chunk-file.ts'
import type { ListedChunk } from '../snapshot/chunk-list.ts'
import { SnapshotError } from '../snapshot/error.ts'
import { readSizedFile, readSnapshotText } from '../snapshot/files.ts'
import { chunkFile, FILE_LIMITS, SNAPSHOT_FILES } from '../snapshot/manifest.ts'
import { readHandOvers, type VerifiedSnapshot, verifySnapshot } from '../snapshot/verify.ts'
import { blockHash } from '../types/block.ts'
import { CodecError } from '../types/codec.ts'
import { bytesEqual, type Hash, type Height, type TimeMs, toHex } from '../types/primitives.ts'
import { ChunkFetch, type ProvedChunk } from './chunk-fetch.ts'
import { drive } from './drive.ts'
import { SyncError } from './error.ts'
import type { Checkpoint } from './header-spans.ts'
import {
  type ListedSnapshot,
  snapshotPartAnswerCodec,
  snapshotPartRequestCodec,
  snapshotsAnswerCodec,
  snapshotsRequestCodec,
} from './messages.ts'
import { hashManifest } from './snapshot-shelf.ts'

export interface FetchProgress {
  readonly height: Height
  /** That are there, of all. */
  readonly chunks: number
  readonly allChunks: number
}

export interface FetchSnapshotOptions {
  readonly requests: Requests
  /** What the user trusts: everything is proved from it. */
  readonly genesisHash: Hash
  /** Of a block that the user trusts, too: the last of an epoch, or one above the snapshot (the block sync checks that). */
  readonly checkpoint?: Checkpoint | undefined
  /** Where the snapshot is put; what an earlier fetch left there is used. */
  readonly folder: string
  /** Wall clock. */
  readonly nowMs: () => TimeMs
  /** How long is waited for a peer that has what is needed. Default: 15 s. */
  readonly patienceMs?: number | undefined
  /** Between what is asked of one peer, and before all are asked again. Default: by the clock. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined
  readonly onProgress?: ((progress: FetchProgress) => void) | undefined
  readonly signal: AbortSignal
}

const PATIENCE_MS = 15_000
const LIST_AGAIN_MS = 1_000
/** Of one part of a small file. */
const MOST_TRIES = 3
const PART_PAUSE_MS = 1_250 / REQUESTS.snapshotPart.perSecond
const PART_SUFFIX = '.part'
/** Receipts and hand-overs follow from what the chain holds; who sends more than this has something else in mind. */
const MOST_FILE_BYTES = 1 << 30

interface Offer {
  readonly snapshot: ListedSnapshot
  readonly holders: Set<string>
}

/** The peer does not give what it offers. */
class BrokenOffer extends Error {
  override readonly name = 'BrokenOffer'
}

const nameOf = ({ height, manifestHash }: ListedSnapshot): string => `${height}/${toHex(manifestHash)}`

const throwIfAborted = (signal: AbortSignal): void => {
  if (signal.aborted)
    throw new SyncError('aborted', 'the fetch was stopped; it goes on when it is started again')
}

/** What the peers have, newest first, then what most have. */
const listOffers = async ({ requests, signal }: FetchSnapshotOptions): Promise<Offer[]> => {
  const offers = new Map<string, Offer>()
  const ask = async ({ id }: NetworkPeer): Promise<void> => {
    try {
      const body = snapshotsRequestCodec.encode({ version: 1 })
      const answer = await requests.request(id, 'snapshots', body, signal)
      for (const snapshot of snapshotsAnswerCodec.decode(answer).snapshots) {
        const name = nameOf(snapshot)
        const offer = offers.get(name) ?? { snapshot, holders: new Set() }
        offers.set(name, offer)
        offer.holders.add(id)
      }
    } catch (error) {
      if (error instanceof CodecError)
        requests.report(id, 'invalid', `its list of snapshots: ${error.message}`)
      else if (!(error instanceof RequestError)) throw error
    }
  }
  await Promise.all(requests.peers().map(ask))
  return [...offers.values()].sort((a, b) =>
    a.snapshot.height === b.snapshot.height
      ? b.holders.size - a.holders.size
      : a.snapshot.height > b.snapshot.height
        ? -1
        : 1,
  )
}

/** Whatever another fetch has left there, and nothing else. */
const clearFolder = (folder: string): void => {
  const known: readonly string[] = Object.values(SNAPSHOT_FILES)
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const whole = name.endsWith(PART_SUFFIX) ? name.slice(0, -PART_SUFFIX.length) : name
    if (!known.includes(whole))
      throw new SnapshotError(
        'exists',
        `${folder} holds ${name}, which is no part of a snapshot: give another folder`,
      )
  }
  rmSync(folder, { recursive: true, force: true })
}

class Fetch {
  readonly #options: FetchSnapshotOptions
  readonly #folder: string

  constructor(options: FetchSnapshotOptions) {
    this.#options = options
    this.#folder = options.folder
  }

  /** What the folder holds, but for chunks; `undefined` if that is no snapshot of this chain. */
  own(): { readonly manifestHash: Hash; readonly verified: VerifiedSnapshot } | undefined {
    try {
      const text = readSnapshotText(this.#folder, SNAPSHOT_FILES.manifest, FILE_LIMITS.manifest)
      return { manifestHash: hashManifest(text), verified: this.#verify() }
    } catch (error) {
      if (error instanceof SnapshotError) return undefined
      throw error
    }
  }

  #verify(): VerifiedSnapshot {
    const { genesisHash: expectedGenesisHash, checkpoint, nowMs } = this.#options
    const verified = verifySnapshot({ folder: this.#folder, nowMs: nowMs(), expectedGenesisHash })
    if (checkpoint !== undefined) this.#compare(verified, checkpoint)
    return verified
  }

  #compare({ manifest }: VerifiedSnapshot, { height, hash }: Checkpoint): void {
    if (height > manifest.height) return
    for (const { header } of readHandOvers(this.#folder, () => {})) {
      if (header.height !== height) continue
      if (bytesEqual(blockHash(header), hash)) return
      throw new SyncError(
        'wrong_checkpoint',
        `block ${height} of the snapshot's chain is ${toHex(blockHash(header))}, not the trusted ${toHex(hash)}`,
      )
    }
    throw new SyncError(
      'wrong_checkpoint',
      `block ${height} ends no epoch, so that a snapshot does not show it: trust the last block of an epoch`,
    )
  }

  /** All but the chunks, from the first of those who offer it that gives what holds. */
  async small({ snapshot, holders }: Offer): Promise<VerifiedSnapshot | undefined> {
    for (const peer of holders) {
      throwIfAborted(this.#options.signal)
      clearFolder(this.#folder)
      try {
        return await this.#smallOf(peer, snapshot)
      } catch (error) {
        holders.delete(peer)
        if (error instanceof SnapshotError || error instanceof CodecError || error instanceof BrokenOffer)
          this.#options.requests.report(
            peer,
            'invalid',
            `snapshot of block ${snapshot.height}: ${error.message}`,
          )
        else if (!(error instanceof RequestError) || error.code === 'aborted') throw error
      }
    }
    return undefined
  }

  async #smallOf(peer: string, snapshot: ListedSnapshot): Promise<VerifiedSnapshot> {
    const { manifest, genesis, handOvers, block, receipts, chunks } = SNAPSHOT_FILES
    await mkdir(join(this.#folder, chunks), { recursive: true })
    await this.#file(peer, snapshot, manifest, FILE_LIMITS.manifest)
    const text = readSnapshotText(this.#folder, manifest + PART_SUFFIX, FILE_LIMITS.manifest)
    if (!bytesEqual(hashManifest(text), snapshot.manifestHash))
      throw new BrokenOffer(`${manifest} is not the one that was offered`)
    const rest: readonly [name: string, maxBytes: number][] = [
      [genesis, FILE_LIMITS.genesis],
      [handOvers, MOST_FILE_BYTES],
      [block, LIMITS.blockBytes],
      [receipts, MOST_FILE_BYTES],
    ]
    for (const [name, maxBytes] of rest) {
      await this.#file(peer, snapshot, name, maxBytes)
      await this.#keep(name)
    }
    // Last: without it the folder holds no snapshot.
    await this.#keep(manifest)
    const verified = this.#verify()
    const { height, blockHash: hash } = verified.manifest
    if (height !== snapshot.height || !bytesEqual(hash, snapshot.blockHash))
      throw new BrokenOffer(`it is of block ${height}, which is another than the one that was offered`)
    return verified
  }

  #keep(name: string): Promise<void> {
    const path = join(this.#folder, name)
    return rename(path + PART_SUFFIX, path)
  }

  /** Under the name of what is not whole yet. */
  async #file(peer: string, snapshot: ListedSnapshot, name: string, maxBytes: number): Promise<void> {
    const { pause = sleep } = this.#options
    const file = await open(join(this.#folder, name + PART_SUFFIX), 'w')
    try {
      for (let at = 0; ; await pause(PART_PAUSE_MS)) {
        const { fileBytes, bytes } = await this.#part(peer, snapshot, name, BigInt(at))
        if (fileBytes > BigInt(maxBytes))
          throw new BrokenOffer(`${name} has ${fileBytes} bytes, and may have ${maxBytes} at most`)
        at += bytes.length
        if (BigInt(at) > fileBytes || (bytes.length === 0 && BigInt(at) < fileBytes))
          throw new BrokenOffer(`${name} has another size than it says`)
        await file.writeFile(bytes)
        if (BigInt(at) === fileBytes) return
      }
    } finally {
      await file.close()
    }
  }

  async #part(peer: string, { height, manifestHash }: ListedSnapshot, file: string, offset: bigint) {
    const { requests, signal } = this.#options
    const body = snapshotPartRequestCodec.encode({ version: 1, height, manifestHash, file, offset })
    for (let tries = 1; ; tries++) {
      try {
        return snapshotPartAnswerCodec.decode(await requests.request(peer, 'snapshotPart', body, signal))
      } catch (error) {
        if (!(error instanceof RequestError) || error.code !== 'timeout' || tries === MOST_TRIES) throw error
        requests.report(peer, 'useless', `${file} of the snapshot of block ${height}: no answer in time`)
      }
    }
  }

  /** Those that are not there, or are there and not right. */
  async missing({ manifest: { chunks, height } }: VerifiedSnapshot): Promise<ListedChunk[]> {
    const missing: ListedChunk[] = []
    for (const listed of chunks) {
      if (!this.#isThere(listed, height)) missing.push(listed)
      await setImmediate()
      throwIfAborted(this.#options.signal)
    }
    return missing
  }

  #isThere(listed: ListedChunk, height: Height): boolean {
    const file = chunkFile(listed.prefix)
    if (!existsSync(join(this.#folder, file))) return false
    try {
      proveChunk(readSizedFile(this.#folder, file, listed.bytes), listed, height)
      return true
    } catch (error) {
      if (!(error instanceof ChunkError) && !(error instanceof SnapshotError)) throw error
      rmSync(join(this.#folder, file))
      return false
    }
  }

  async chunks({ snapshot, holders }: Offer, verified: VerifiedSnapshot): Promise<void> {
    const { requests, signal, onProgress, patienceMs = PATIENCE_MS } = this.#options
    const missing = await this.missing(verified)
    const { height, chunks } = verified.manifest
    let there = chunks.length - missing.length
    const tell = (): void => onProgress?.({ height, chunks: there, allChunks: chunks.length })
    tell()
    const store = async ({ listed, bytes }: ProvedChunk): Promise<void> => {
      const file = chunkFile(listed.prefix)
      await writeFile(join(this.#folder, file + PART_SUFFIX), bytes)
      await this.#keep(file)
      there++
      tell()
    }
    await drive(new ChunkFetch({ snapshot, missing, holders, patienceMs }), { requests, work: store, signal })
  }
}

/**
 * The newest snapshot that a peer has and that holds, whole in `folder`; or the one that an earlier call has begun there,
 * as long as it can be had. Rejects with a {@link SyncError}.
 */
export const fetchSnapshot = async (options: FetchSnapshotOptions): Promise<VerifiedSnapshot> => {
  const { signal, patienceMs = PATIENCE_MS, pause = sleep } = options
  const fetch = new Fetch(options)
  const until = performance.now() + patienceMs
  const own = fetch.own()
  if (own !== undefined && (await fetch.missing(own.verified)).length === 0) return own.verified
  let refusal: SyncError | undefined
  for (;;) {
    throwIfAborted(signal)
    const offers = await listOffers(options)
    const isOwn = ({ snapshot }: Offer): boolean =>
      own !== undefined && bytesEqual(snapshot.manifestHash, own.manifestHash)
    for (const offer of [...offers.filter(isOwn), ...offers.filter(other => !isOwn(other))])
      try {
        const verified = isOwn(offer)
          ? (fetch.own()?.verified ?? (await fetch.small(offer)))
          : await fetch.small(offer)
        if (verified === undefined) continue
        await fetch.chunks(offer, verified)
        return verified
      } catch (error) {
        if (!(error instanceof SyncError) || error.code === 'aborted') throw error
        refusal = error
      }
    if (performance.now() >= until)
      throw (
        refusal ??
        new SyncError(
          'no_snapshot',
          `none of ${options.requests.peers().length} peers has a snapshot that holds`,
        )
      )
    await pause(LIST_AGAIN_MS)
  }
}
