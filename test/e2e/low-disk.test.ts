/** A node whose disk runs low under load: it stops making blocks before the disk is full, and goes on by itself. */
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApiClient } from '../../node/api/client.ts'
import { devAccounts } from '../../node/dev.ts'
import { freeBytes, MiB, resumeAtBytes, stopBelowBytes } from '../../node/storage/disk-space.ts'
import { toHex } from '../../node/types/primitives.ts'
import { auditDirectory, createAudit } from '../chaos/audit.ts'
import { createLedger, type Ledger } from '../chaos/ledger.ts'
import { runLoad, settleAll, SINK, tokenBalanceOf } from '../chaos/load.ts'
import { mountSmallDisk, type SmallDisk, whyNoSmallDisk } from '../chaos/small-disk.ts'
import { type NodeProcess, spawnNode, within } from '../chaos/spawn-node.ts'
import { signedTransaction } from '../support/transactions.ts'
import { runVex } from '../support/vex-command.ts'

const DISK_MEGABYTES = 64
const MARK = 16 * MiB
/** What the load still has to fill. */
const SPARE = 1 * MiB
const reason = whyNoSmallDisk()
const title =
  reason === undefined
    ? 'a disk that runs low'
    : `a disk that runs low (skipped, a tmpfs cannot be mounted: ${reason})`

describe.skipIf(reason !== undefined)(title, () => {
  let disk: SmallDisk
  let directory: string
  let ledger: Ledger
  const processes: NodeProcess[] = []

  beforeEach(() => {
    disk = mountSmallDisk(DISK_MEGABYTES)
    directory = join(disk.path, 'data')
    ledger = createLedger(devAccounts().slice(0, 3))
  })
  afterEach(async () => {
    for (const node of processes.splice(0)) {
      node.kill()
      await node.exited
    }
    disk.remove()
  })

  const start = async (): Promise<{ node: NodeProcess; url: string }> => {
    const node = spawnNode(directory, { minFreeBytes: MARK })
    processes.push(node)
    return { node, url: await within(20_000, 'the start', node.started) }
  }
  const warningsOf = ({ news }: NodeProcess): string[] =>
    news.flatMap(item => (item.kind === 'log' ? [(JSON.parse(item.line) as { msg: string }).msg] : []))
  const isTold =
    (node: NodeProcess, pattern: RegExp): (() => Promise<boolean>) =>
    async () =>
      warningsOf(node).some(line => pattern.test(line))
  const until = async (what: string, isIt: () => Promise<boolean>): Promise<void> => {
    const wait = async (): Promise<void> => {
      while (!(await isIt())) await new Promise(resolve => setTimeout(resolve, 50))
    }
    await within(20_000, what, wait())
  }

  it('makes the node wait, which answers meanwhile, and goes on with nothing lost when there is room', async () => {
    const { node, url } = await start()
    await settleAll(url, ledger)
    const client = createApiClient({ url })
    const { api } = client
    const heightNow = async (): Promise<bigint> => BigInt((await api.chain.info.query()).head.height)

    disk.fill(MARK + SPARE)
    const load = new AbortController()
    const loading = runLoad(url, ledger, load.signal)
    // Who sends meanwhile is refused, or waits; both end it.
    const ended = loading.catch((error: Error) => expect(error.message).toMatch(/no blocks are made here/))
    await until('running low', isTold(node, /MiB left: no blocks are made/))
    load.abort()
    // The block that was under way.
    let height = -1n
    await until('standing still', async () => {
      const before = height
      height = await heightNow()
      await new Promise(resolve => setTimeout(resolve, 1_000))
      return height === before
    })
    await new Promise(resolve => setTimeout(resolve, 2_000))
    expect(await heightNow()).toBe(height)
    expect(freeBytes(directory)).toBeGreaterThan(stopBelowBytes(MARK))
    // The database may have given some back meanwhile.
    expect(freeBytes(directory)).toBeLessThan(resumeAtBytes(MARK))

    // How much is left changes from one second to the next while the database compacts.
    const told = expect.stringMatching(
      /^the disk that holds \S+ has [\d.]+ MiB left: no blocks are made here and no transactions taken until 20 MiB are free\. Free some/,
    ) as string
    expect((await api.chain.info.query()).warnings).toEqual([{ code: 'disk_low', message: told }])
    expect(await tokenBalanceOf(client, ledger.token?.address ?? SINK, SINK)).toBeGreaterThan(0n)
    const [, , , other] = devAccounts()
    if (other === undefined) throw new Error('no fourth account')
    const late = signedTransaction(
      other,
      0n,
      { kind: 'transfer', to: SINK, amount: 1n },
      { gasLimit: 400_000n },
    )
    const [answer] = await api.transaction.submitMany.mutate({ transactions: [`0x${toHex(late.bytes)}`] })
    expect(answer).toEqual({ accepted: false, code: 'disk_low', message: told })

    disk.free()
    await until('room again', isTold(node, /free again/))
    await within(20_000, 'going on', ended)
    await settleAll(url, ledger)
    expect((await api.chain.info.query()).warnings).toEqual([])
    // Each once, unless the database itself frees so much: never every second.
    const lines = warningsOf(node).map(line => line.replace(/.*(left|free again).*/, '$1'))
    expect(lines.join(', ')).toMatch(/^(left, free again(, |$)){1,2}$/)
    client.close()
    node.askToStop()
    expect(await within(20_000, 'stopping', node.exited)).toEqual({ code: 0, signal: null })
    await auditDirectory(directory, ledger, createAudit())
    const verified = await runVex(disk.path, ['state', 'verify', '--data-dir', directory])
    expect(verified).toMatchObject({ exitCode: 0, stderr: expect.any(String) })
  })

  it('stops the node in order when something else takes the last of it, and keeps it from starting', async () => {
    const { node, url } = await start()
    await settleAll(url, ledger)
    disk.fill(stopBelowBytes(MARK) - MiB)
    expect(await within(20_000, 'stopping', node.exited)).toEqual({ code: 1, signal: null })
    const faults = node.news.flatMap(item => ('fault' in item ? [`${item.kind} ${item.fault.code}`] : []))
    expect(faults).toEqual(['fatal disk_full'])
    // RocksDB has given back what it had set aside for its log.
    disk.fill(stopBelowBytes(MARK) - MiB)
    await expect(start()).rejects.toThrow(
      /^the disk that holds \S+ is almost full: \S+ MiB are left, and a node needs 4\.0 MiB\. Nothing is corrupted; free space and start again$/,
    )
    disk.free()
    const again = await start()
    await settleAll(again.url, ledger)
    again.node.askToStop()
    expect(await within(20_000, 'stopping', again.node.exited)).toEqual({ code: 0, signal: null })
    await auditDirectory(directory, ledger, createAudit())
  })
})
