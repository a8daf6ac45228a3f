/** A data directory, file by file, each only read. What depends on a file that is wrong is not looked at. */
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkGenesis } from '../../node/chain/genesis.ts'
import { readFloor } from '../../node/consensus/floor.ts'
import { readHeader, scanFrames } from '../../node/consensus/log-format.ts'
import { recordCodec } from '../../node/consensus/records.ts'
import { coversMark, isRetired, markOfRecords } from '../../node/consensus/signed-mark.ts'
import { signerOwner } from '../../node/consensus/signer-owner.ts'
import { keysProblem, parseConfig } from '../../node/config.ts'
import { parseGenesis } from '../../node/genesis-file.ts'
import { readJournal } from '../../node/mempool/journal.ts'
import { parseNodeKey } from '../../node/network/node-key.ts'
import { DATA_FILES } from '../../node/storage/data-directory.ts'
import { readFormat } from '../../node/storage/format-file.ts'
import type { Migration } from '../../node/storage/migration.ts'
import { describePending, formatVersion } from '../../node/storage/migrations.ts'
import { readRestoreMark, restoreCommand } from '../../node/storage/restore-mark.ts'
import { type Genesis, genesisHash } from '../../node/types/genesis.ts'
import { bytesEqual, toHex } from '../../node/types/primitives.ts'
import { isEncrypted, readIdentity, type ValidatorIdentity } from '../../node/validator-key-file.ts'
import { NO_PROGRESS } from '../terminal/progress.ts'
import { checkDatabase, type StartProgress } from './database.ts'
import { examine, type Finding, quoted, Wrong } from './finding.ts'
import { lockHolder } from './lock.ts'

const OTHERS_MAY = 0o077
const EDITOR = '${EDITOR:-vi}'

const isMovedAway = (path: string): boolean => {
  const floor = readFloor(readFileSync(path), path)
  return floor !== undefined && isRetired(floor.mark)
}

