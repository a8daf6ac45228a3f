/**
 * The bytes of every wire type, fixed. A difference here is a hard fork or a new data format: golden.json
 * changes only together with that decision.
 */
import { describe, expect, test } from 'vitest'
import { type Account, accountCodec, EMPTY_ACCOUNT } from '../../../node/types/account.ts'
import {
  type Block,
  blockCodec,
  blockHash,
  type BlockHeader,
  headerCodec,
} from '../../../node/types/block.ts'
import { type Codec, CodecError } from '../../../node/types/codec.ts'
import { type Genesis, genesisCodec, genesisHash } from '../../../node/types/genesis.ts'
import { fromHex, toAddress, toHash, toHex } from '../../../node/types/primitives.ts'
import { type Receipt, receiptCodec } from '../../../node/types/receipt.ts'
import {
  type Action,
  parseTransaction,
  type TransactionBody,
  transactionBodyCodec,
  transactionCodec,
  transactionId,
} from '../../../node/types/transaction.ts'
import { epochNonce, leaderDraw, nextEta, vrfInput } from '../../../node/crypto/vrf.ts'
import { epochRecordCodec } from '../../../node/types/epoch.ts'
import {
  absentCodec,
  delegationCodec,
  offencesCodec,
  poolSharesCodec,
  stakedValidatorCodec,
  stakeTotalsCodec,
  unbondingPoolCodec,
  uptimeCodec,
} from '../../../node/types/staking.ts'
import { type Validator, validatorsHash } from '../../../node/types/validator.ts'
import {
  type Certificate,
  certificateCodec,
  type Vote,
  voteCodec,
  voteMessage,
} from '../../../node/types/vote.ts'
import golden from './golden.json' with { type: 'json' }

const hash = (byte: number) => toHash(new Uint8Array(32).fill(byte))
const address = (byte: number) => toAddress(new Uint8Array(32).fill(byte))
const bytes = (size: number, byte: number) => new Uint8Array(size).fill(byte)

const body = (action: Action): TransactionBody => ({
  version: 1,
  chainId: 'vex-test',
  sender: bytes(32, 0x11),
  nonce: 7n,
  gasLimit: 1_000_000n,
  maxFee: 3n,
  tip: 1n,
  validUntilHeight: 500n,
  action,
})

const transfer: Action = { kind: 'transfer', to: address(0x22), amount: 1_000_000_000n }
const actions: Record<string, Action> = {
  transfer,
  deploy: {
    kind: 'deploy',
    code: fromHex('0061736d01000000'),
    args: fromHex('05'),
    value: 9n,
    owner: address(0x33),
  },
  deployFrozen: { kind: 'deploy', code: fromHex('00'), args: fromHex(''), value: 0n, owner: undefined },
  call: { kind: 'call', contract: address(0x44), method: 'transfer', args: fromHex('0102'), value: 2n },
  upgrade: { kind: 'upgrade', contract: address(0x44), code: fromHex('0061736d'), args: fromHex('ff') },
  setOwner: { kind: 'setOwner', contract: address(0x44), owner: address(0x55) },
  freeze: { kind: 'setOwner', contract: address(0x44), owner: undefined },
  batch: {
    kind: 'batch',
    actions: [
      { kind: 'transfer', to: address(0x22), amount: 1n },
      { kind: 'setOwner', contract: address(0x44), owner: undefined },
    ],
  },
  batchOfStakes: {
    kind: 'batch',
    actions: [
      { kind: 'claimRewards', validator: address(0x02) },
      { kind: 'delegate', validator: address(0x02), amount: 4n },
    ],
  },
  registerValidator: {
    kind: 'registerValidator',
    voteKey: bytes(48, 0x0c),
    proofOfPossession: bytes(96, 0x0d),
    vrfKey: bytes(32, 0x12),
    vrfProof: bytes(80, 0x13),
    commissionBps: 500,
    stake: 10_000_000_000n,
  },
  editValidator: { kind: 'editValidator', commissionBps: 600 },
  delegate: { kind: 'delegate', validator: address(0x02), amount: 4n },
  undelegate: { kind: 'undelegate', validator: address(0x02), amount: 3n },
  undelegateAll: { kind: 'undelegate', validator: address(0x02), amount: undefined },
  withdraw: { kind: 'withdraw', validator: address(0x02) },
  claimRewards: { kind: 'claimRewards', validator: address(0x02) },
  unjail: { kind: 'unjail' },
  submitEvidence: {
    kind: 'submitEvidence',
    evidence: {
      kind: 'votes',
      first: { kind: 'notarize', epoch: 1n, view: 9n, hash: hash(1), signer: 3, signature: bytes(96, 0x21) },
      second: { kind: 'notarize', epoch: 1n, view: 9n, hash: hash(2), signer: 3, signature: bytes(96, 0x22) },
    },
  },
}

