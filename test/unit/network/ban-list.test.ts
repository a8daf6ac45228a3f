import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readBans, writeBans } from '../../../node/network/ban-list.ts'
import { PeerScores } from '../../../node/network/scores.ts'
import { closeNetworks, createTestNetwork } from '../../support/test-network.ts'

let folder: string
const lines: string[] = []
const logger = pino({ level: 'warn' }, { write: line => void lines.push(line) })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vex-bans-'))
  lines.length = 0
})
afterEach(async () => {
  await closeNetworks()
  rmSync(folder, { recursive: true })
})

const banned = (): PeerScores => {
  const scores = new PeerScores()
  while (scores.report('somebody', 'invalid', Date.now()) === undefined);
  return scores
}

it('bans are there again after a restart', () => {
  const path = join(folder, 'bans.json')
  writeBans(banned(), path, logger)
  const again = new PeerScores()
  readBans(again, path, logger)
  expect(again.isBanned('somebody', Date.now())).toBe(true)
  expect(lines).toEqual([])
})

it('a list that cannot be read bans nobody, and is told of; one that is not there is nothing to tell', () => {
  const path = join(folder, 'bans.json')
  readBans(new PeerScores(), path, logger)
  expect(lines).toEqual([])
  writeFileSync(path, '{"version":1,"bans":[{"peer":""}]}')
  const scores = new PeerScores()
  readBans(scores, path, logger)
  expect(scores.bans(Date.now())).toEqual([])
  expect(lines.join()).toContain('cannot be read')
})

it('where nothing can be written the node goes on: bans, and the address book', async () => {
  writeBans(banned(), join(folder, 'nowhere', 'bans.json'), logger)
  expect(lines.join()).toContain('not kept over a restart')
  const network = await createTestNetwork('full disk', { bookPath: join(folder, 'nowhere', 'peers.json') })
  await network.close()
  expect(network.lines.some(({ msg }) => msg.includes('not remembered over a restart'))).toBe(true)
})

it('the address book is written when the network ends', async () => {
  const path = join(folder, 'peers.json')
  await (await createTestNetwork('book', { bookPath: path })).close()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, peers: [] })
})
