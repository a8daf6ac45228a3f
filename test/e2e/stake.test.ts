/** `vex stake` and `vex validators`, typed as a user types them, on a chain whose epochs are four blocks. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blsSign } from '../../node/crypto/bls.ts'
import { type ApiClient, createApiClient } from '../../node/api/client.ts'
import { DEV_CHAIN_ID, devAccounts, devGenesis } from '../../node/dev.ts'
import { startNode, type VexNode } from '../../node/node.ts'
import { evidenceCodec, voteEvidence } from '../../node/types/evidence.ts'
import { type Address, toHash, toHex } from '../../node/types/primitives.ts'
import { voteMessage } from '../../node/types/vote.ts'
import { createValidatorKeys, parseValidatorKeys } from '../../node/validator-keys.ts'
import { type AccountClient, createAccountClient } from '../../node/wallet/send.ts'
import { type Finished, runVex } from '../support/vex-command.ts'

let folder: string
let node: VexNode
let validator: string
let client: ApiClient
let spender: AccountClient
let receiver: Address

const vex = (...args: string[]): Promise<Finished> => runVex(folder, args, { VEX_URL: node.url })
const vexJson = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const { exitCode, stdout, stderr } = await vex(...args, '--json')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as T
}
const failure = async (
  ...args: string[]
): Promise<{ code: string; message: string; exitCode: number | null }> => {
  const { exitCode, stderr } = await vex(...args, '--json')
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } }
  return { ...error, exitCode }
}

interface Validators {
  readonly epoch: string
  readonly lastHeight: string
  readonly totalPower: string
  readonly validators: readonly {
    address: string
    status: string
    power: string
    stake: string
    commissionBps: number
  }[]
  readonly leaders: readonly Record<
    'view' | 'validator' | 'draw' | 'point' | 'from' | 'to' | 'totalPower',
    string
  >[]
}
interface Stakes {
  readonly delegations: readonly { validator: string; amount: string; rewards: string }[]
  readonly unbonding: readonly { amount: string; epoch: string; leftAtEpoch: string; isMature: boolean }[]
}

/** A block of its own: with nothing to do none is made for long. */
const block = () => spender.send({ kind: 'transfer', to: receiver, amount: 1n })
const epoch = async (): Promise<bigint> => BigInt((await client.api.staking.epoch.query()).epoch)
const untilEpoch = async (wanted: bigint): Promise<void> => {
  while ((await epoch()) < wanted) await block()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-stake-'))
  node = await startNode({
    dataDirectory: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    createGenesis: keys => {
      const genesis = devGenesis(keys, BigInt(Date.now()), DEV_CHAIN_ID)
      const params = {
        ...genesis.params,
        epochBlocks: 4n,
        idleBlockIntervalMs: 600_000n,
        evidenceMaxAgeBlocks: 8n,
        evidenceMaxAgeMs: 1n,
      }
      return { ...genesis, params }
    },
    logger: pino({ level: 'silent' }),
    onFatal: error => {
      throw error
    },
  })
  const [receiver8, spender8] = devAccounts().slice(8)
  if (receiver8 === undefined || spender8 === undefined) throw new Error('ten accounts')
  receiver = receiver8.address
  client = createApiClient({ url: node.url })
  spender = createAccountClient({ client, secretKey: spender8.secretKey })
  const { validators } = await vexJson<Validators>('validators')
  validator = String(validators[0]?.address)
})
afterAll(async () => {
  client.close()
  await node.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('vex validators', () => {
  it('shows who validates, and draws the leaders of the next views', async () => {
    const found = await vexJson<Validators>('validators', '--views', '3')
    expect(found.validators).toEqual([
      expect.objectContaining({ address: validator, status: 'active', power: '1000000', commissionBps: 0 }),
    ])
    expect(found.leaders).toHaveLength(3)
    for (const { validator: leader, draw, point, from, to, totalPower } of found.leaders) {
      expect(leader).toBe(validator)
      expect((BigInt(draw) * BigInt(totalPower)) >> 256n).toBe(BigInt(point))
      expect([BigInt(from) <= BigInt(point), BigInt(point) < BigInt(to)]).toEqual([true, true])
    }
    const { stdout } = await vex('validators', '--views', '2')
    expect(stdout).toContain('1,000,000 of 1,000,000 votes (100.00 %)')
    expect(stdout).toMatch(/^ +\d+ {2}vex1\S+ {2}0x[0-9a-f]{16}… {2}[ \d,]+ {2}0 … 999,999 {2}100\.00 %$/m)
  })

  it('refuses what is no number of views, and names an account that is no validator', async () => {
    expect((await vex('validators', '--views', '0')).exitCode).toBe(2)
    expect(await failure('validators', 'dev3')).toMatchObject({ exitCode: 1, code: 'not_found' })
  })
})

describe('a delegation', () => {
  it('earns at the end of the epoch, is claimed, undelegated, and withdrawn when it is liable for nothing', async () => {
    const delegated = await vexJson('stake', 'delegate', validator, '100vex', '--from', 'dev1')
    expect(delegated).toMatchObject({ status: 'success', action: 'delegate', amount: '100000000000' })
    expect(await failure('stake', 'claim', 'dev1')).toMatchObject({ code: 'unknown_validator', exitCode: 3 })
    await untilEpoch((await epoch()) + 1n)
    const { delegations } = await vexJson<Stakes>('stake', 'show', 'dev1')
    expect(delegations).toEqual([expect.objectContaining({ validator, amount: '100000000000' })])
    // A ten-thousandth of the stake, of four blocks at 0.1 VEX, for one epoch or two.
    const rewards = BigInt(delegations[0]?.rewards ?? '0')
    expect(rewards).toBeGreaterThanOrEqual(39_995n)
    const claimed = await vexJson('stake', 'claim', validator, '--from', 'dev1')
    expect(BigInt(claimed['amount'] as string)).toBeGreaterThanOrEqual(rewards)

    const all = await vex('stake', 'undelegate', validator, 'all', '--from', 'dev1')
    expect(all.stdout).toMatch(
      /^Undelegated 100 VEX from vex1\S+: "vex stake show" tells when it can be withdrawn/,
    )
    expect(await failure('stake', 'withdraw', validator, '--from', 'dev1')).toMatchObject({
      code: 'nothing_to_withdraw',
      message: expect.stringContaining('may still be slashed') as string,
    })
    const { unbonding } = await vexJson<Stakes>('stake', 'show', 'dev1')
    expect(unbonding).toEqual([expect.objectContaining({ amount: '100000000000', isMature: false })])
    const shown = await vex('stake', 'show', 'dev1')
    expect(shown.stdout).toMatch(
      /undelegated {2}100 VEX from vex1\S+: votes until epoch \d+; can be withdrawn after block \d+/,
    )

    await untilEpoch(BigInt(unbonding[0]?.leftAtEpoch ?? '0') + 4n)
    expect((await vexJson<Stakes>('stake', 'show', 'dev1')).unbonding).toEqual([
      expect.objectContaining({ isMature: true }),
    ])
    expect(await vexJson('stake', 'withdraw', validator, '--from', 'dev1')).toMatchObject({
      amount: '100000000000',
    })
    expect(await vexJson('stake', 'show', 'dev1')).toMatchObject({
      delegations: [],
      unbonding: [],
      commission: '0',
    })
    expect((await vex('stake', 'show', 'dev1')).stdout).toContain('stakes  none')
    expect(await vexJson('stake', 'params')).toMatchObject({ epochBlocks: '4' })
  }, 120_000)

  it.each([
    [['delegate', 'VALIDATOR', '0.5vex'], 'stake_too_small', 'at least 1000000000 units'],
    [['delegate', 'dev5', '5vex'], 'unknown_validator', 'is not a validator'],
    [['undelegate', 'VALIDATOR', '5vex', '--from', 'dev7'], 'insufficient_stake', 'has nothing with'],
    [['unjail', '--from', 'dev7'], 'unknown_validator', 'is not a validator'],
  ])('that cannot be: vex stake %j', async (args, code, sentence) => {
    const { exitCode, ...error } = await failure(
      'stake',
      ...args.map(arg => (arg === 'VALIDATOR' ? validator : arg)),
    )
    expect({ exitCode, ...error }).toMatchObject({
      exitCode: 3,
      code,
      message: expect.stringContaining(sentence) as string,
    })
  })

  it.each([
    [['delegate'], 'VALIDATOR is missing'],
    [['delegate', 'dev1', 'much'], 'expected an amount such as 1.5vex'],
    [['undelegate', 'dev1', 'most'], 'Write "all" for everything'],
    [['commission', '101'], 'expected a percentage from 0 to 100'],
    [['register', '--stake', '5vex'], '--validator-keys'],
    [['evidence'], 'name a file with evidence'],
    [['nonsense'], "unknown command 'nonsense'"],
  ])('that makes no sense: vex stake %j', async (args, sentence) => {
    const { exitCode, stderr } = await vex('stake', ...args)
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)])
  })
})