const header: BlockHeader = {
  version: 1,
  chainId: 'vex-test',
  height: 42n,
  epoch: 0n,
  view: 45n,
  parentHash: hash(0x01),
  parentView: 44n,
  parentCertificate: undefined,
  timeMs: 1_700_000_000_000n,
  proposer: address(0x02),
  vrfProof: bytes(80, 0x0f),
  eta: hash(0x10),
  nextNonce: undefined,
  transactionsRoot: hash(0x03),
  stateRoot: hash(0x04),
  receiptsRoot: hash(0x05),
  validatorsHash: hash(0x06),
  nextValidatorsHash: hash(0x07),
  gasUsed: 300_000n,
  gasLimit: 50_000_000n,
  baseFee: 1n,
}
const block: Block = { header, transactions: [fromHex('aabb'), fromHex('')] }

const succeeded: Receipt = {
  transactionId: hash(0x08),
  status: 'success',
  gasUsed: 300_000n,
  feePaid: 600_000n,
  depositPaid: 52_550_000n,
  depositReturned: 1_000n,
  returnData: fromHex('2a00'),
  created: [address(0x44)],
  events: [
    { contract: address(0x44), topics: [fromHex('5472616e73666572'), fromHex('01')], data: fromHex('0a0b') },
  ],
  error: undefined,
}
const failed: Receipt = {
  ...succeeded,
  status: 'failed',
  depositPaid: 0n,
  depositReturned: 0n,
  returnData: fromHex(''),
  created: [],
  events: [],
  error: { code: 'reverted', message: 'nicht genug: ü', data: fromHex('01') },
}

const vote: Vote = {
  kind: 'notarize',
  epoch: 0n,
  view: 45n,
  hash: hash(0x09),
  signer: 3,
  signature: bytes(96, 0x0a),
}
const nullify: Vote = { ...vote, kind: 'nullify', hash: undefined }
const certificate: Certificate = {
  kind: 'finalize',
  epoch: 0n,
  view: 45n,
  hash: hash(0x09),
  signers: fromHex('0d'),
  signature: bytes(96, 0x0b),
}

const genesis: Genesis = {
  chainId: 'vex-test',
  timeMs: 1_700_000_000_000n,
  params: {
    blockGasLimit: 50_000_000n,
    minBlockIntervalMs: 100n,
    idleBlockIntervalMs: 5_000n,
    initialBaseFee: 1n,
    networkDelayMs: 500n,
    standstillMs: 10_000n,
    epochBlocks: 1_200n,
    blockReward: 100_000_000n,
    evidenceMaxAgeBlocks: 345_600n,
    evidenceMaxAgeMs: 86_400_000n,
  },
  accounts: [{ address: address(0x22), balance: 1_000_000_000n }],
  validators: [
    {
      address: address(0x02),
      voteKey: bytes(48, 0x0c),
      proofOfPossession: bytes(96, 0x0d),
      vrfKey: bytes(32, 0x12),
      vrfProof: bytes(80, 0x13),
      stake: 10_000_000_000n,
      commissionBps: 500,
    },
  ],
}

const validator: Validator = {
  address: address(0x02),
  voteKey: bytes(48, 0x0c),
  vrfKey: bytes(32, 0x12),
  power: 10n,
}

const contract: Account = {
  nonce: 1n,
  balance: 5n,
  contract: { codeHash: hash(0x0e), owner: address(0x33), storageBytes: 1000n, deposit: 10_000_000n },
}

