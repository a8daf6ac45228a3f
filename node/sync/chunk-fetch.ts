/**
 * The chunks of a snapshot whose list is proved, from several peers at once. Pure: what happened comes in, what is to be
 * done comes out.
 *
 * Invariants
 * - a chunk is handed on to be stored only if it proves itself under the list (snapshot/chunk-file.ts), as a restore asks;
 * - a peer whose chunk does not is reported, and the chunk fetched elsewhere;
 * - at most MOST_CHUNKS are held or asked for.
 */
import type { NetworkPeer } from '../network/ports.ts'
import { ChunkError, proveChunk } from '../snapshot/chunk-file.ts'
import type { ListedChunk } from '../snapshot/chunk-list.ts'
import { chunkFile } from '../snapshot/manifest.ts'
import { Asking, DONE, invalid, MORE, type Task, useless, type Verdict } from './asking.ts'
import type { Core, DriveEffect, DriveEvent } from './drive.ts'
import { SyncError } from './error.ts'
import { joinParts } from './join-parts.ts'
import { type ListedSnapshot, snapshotPartAnswerCodec, snapshotPartRequestCodec } from './messages.ts'

const MOST_CHUNKS = 8

export interface ProvedChunk {
  readonly listed: ListedChunk
  readonly bytes: Uint8Array
}

export class ChunkFetch implements Core<ProvedChunk> {
  readonly #snapshot: ListedSnapshot
  readonly #holders: ReadonlySet<string>
  readonly #patienceMs: number
  readonly #asking = new Asking(MOST_CHUNKS)
  /** Not asked for yet, the next last. */
  readonly #rest: ListedChunk[]
  readonly #proved: ProvedChunk[] = []
  #open = 0
  #storing = false
  #hasEnded = false

  /** `holders`: who says that they have the snapshot. */
  constructor(options: {
    snapshot: ListedSnapshot
    missing: readonly ListedChunk[]
    holders: ReadonlySet<string>
    patienceMs: number
  }) {
    this.#snapshot = options.snapshot
    this.#rest = options.missing.toReversed()
    this.#holders = options.holders
    this.#patienceMs = options.patienceMs
  }

  nextAtMs(nowMs: number): number | undefined {
    // What is being stored is stored first.
    return this.#asking.nextAtMs(nowMs, this.#storing ? undefined : this.#patienceMs)
  }

  step(event: DriveEvent, nowMs: number): DriveEffect<ProvedChunk>[] {
    if (this.#hasEnded) return []
    switch (event.kind) {
      case 'peers':
        this.#asking.book.update(event.peers)
        break
      case 'answer':
        this.#asking.answer(event.id, event.bytes, nowMs)
        break
      case 'failure':
        this.#asking.failure(event.id, event.code, nowMs)
        break
      case 'worked':
        this.#storing = false
        this.#open--
        break
      case 'time':
    }
    const last = this.#advance(nowMs)
    this.#hasEnded = last.some(({ kind }) => kind === 'end' || kind === 'fail')
    return [...this.#asking.takeEffects(), ...last]
  }

  #advance(nowMs: number): DriveEffect<ProvedChunk>[] {
    while (this.#open < MOST_CHUNKS) {
      const listed = this.#rest.pop()
      if (listed === undefined) break
      this.#open++
      this.#asking.add(this.#task(listed))
    }
    this.#asking.assign(nowMs)
    if (this.#storing) return []
    const work = this.#proved.shift()
    if (work !== undefined) {
      this.#storing = true
      return [{ kind: 'work', work }]
    }
    if (this.#open === 0) return [{ kind: 'end' }]
    const stuck = this.#asking.stuck(nowMs, this.#patienceMs)
    if (stuck === undefined) return []
    const message = `no peer gives ${stuck.what}`
    return [{ kind: 'fail', error: new SyncError('unavailable', message) }]
  }

  #task(listed: ListedChunk): Task {
    const { height, manifestHash } = this.#snapshot
    const file = chunkFile(listed.prefix)
    let begun: { readonly peer: string; readonly bytes: Uint8Array } | undefined

    const accept = (answer: Uint8Array, peer: string): Verdict => {
      const { fileBytes, bytes } = snapshotPartAnswerCodec.decode(answer)
      if (fileBytes !== BigInt(listed.bytes)) return invalid(`it has ${fileBytes} bytes, not ${listed.bytes}`)
      if (bytes.length === 0) return useless('nothing')
      const whole = begun === undefined ? bytes : joinParts(begun.bytes, bytes)
      if (whole.length > listed.bytes) return invalid('more than all of it')
      if (whole.length < listed.bytes) {
        begun = { peer, bytes: whole }
        return MORE
      }
      begun = undefined
      try {
        proveChunk(whole, listed, height)
      } catch (error) {
        if (error instanceof ChunkError) return invalid(error.message)
        throw error
      }
      this.#proved.push({ listed, bytes: whole })
      return DONE
    }

    return {
      name: 'snapshotPart',
      what: `${file} of the snapshot of block ${height}`,
      suits: ({ id }: NetworkPeer) => this.#holders.has(id),
      prefers: () => begun?.peer,
      body: peer => {
        if (begun?.peer !== peer) begun = undefined
        const offset = BigInt(begun?.bytes.length ?? 0)
        return snapshotPartRequestCodec.encode({ version: 1, height, manifestHash, file, offset })
      },
      accept,
    }
  }
}