describe('a validator', () => {
  it('is registered with keys from a file, changes its commission, and is convicted by its own votes', async () => {
    const path = join(folder, 'dev2.json')
    await vexJson('keys', 'new', path, '--plain')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await vex('keys', 'new', path, '--plain')).exitCode).toBe(1)
    const registered = await vexJson(
      'stake',
      'register',
      '--validator-keys',
      path,
      '--stake',
      '1000vex',
      '--commission',
      '5',
      '--from',
      'dev2',
    )
    expect(registered).toMatchObject({ status: 'success', amount: '1000000000000' })
    expect(
      await failure('stake', 'register', '--validator-keys', path, '--stake', '1000vex', '--from', 'dev2'),
    ).toMatchObject({ code: 'validator_exists' })
    expect(
      await failure('stake', 'register', '--validator-keys', path, '--stake', '1000vex', '--from', 'dev3'),
    ).toMatchObject({ code: 'key_in_use' })
    expect(await failure('stake', 'commission', '6.01', '--from', 'dev2')).toMatchObject({
      code: 'bad_commission',
    })
    expect((await vex('stake', 'commission', '6', '--from', 'dev2')).stdout).toMatch(
      /^The commission is 6 % from the next epoch on/,
    )

    const start = await epoch()
    await untilEpoch(start + 2n)
    const { validators, epoch: now } = await vexJson<Validators>('validators')
    expect(validators[1]).toMatchObject({ status: 'active', power: '1000', commissionBps: 600 })
    expect((await vex('validators', 'dev2')).stdout).toContain('1,000 of 1,001,000 votes (0.09 %)')

    const { voteSecretKey } = parseValidatorKeys(await readFile(path, 'utf8'))
    const vote = (byte: number) => {
      const statement = {
        kind: 'notarize' as const,
        epoch: BigInt(now),
        view: 1n,
        hash: toHash(new Uint8Array(32).fill(byte)),
      }
      return {
        ...statement,
        signer: 1,
        signature: blsSign(voteSecretKey, voteMessage(DEV_CHAIN_ID, statement)),
      }
    }
    const conflict = voteEvidence(vote(1), vote(2))
    if (conflict === undefined) throw new Error('they conflict')
    const file = join(folder, 'conflict.hex')
    const evidence = `0x${toHex(evidenceCodec.encode(conflict))}`
    await writeFile(file, `${evidence}\n`)
    const accused = await vexJson('stake', 'evidence', file, '--from', 'dev4')
    expect(accused).toMatchObject({ status: 'success' })
    expect((await vex('tx', String(accused['transactionId']))).stdout).toContain(
      `accuse by two votes of epoch ${now}, view 1: notarize and notarize`,
    )
    expect(await failure('stake', 'evidence', '--hex', evidence)).toMatchObject({ code: 'already_slashed' })
    expect(await failure('stake', 'evidence', '--hex', '0x1234')).toMatchObject({
      code: 'bad_evidence',
      exitCode: 1,
    })
    await untilEpoch(BigInt(now) + 1n)
    // 5 % is the least.
    const after = await vexJson<Validators>('validators')
    expect(after.validators.find(({ stake }) => stake === '950000000000')).toMatchObject({
      status: 'tombstoned',
    })
    expect((await vex('validators', 'dev2')).stdout).toContain('equivocated: never votes again')
    expect(await failure('stake', 'unjail', '--from', 'dev2')).toMatchObject({ code: 'tombstoned' })
  }, 120_000)

  it('signs with the operator of its keys when nobody else is named', async () => {
    const keys = createValidatorKeys()
    const path = join(folder, 'own.json')
    const { operator } = await vexJson('keys', 'new', path, '--plain')
    expect(keys).not.toEqual(parseValidatorKeys(await readFile(path, 'utf8')))
    expect(await failure('stake', 'register', '--validator-keys', path, '--stake', '200vex')).toMatchObject({
      code: 'insufficient_balance',
    })
    await vexJson('send', String(operator), '201vex', '--from', 'dev6')
    expect(await vexJson('stake', 'register', '--validator-keys', path, '--stake', '200vex')).toMatchObject({
      status: 'success',
    })
    expect(await vexJson('validators', String(operator))).toMatchObject({
      status: 'waiting',
      ownStake: '200000000000',
    })
  })
})
