/** /ready and /metrics: what they say is true, and the README lists what is served. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { signedTransaction, type TestAccount, testAccount } from '../support/transactions.ts'

const ROOT = join(import.meta.dirname, '../..')
const [sender] = devAccounts() as readonly TestAccount[] as readonly [TestAccount]
const BLOCKS = 5

let node: RunningNode
let text: string

const valueOf = (series: string): number => {
  const line = text.split('\n').find(each => each.startsWith(`${series} `))
  if (line === undefined) throw new Error(`there is no ${series}`)
  return Number(line.slice(series.length + 1))
}

beforeAll(async () => {
  node = await startTestNode(await temporaryDirectory())
  for (let nonce = 0n; nonce < BLOCKS; nonce++) {
    const { bytes, id } = signedTransaction(
      sender,
      nonce,
      { kind: 'transfer', to: testAccount('bob').address, amount: 1n },
      { gasLimit: 400_000n },
    )
    await node.client.api.transaction.submit.mutate({ transaction: `0x${toHex(bytes)}` })
    await node.client.api.transaction.wait.query({ id: `0x${toHex(id)}` })
  }
  const response = await fetch(`${node.node.url}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  text = await response.text()
})
afterAll(async () => {
  await node.stop()
  expect(node.fatal).toEqual([])
  await removeDirectory(node.directory)
})

const served = (): string[] => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name as string)

describe('the metrics', () => {
  it('are those of the README, no more and no less', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
    const table = readme.slice(readme.indexOf('| metric'))
    const rows = table.slice(0, table.indexOf('\n\n')).split('\n').slice(2)
    const listed = rows.flatMap(row =>
      [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
    )
    expect(listed.toSorted()).toEqual(served().toSorted())
  })

  it('tell what happened on the chain', () => {
    const { height, baseFee } = node.node.head.header
    expect(valueOf('vex_final_height')).toBe(Number(height))
    expect(valueOf('vex_head_height')).toBeGreaterThanOrEqual(Number(height))
    expect(valueOf('vex_blocks_total')).toBe(BLOCKS)
    expect(valueOf('vex_blocks_proposed_total')).toBe(BLOCKS)
    expect(valueOf('vex_transactions_total')).toBe(BLOCKS)
    expect(valueOf('vex_gas_used_total')).toBeGreaterThan(BLOCKS * 100_000)
    expect(valueOf('vex_base_fee')).toBe(Number(baseFee))
    expect(valueOf('vex_pool_transactions')).toBe(0)
    expect(valueOf('vex_ready')).toBe(1)
    // Of each block but the first, whose parent is the genesis.
    expect(valueOf('vex_validator_votes_total{result="cast"}')).toBe(BLOCKS - 1)
    expect(valueOf('vex_validator_votes_total{result="missed"}')).toBe(0)
    expect(valueOf('vex_database_bytes')).toBeGreaterThan(1_000)
    expect(valueOf('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  })

  it.each(['vex_block_execution_seconds', 'vex_state_root_seconds'])(
    'have in %s every block since the start, although nobody asked then',
    name => {
      expect(valueOf(`${name}_count`)).toBe(BLOCKS)
      expect(valueOf(`${name}_bucket{le="+Inf"}`)).toBe(BLOCKS)
      expect(valueOf(`${name}_sum`)).toBeGreaterThan(0)
      expect(valueOf(`${name}_bucket{le="2.5"}`)).toBe(BLOCKS)
    },
  )

  it('are all that the Grafana dashboard asks for', () => {
    const path = join(ROOT, 'cli/package/examples/grafana-dashboard.json')
    const { panels } = JSON.parse(readFileSync(path, 'utf8')) as {
      panels: { targets: { expr: string }[] }[]
    }
    const names = new Set(served())
    const asked = panels
      .flatMap(({ targets }) => targets)
      .flatMap(({ expr }) => [...expr.matchAll(/\b(?:vex|process|nodejs)_\w+/g)].map(([name]) => name))
    expect(asked.length).toBeGreaterThan(15)
    expect(asked.filter(name => !names.has(name.replace(/_bucket$/, '')))).toEqual([])
  })
})

describe('/ready', () => {
  it('is 200 at the head, and 503 with the reason where there is no room for blocks', async () => {
    const ready = await fetch(`${node.node.url}/ready`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ ready: true, reasons: [] })

    const directory = await temporaryDirectory()
    let free = 10 ** 12
    const full = await startTestNode(directory, 0, {}, { freeBytes: () => free, minFreeBytes: 2 ** 28 })
    free = 2 ** 27
    await expect
      .poll(async () => (await fetch(`${full.node.url}/ready`)).status, { timeout: 10_000 })
      .toBe(503)
    const answer = (await (await fetch(`${full.node.url}/ready`)).json()) as { reasons: string[] }
    expect(answer.reasons.length).toBe(1)
    expect(await full.client.api.node.status.query()).toMatchObject({
      isReady: false,
      reasons: answer.reasons,
    })
    expect((await fetch(`${full.node.url}/health`)).status).toBe(200)
    await full.stop()
    await removeDirectory(directory)
  })
})
