import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { VEX } from '../../../node/params.ts'
import { SnapshotError } from '../../../node/snapshot/error.ts'
import { verifySnapshot } from '../../../node/snapshot/verify.ts'
import { genesisHash } from '../../../node/types/genesis.ts'
import { toHash, toHex } from '../../../node/types/primitives.ts'
import { createEpochChain, epochGenesis } from '../../support/epoch-chain.ts'
import { testAccount } from '../../support/transactions.ts'
import { filesOf, NOW_MS, restore, thrownBy, verify, write, useSnapshotFolder } from './snapshot-folder.ts'

const shared = useSnapshotFolder()

describe('a snapshot that was tampered with', () => {
  let bad: string
  beforeEach(() => {
    bad = shared.in('bad')
    rmSync(bad, { recursive: true, force: true })
    cpSync(shared.good, bad, { recursive: true })
  })

  /** The file that a restore of `bad` names. */
  const namedFile = (): string | undefined => {
    const error = thrownBy(() => restore(bad))
    expect(error).toBeInstanceOf(SnapshotError)
    const { code, file, message } = error as SnapshotError
    expect(code).toBe('bad_file')
    expect(message).toContain(`${file} of the snapshot`)
    return file
  }
  const change = (name: string, how: (bytes: Buffer) => Uint8Array): void =>
    writeFileSync(join(bad, name), how(readFileSync(join(bad, name))))
  const changeJson = (
    how: (json: Record<string, unknown> & { chunks: Record<string, unknown>[] }) => void,
  ): void =>
    change('snapshot.json', bytes => {
      const json = JSON.parse(bytes.toString()) as Parameters<typeof how>[0]
      how(json)
      return Buffer.from(JSON.stringify(json))
    })
  const files = (): string[] => [...filesOf(shared.good).keys()]

  it('is refused with the name of the file that is missing, empty, cut, longer or a folder', () => {
    for (const name of files()) {
      const original = readFileSync(join(bad, name))
      const forms: [string, () => void][] = [
        ['missing', () => rmSync(join(bad, name))],
        ['empty', () => writeFileSync(join(bad, name), '')],
        ['cut', () => writeFileSync(join(bad, name), original.subarray(0, -3))],
        ['longer', () => writeFileSync(join(bad, name), Buffer.concat([original, Buffer.from([1, 2, 3])]))],
        [
          'a folder',
          () => {
            rmSync(join(bad, name))
            mkdirSync(join(bad, name))
          },
        ],
      ]
      for (const [form, make] of forms) {
        make()
        expect(namedFile(), `${name}, ${form}`).toBe(name)
        rmSync(join(bad, name), { recursive: true, force: true })
        writeFileSync(join(bad, name), original)
      }
    }
    restore(bad)
  })

  it('is refused for a bit in any of its files: with the name of the file, or of the one that it speaks of', () => {
    for (const name of files()) {
      const original = readFileSync(join(bad, name))
      for (let at = 0; at < original.length; at += Math.max(1, Math.floor(original.length / 12))) {
        change(name, bytes => {
          bytes[at] = (bytes[at] as number) ^ 1
          return bytes
        })
        const named = namedFile()
        if (name === 'snapshot.json')
          expect(named).toMatch(/^(snapshot\.json|genesis\.json|hand-overs|chunks\/\w+)$/)
        else expect(named, `${name}, byte ${at}`).toBe(name)
        writeFileSync(join(bad, name), original)
      }
    }
  })

  it('is refused if two chunks are exchanged', () => {
    const [a, b] = files().filter(name => name.startsWith('chunks/')) as [string, string]
    const first = readFileSync(join(bad, a))
    writeFileSync(join(bad, a), readFileSync(join(bad, b)))
    writeFileSync(join(bad, b), first)
    expect(thrownBy(() => restore(bad))).toMatchObject({
      message: `2 files of the snapshot are missing or damaged: ${a}, ${b}. Fetch them again`,
    })
  })

  it('is refused if its list is of another height, root, chain or genesis, or of chunks that make another root', () => {
    const cases: [Parameters<typeof changeJson>[0], RegExp][] = [
      [json => (json['height'] = '8'), /hand-overs of the snapshot goes on after block 8/],
      [
        json => (json['height'] = '16'),
        /hand-overs of the snapshot ends with block 12, and snapshot.json says block 16/,
      ],
      [json => (json['height'] = '0'), /snapshot.json of the snapshot is damaged: height/],
      [
        json => (json['stateRoot'] = '00'.repeat(32)),
        /snapshot.json of the snapshot says another state root/,
      ],
      [
        json => (json['blockHash'] = '00'.repeat(32)),
        /snapshot.json of the snapshot says that block 12 has the hash/,
      ],
      [json => (json['genesisHash'] = '00'.repeat(32)), /genesis.json of the snapshot has the hash/],
      [json => (json['chainId'] = 'other'), /snapshot.json of the snapshot says chain "other"/],
      [json => (json['formatVersion'] = 2), /has format 2; this version of Vex knows 1: update it/],
      [json => json.chunks.pop(), /lists chunks that do not make the state root/],
      [json => json.chunks.reverse(), /lists chunks that overlap or are not in order/],
      [json => (json['extra'] = 1), /snapshot.json of the snapshot is damaged/],
      [
        json => ((json.chunks[0] as { bytes: number }).bytes = 2 ** 40),
        /snapshot.json of the snapshot is damaged/,
      ],
    ]
    for (const [how, expected] of cases) {
      changeJson(how)
      expect((thrownBy(() => restore(bad)) as Error).message).toMatch(expected)
      cpSync(join(shared.good, 'snapshot.json'), join(bad, 'snapshot.json'))
    }
  })

  it('is refused if the votes are of other validators, or of another chain with the same ones', () => {
    const other = createEpochChain()
    other.add([{ kind: 'transfer', to: testAccount('somebody').address, amount: VEX }])
    other.grow(12n)
    write(other, shared.in('other-history'))
    // Each file is sound by itself.
    cpSync(shared.in('other-history/block'), join(bad, 'block'))
    expect(namedFile()).toBe('block')
    cpSync(shared.in('other-history/hand-overs'), join(bad, 'hand-overs'))
    expect(namedFile()).toBe('snapshot.json')
  })

  it('of another chain or block than was asked for is refused, before anything is looked for in it', () => {
    const { genesisHash: chain, blockHash } = verify(shared.good).manifest
    expect(chain).toEqual(genesisHash(epochGenesis))
    const other = toHash(new Uint8Array(32))
    const ask = (options: object) => verifySnapshot({ folder: shared.good, nowMs: NOW_MS, ...options })
    ask({ expectedGenesisHash: chain, expectedBlockHash: blockHash })
    expect(thrownBy(() => ask({ expectedGenesisHash: other }))).toMatchObject({ code: 'another_chain' })
    expect(thrownBy(() => ask({ expectedBlockHash: other }))).toMatchObject({
      code: 'another_chain',
      message: expect.stringContaining(
        `has the hash ${toHex(blockHash)}, not that of the checkpoint`,
      ) as unknown,
    })
  })

  it('from the future is refused: the clock is wrong, or the chain', () => {
    expect(thrownBy(() => verifySnapshot({ folder: shared.good, nowMs: 1_600_000_000_000n }))).toMatchObject({
      file: 'hand-overs',
      message: expect.stringContaining('of a time that is not yet') as unknown,
    })
  })
})
