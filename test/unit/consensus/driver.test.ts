import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLog } from '../../../node/consensus/wal.ts'
import { MemoryApplication, startSingle, until } from './single-chain.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vex-consensus-'))
})
afterEach(() => rm(directory, { recursive: true }))

const logPath = () => join(directory, 'consensus.log')

describe('one validator', () => {
  it('makes blocks one after another', async () => {
    const application = new MemoryApplication()
    const { consensus, fatal } = startSingle(await openLog(logPath()), application)
    await until(() => application.chain.length >= 5, 'five blocks')
    await consensus.stop()
    expect(fatal).toEqual([])
    expect(application.chain.map(({ ref }) => ref.height).slice(0, 5)).toEqual([1n, 2n, 3n, 4n, 5n])
    expect(application.certificates[0]?.kind).toBe('finalize')
  })
})
