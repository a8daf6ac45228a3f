/** The thread that verifies: its verdicts are OpenSSL's, in order, and its end is told. */
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import type { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { verifyByOpenssl } from '../../../node/crypto/ed25519.ts'
import { createSignatureChecks, type SignatureChecks } from '../../../node/execution/signature-client.ts'
import type { ParsedTransaction } from '../../../node/types/transaction.ts'
import { signedTransaction, testAccount } from '../../support/transactions.ts'
import { addressOf } from '../mempool/make.ts'

const [alice, bob] = [testAccount('alice'), testAccount('bob')]
const transfer = { kind: 'transfer' as const, to: addressOf('carol'), amount: 1n }

/** Every third is signed by somebody else, every seventh has a bit of its signature changed. */
const mixed = (count: number): ParsedTransaction[] =>
  Array.from({ length: count }, (_, i) => {
    const own = signedTransaction(alice, BigInt(i), transfer)
    const { transaction } = own
    if (i % 3 === 2) {
      const { signature } = signedTransaction(bob, BigInt(i), transfer).transaction
      return { ...own, transaction: { ...transaction, signature } }
    }
    if (i % 7 !== 6) return own
    const signature = Uint8Array.from(transaction.signature)
    signature[i % 64] = (signature[i % 64] as number) ^ 4
    return { ...own, transaction: { ...transaction, signature } }
  })

/** Of this process's threads. proc(5): the 19th field; the name, in brackets, may hold blanks. */
const nicenesses = (): number[] =>
  readdirSync('/proc/self/task').map(id =>
    Number(readFileSync(`/proc/self/task/${id}/stat`, 'utf8').replace(/.*\) /, '').split(' ')[16]),
  )

let checks: SignatureChecks
let faults: Error[]
let workers: Worker[]
const onWorker = (worker: Worker): void => void workers.push(worker)
beforeEach(() => {
  faults = []
  workers = []
  process.on('worker', onWorker)
  checks = createSignatureChecks(error => faults.push(error))
})
afterEach(async () => {
  await checks.close()
  process.off('worker', onWorker)
})

describe('signatures, verified in their thread', () => {
  it('have the verdicts of OpenSSL, however many are asked for at a time', async () => {
    const sizes = [1, 0, 128, 129, 300, 2]
    const asked = sizes.map(mixed)
    const found = await Promise.all(asked.map(transactions => checks.areValid(transactions)))
    expect(found).toEqual(
      asked.map(transactions =>
        transactions.map(({ transaction, id }) =>
          verifyByOpenssl(transaction.body.sender, id, transaction.signature),
        ),
      ),
    )
    expect(found.flat().filter(Boolean).length).toBeGreaterThan(200)
    expect(found.flat().filter(valid => !valid).length).toBeGreaterThan(200)
    expect(workers.length).toBe(1)
  })

  it.runIf(process.platform === 'linux')('give way to the threads that work on blocks', async () => {
    const lowered = nicenesses().filter(niceness => niceness === 10).length
    checks.expect()
    await checks.areValid(mixed(1))
    expect(nicenesses().filter(niceness => niceness === 10)).toHaveLength(lowered + 1)
  })

  it('need no thread while they are few, and one when they are more', async () => {
    expect(await checks.areValid([])).toEqual([])
    for (let i = 0; i < 16; i++) expect(await checks.areValid(mixed(2))).toEqual([true, true])
    expect(workers).toEqual([])
    expect(await checks.areValid(mixed(3))).toEqual([true, true, false])
    expect(workers).toHaveLength(1)
  })

  it('that are few do not start one in the next second either', async () => {
    const alone = createSignatureChecks(error => faults.push(error))
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      for (let i = 0; i < 10; i++) {
        expect(await alone.areValid(mixed(30))).toHaveLength(30)
        vi.advanceTimersByTime(1_001)
      }
    } finally {
      vi.useRealTimers()
    }
    expect(workers).toEqual([])
    await alone.close()
  })

  it('lose their thread when there is nothing to do, and get another', async () => {
    const brief = createSignatureChecks(error => faults.push(error), 50)
    brief.expect()
    expect(await brief.areValid(mixed(3))).toEqual([true, true, false])
    expect(workers).toHaveLength(1)
    await once(workers[0] as Worker, 'exit')
    expect(await brief.areValid(mixed(100))).toHaveLength(100)
    expect(workers).toHaveLength(2)
    await brief.close()
    expect(faults).toEqual([])
  })

  it('have their thread ready when a transaction is expected, and one only', async () => {
    checks.expect()
    checks.expect()
    expect(await checks.areValid(mixed(3))).toEqual([true, true, false])
    expect(workers).toHaveLength(1)
    await checks.close()
    checks.expect()
    expect(workers).toHaveLength(1)
  })

  it('are refused when the node stops, without a fault', async () => {
    const asked = expect(checks.areValid(mixed(500))).rejects.toThrow('the node is stopping')
    await checks.close()
    await asked
    await expect(checks.areValid(mixed(1))).rejects.toThrow('the node is stopping')
    expect(faults).toEqual([])
  })

  it('that cannot be verified any more are a fault, told once', async () => {
    await checks.areValid(mixed(100))
    const asked = expect(checks.areValid(mixed(500))).rejects.toThrow(
      'the thread that verifies signatures has ended',
    )
    await workers[0]?.terminate()
    await asked
    await expect(checks.areValid(mixed(1))).rejects.toThrow('has ended')
    expect(faults.map(({ message }) => message)).toEqual(['the thread that verifies signatures has ended'])
  })
})