export const checkDirectory = async (
  path: string,
  {
    isDeep,
    startProgress = () => NO_PROGRESS,
    isDefault,
    migrations,
  }: {
    isDeep: boolean
    isDefault: boolean
    startProgress?: StartProgress
    migrations?: readonly Migration[]
  },
): Promise<Finding[]> => {
  const findings: Finding[] = []
  const file = (name: keyof typeof DATA_FILES): string => join(path, DATA_FILES[name])
  const restore = (name: keyof typeof DATA_FILES): string =>
    `cp -a COPY/${DATA_FILES[name]} ${quoted(path)}/   (COPY: your copy of this directory)`
  const anew = `vex dev --reset --data-dir ${quoted(path)}   (a new chain; to keep this one: cp -a COPY/. ${quoted(path)}/)`
  const run = async (...args: Parameters<typeof examine>): Promise<boolean> => {
    const finding = await examine(...args)
    findings.push(finding)
    return finding.status !== 'wrong'
  }

  if (!existsSync(path)) {
    const message = `there is no data directory ${path}`
    const repair = `vex dev --data-dir ${quoted(path)}`
    return [{ check: 'directory', status: isDefault ? 'note' : 'wrong', message, repair }]
  }
  const isUsable = await run('permissions', `sudo chown -R "$USER" ${quoted(path)}`, () => {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    for (const name of Object.values(DATA_FILES)) {
      const at = join(path, name)
      if (existsSync(at)) accessSync(at, constants.R_OK | constants.W_OK)
    }
    return `this user may read and write ${path}`
  })
  if (!isUsable) return findings

  const mark = readRestoreMark(path)
  if (mark !== undefined && !existsSync(file('format'))) {
    const message = `${path} holds a snapshot that is not restored in full yet`
    return [...findings, { check: 'restore', status: 'wrong', message, repair: restoreCommand(path, mark) }]
  }

  let genesis: Genesis | undefined
  await run('genesis', restore('genesis'), () => {
    if (!existsSync(file('genesis'))) throw new Error(`${file('genesis')} is missing`)
    const parsed = parseGenesis(readFileSync(file('genesis'), 'utf8'))
    checkGenesis(parsed)
    genesis = parsed
    return `chain ${JSON.stringify(parsed.chainId)}, ${toHex(genesisHash(parsed))}`
  })
  const rewriteFormat = (): string =>
    genesis === undefined
      ? restore('format')
      : `echo '{"version":${formatVersion(migrations)},"genesisHash":"${toHex(genesisHash(genesis))}"}' > ${quoted(file('format'))}   # if this version of Vex ran here last`
  let pending: string | undefined
  const hasFormat = await run('format', rewriteFormat(), () => {
    const format = readFormat(path, migrations)
    if (format === undefined) {
      if (existsSync(file('initializing')))
        return {
          status: 'note',
          message: 'making this directory was interrupted; the next start does it again',
        }
      throw new Error(`${file('format')} is missing`)
    }
    if (genesis !== undefined && !bytesEqual(genesisHash(genesis), format.genesisHash))
      throw new Wrong(
        `genesis.json was changed: its hash is ${toHex(genesisHash(genesis))}, and format.json says ${toHex(format.genesisHash)}`,
        restore('genesis'),
      )
    pending = describePending(format.version, migrations)
    if (pending === undefined) return `data format ${format.version}`
    const start = format.isMigrating ? 'a start was interrupted while it carried it over: ' : ''
    return {
      status: 'note',
      message: `data format ${format.version}: ${start}${pending}. The way back is a copy made before: cp -a ${quoted(path)} COPY`,
    }
  })

  let keys: ValidatorIdentity | undefined
  await run('keys', restore('validatorKeys'), () => {
    if (!existsSync(file('validatorKeys'))) {
      if (existsSync(file('signerFloor')) && !isMovedAway(file('signerFloor')))
        throw new Error(`${file('validatorKeys')} is missing, but a validator has voted with it here`)
      return { status: 'note', message: 'no validator key: this node only follows' }
    }
    const text = readFileSync(file('validatorKeys'), 'utf8')
    keys = readIdentity(text, file('validatorKeys'))
    if ((statSync(file('validatorKeys')).mode & OTHERS_MAY) !== 0)
      throw new Wrong(
        `${file('validatorKeys')} can be read by others`,
        `chmod 600 ${quoted(file('validatorKeys'))}`,
      )
    return `vote key ${toHex(keys.voteKey).slice(0, 16)}…${isEncrypted(text) ? ', encrypted' : ''}`
  })

  if (existsSync(file('config')))
    await run('settings', `${EDITOR} ${quoted(file('config'))}`, () => {
      const { kind } = parseConfig(readFileSync(file('config'), 'utf8'), file('config'))
      const problem = keysProblem(kind, keys !== undefined)
      if (problem !== undefined) throw new Error(`${file('config')}: ${problem}`)
      return `kind ${kind}`
    })
  if (existsSync(file('nodeKey')))
    await run('node key', restore('nodeKey'), () => {
      parseNodeKey(readFileSync(file('nodeKey'), 'utf8'), file('nodeKey'))
      if ((statSync(file('nodeKey')).mode & OTHERS_MAY) !== 0)
        throw new Wrong(`${file('nodeKey')} can be read by others`, `chmod 600 ${quoted(file('nodeKey'))}`)
      return 'for the owner only'
    })

  const holder = lockHolder(file('database'))
  if (holder !== undefined) {
    const who = holder === 0 ? 'a process in another container' : `process ${holder}`
    const message = `in use by a running node, ${who}: its database and logs change, and are not checked. Stop it first: kill ${holder || 'PID'}`
    return [...findings, { check: 'lock', status: 'note', message }]
  }
  findings.push({ check: 'lock', status: 'ok', message: 'no node runs here' })

  if (hasFormat && genesis !== undefined) {
    const hasDatabase = existsSync(join(file('database'), 'CURRENT'))
    if (hasDatabase && pending !== undefined)
      findings.push({
        check: 'database',
        status: 'note',
        message: `not looked at: ${pending}. Then run this again`,
      })
    else if (hasDatabase)
      findings.push(
        ...(await checkDatabase({ path: file('database'), genesis, isDeep, startProgress, repair: anew })),
      )
    else if (existsSync(file('format')))
      findings.push({
        check: 'database',
        status: 'wrong',
        message: `${file('database')} is missing or lacks its file CURRENT`,
        repair: anew,
      })
  }

  // Alone a validator cannot contradict itself in the eyes of others: what it votes from here on is all there is.
  const isAlone = genesis?.validators.length === 1
  const removeVotes = isAlone
    ? `rm -f ${quoted(file('consensusLog'))} ${quoted(file('signerFloor'))}`
    : restore('consensusLog')
  let known: ReturnType<typeof markOfRecords>
  const hasLog = await run('consensus log', removeVotes, () => {
    const at = file('consensusLog')
    if (!existsSync(at)) {
      if (existsSync(file('signerFloor'))) throw new Error(`${at} is missing, but this validator has voted`)
      return { status: 'note', message: 'nothing was voted yet' }
    }
    const bytes = readFileSync(at)
    const scan = scanFrames(bytes, readHeader(bytes, at), at)
    const records = scan.records.map(record => recordCodec.decode(record))
    const vote = keys?.voteKey
    for (const record of records)
      if (
        record.kind === 'owner' &&
        (record.chainId !== genesis?.chainId || (vote && !bytesEqual(record.voteKey, vote)))
      )
        throw new Error(`${at} belongs to another chain or vote key`)
    known = markOfRecords(records.flatMap(record => (record.kind === 'owner' ? [] : [record])))
    const torn = bytes.length - scan.endBytes
    return `${records.length} records${torn === 0 ? '' : `; ${torn} bytes of an unfinished write at the end, which a start cuts off`}`
  })
  await run('signer’s floor', isAlone ? removeVotes : restore('signerFloor'), () => {
    const at = file('signerFloor')
    if (!existsSync(at)) return { status: 'note', message: 'there is none; the next start makes it' }
    const floor = readFloor(readFileSync(at), at)
    if (floor === undefined) return 'nothing was signed yet'
    if (keys !== undefined && genesis !== undefined) {
      const owner = signerOwner(genesis.chainId, keys.voteKey)
      if (!floor.owner.equals(owner)) throw new Error(`${at} belongs to another chain or vote key`)
    }
    const { mark } = floor
    if (isRetired(mark)) {
      const away = `the keys were moved away from here (vex keys export): they must not vote here again`
      if (keys === undefined) return { status: 'note', message: away }
      throw new Wrong(`${at}: ${away}`, `rm ${quoted(file('validatorKeys'))}`)
    }
    if (hasLog && !coversMark(known, mark))
      throw new Error(
        `${at} says that more was signed (epoch ${mark.epoch}, view ${mark.view}) than consensus.log knows`,
      )
    return `signed up to epoch ${mark.epoch}, view ${mark.view}`
  })
  await run('journal', `rm ${quoted(file('mempoolJournal'))}`, async () => {
    const at = file('mempoolJournal')
    if (!existsSync(at)) return { status: 'note', message: 'no transaction waits' }
    const transactions = await readJournal(at)
    const size = 8 + transactions.reduce((sum, { length }) => sum + 8 + length, 0)
    const lost = statSync(at).size - size
    if (lost === 0) return `${transactions.length} transactions`
    return {
      status: 'note',
      message: `${transactions.length} transactions; ${Math.abs(lost)} bytes cannot be read, and what waited in them has to be sent again`,
    }
  })
  return findings
}