const entry = <T>(codec: Codec<T>, value: T) => ({ codec: codec as Codec<unknown>, value })
const wire: Record<string, { codec: Codec<unknown>; value: unknown }> = {
  ...Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      `transaction body: ${name}`,
      entry(transactionBodyCodec, body(action)),
    ]),
  ),
  transaction: entry(transactionCodec, { body: body(transfer), signature: bytes(64, 0x77) }),
  header: entry(headerCodec, header),
  'header: of a later block': entry(headerCodec, {
    ...header,
    parentCertificate: { ...certificate, kind: 'notarize' },
    nextNonce: hash(0x11),
  }),
  block: entry(blockCodec, block),
  'receipt: success': entry(receiptCodec, succeeded),
  'receipt: failed': entry(receiptCodec, failed),
  'vote: notarize': entry(voteCodec, vote),
  'vote: nullify': entry(voteCodec, nullify),
  certificate: entry(certificateCodec, certificate),
  genesis: entry(genesisCodec, genesis),
  'epoch record': entry(epochRecordCodec, { validators: [validator], nonce: hash(0x14) }),
  'staked validator': entry(stakedValidatorCodec, {
    id: 3,
    voteKey: bytes(48, 0x0c),
    vrfKey: bytes(32, 0x12),
    tokens: 10n,
    shares: 11n,
    rewardPerShare: 1n << 65n,
    rewardDust: 5n,
    commission: 6n,
    commissionBps: 500,
    nextCommission: { bps: 600, from: 8n },
    jailedUntil: 1_700_000_000_000n,
    isTombstoned: false,
  }),
  delegation: entry(delegationCodec, { shares: 7n, countedTo: 1n << 64n, owed: 3n }),
  'unbonding pool': entry(unbondingPoolCodec, { tokens: 5n, shares: 6n, leftAt: 9n }),
  'pool shares': entry(poolSharesCodec, 6n),
  'stake totals': entry(stakeTotalsCodec, {
    bonded: 10n,
    unbonding: 5n,
    rewards: 4n,
    registered: 4,
    oldestEpoch: 2n,
  }),
  offences: entry(offencesCodec, [{ operator: address(0x02), epoch: 1n, part: 250_000_000n, slashed: 0n }]),
  uptime: entry(uptimeCodec, { epoch: 1n, members: [{ id: 3, missed: 2, since: 40n }] }),
  absent: entry(absentCodec, [3]),
  'account: empty': entry(accountCodec, EMPTY_ACCOUNT),
  'account: contract': entry(accountCodec, contract),
}
const derived: Record<string, Uint8Array> = {
  'transaction id': transactionId(body(transfer)),
  'block hash': blockHash(header),
  'genesis hash': genesisHash(genesis),
  'validators hash': validatorsHash([validator]),
  'VRF input': vrfInput({ chainId: 'vex-test', nonce: hash(0x14), epoch: 3n, view: 7n }),
  eta: nextEta(hash(0x10), bytes(64, 0x15)),
  'epoch nonce': epochNonce('vex-test', 3n, hash(0x10)),
  'leader draw': fromHex(
    leaderDraw({ chainId: 'vex-test', nonce: hash(0x14), epoch: 3n, view: 7n })
      .toString(16)
      .padStart(64, '0'),
  ),
  'message of a vote': voteMessage('vex-test', vote),
  'message of a nullify': voteMessage('vex-test', nullify),
}

describe('golden bytes', () => {
  test.each(Object.entries(wire))('%s', (name, { codec, value }) => {
    const hex = (golden.wire as Record<string, string>)[name] ?? ''
    expect(toHex(codec.encode(value))).toBe(hex)
    expect(codec.decode(fromHex(hex))).toEqual(value)
  })

  test.each(Object.entries(derived))('%s', (name, value) => {
    expect(toHex(value)).toBe((golden.derived as Record<string, string>)[name])
  })

  test('the file holds nothing else', () => {
    expect(Object.keys(golden.wire).sort()).toEqual(Object.keys(wire).sort())
    expect(Object.keys(golden.derived).sort()).toEqual(Object.keys(derived).sort())
  })

  test.each(Object.entries(wire))('%s: every shorter and longer input is refused', (_, { codec, value }) => {
    const whole = codec.encode(value)
    for (let length = 0; length < whole.length; length++) {
      // A copy and a view: behind the view lie the right bytes, which must not be read.
      expect(() => codec.decode(whole.slice(0, length))).toThrow(CodecError)
      expect(() => codec.decode(whole.subarray(0, length))).toThrow(CodecError)
    }
    expect(() => codec.decode(Buffer.concat([whole, Buffer.alloc(1)]))).toThrow(CodecError)
  })
})

describe('a transaction', () => {
  test('has an id over everything but its signature', () => {
    const [one, other] = [0x77, 0x78].map(byte =>
      parseTransaction(transactionCodec.encode({ body: body(transfer), signature: bytes(64, byte) })),
    )
    expect(one?.id).toEqual(transactionId(body(transfer)))
    expect(other?.id).toEqual(one?.id)
    expect(transactionId({ ...body(transfer), tip: 2n })).not.toEqual(one?.id)
  })

  test('of a version that is not known is refused by name', () => {
    const whole = transactionBodyCodec.encode(body(transfer))
    whole[0] = 2
    expect(() => transactionBodyCodec.decode(whole)).toThrow(/transaction version 2 is not known/)
  })

  test('with a batch inside a batch cannot be written or read', () => {
    const nested = { kind: 'batch', actions: [{ kind: 'batch', actions: [] }] } as unknown as Action
    expect(() => transactionBodyCodec.encode(body(nested))).toThrow()
    const one = toHex(
      transactionBodyCodec.encode(
        body({ kind: 'batch', actions: [{ kind: 'transfer', to: address(1), amount: 1n }] }),
      ),
    )
    const at = one.indexOf(`050100${'01'.repeat(32)}`)
    expect(at).toBeGreaterThan(0)
    const inner = `${one.slice(0, at)}05010500${one.slice(at + 6 + 80)}`
    expect(() => transactionBodyCodec.decode(fromHex(inner))).toThrow(/cannot hold another batch/)
  })

  test('with more than 16 actions is refused', () => {
    const seventeen: Action = {
      kind: 'batch',
      actions: Array.from({ length: 17 }, () => ({ kind: 'transfer', to: address(1), amount: 1n })),
    }
    expect(() => transactionBodyCodec.encode(body(seventeen))).toThrow(/the limit is 16/)
  })
})
