/** A dashboard's state as a feed would have made it, of a chain that never ran: every time and number is given. */
import { parseAbi } from '../../node/abi/types.ts'
import { encodeArguments, encodeTopic } from '../../node/abi/values.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { ADDRESS_BYTES, toAddress, toHex } from '../../node/types/primitives.ts'
import type { Action } from '../../cli/dashboard/actions.ts'
import type { ViewId } from '../../cli/dashboard/keys.ts'
import type { BlockRow, ListedTransaction } from '../../cli/dashboard/model.ts'
import { createUi, type State } from '../../cli/dashboard/state.ts'
import { createModel, type Polled } from '../../cli/dashboard/store.ts'
import { update } from '../../cli/dashboard/update.ts'

export const NOW_MS = Date.UTC(2026, 0, 2, 3, 4, 5)

const CHARS = '023456789acdefghjklmnpqrstuvwxyz'
/** 58 letters after vex1: no address of anybody. */
export const addressOf = (seed: number): string =>
  `vex1${Array.from({ length: 58 }, (_, i) => CHARS[(seed * 7 + i * (seed + 3)) % CHARS.length]).join('')}`
export const hashOf = (seed: number): string =>
  `0x${Array.from({ length: 64 }, (_, i) => ((seed * 31 + i * 7 + (seed >> 4)) % 16).toString(16)).join('')}`

export const ALICE = addressOf(1)
export const BOB = addressOf(2)
export const TOKEN = addressOf(3)
export const VALIDATORS = [11, 12, 13, 14].map(addressOf)

export const TOKEN_ABI = parseAbi({
  name: 'Token',
  version: 1,
  methods: [
    {
      name: 'transfer',
      kind: 'call',
      params: [
        { name: 'to', type: 'address' },
        { name: 'amount', type: 'u64' },
      ],
      returns: 'void',
    },
    { name: 'pay', kind: 'call', payable: true, params: [], returns: 'void' },
    { name: 'totalSupply', kind: 'view', returns: 'u64' },
    { name: 'owns', kind: 'view', params: [{ name: 'least', type: 'u64' }], returns: 'bool' },
  ],
  events: [
    {
      name: 'Moved',
      fields: [
        { name: 'amount', type: 'u64', indexed: true },
        { name: 'left', type: 'u64' },
      ],
    },
  ],
})

export const blockRow = (height: number, change: Partial<BlockRow> = {}): BlockRow => ({
  hash: hashOf(height),
  height: BigInt(height),
  epoch: 0n,
  view: BigInt(height + 2),
  timeMs: NOW_MS - (120 - height) * 1_000,
  arrivedMs: NOW_MS - (120 - height) * 1_000 + 42,
  proposer: VALIDATORS[height % VALIDATORS.length] ?? '',
  transactions: height % 5,
  gasUsed: BigInt(height % 5) * 303_720n,
  gasLimit: 1_000_000_000n,
  baseFee: 1n,
  stateRoot: hashOf(height + 500),
  parentHash: hashOf(height - 1),
  parentVotes: { epoch: '0', signers: height % 9 === 0 ? '0x07' : '0x0f' },
  ...change,
})

/** To nobody. */
const NOBODY = formatAddress(toAddress(new Uint8Array(ADDRESS_BYTES)))
const transferArguments = (amount: bigint): string =>
  `0x${toHex(encodeArguments(TOKEN_ABI, 'transfer', [NOBODY, amount]))}`

const moved = (amount: bigint) => ({
  contract: TOKEN,
  name: 'Moved',
  topics: [
    `0x${Buffer.from('Moved').toString('hex')}`,
    `0x${toHex(encodeTopic(TOKEN_ABI, 'Moved', 'amount', amount))}`,
  ],
  data: '0x0500000000000000',
})

export const transaction = (
  index: number,
  change: { failed?: string; call?: bigint } = {},
): ListedTransaction => {
  const isFailed = change.failed !== undefined
  return {
    id: hashOf(1_000 + index),
    sender: index % 2 === 0 ? ALICE : BOB,
    publicKey: '0x00',
    nonce: String(index),
    gasLimit: '400000',
    maxFee: '3',
    tip: '1',
    validUntilHeight: '1000',
    signature: '0x00',
    sizeBytes: 200,
    action:
      change.call === undefined
        ? { kind: 'transfer', to: BOB, amount: String(1_500_000_000 + index) }
        : {
            kind: 'call',
            contract: TOKEN,
            method: 'transfer',
            args: transferArguments(change.call),
            value: '0',
          },
    height: String(100 + Math.floor(index / 3)),
    index: index % 3,
    blockHash: hashOf(100),
    timeMs: String(NOW_MS - 5_000 + index * 10),
    outcome: {
      status: isFailed ? 'failed' : 'success',
      gasUsed: '303720',
      feePaid: '607440',
      depositPaid: '0',
      depositReturned: '0',
      returnData: '0x',
      created: [],
      events: change.call === undefined || isFailed ? [] : [moved(change.call)],
      error: isFailed ? { code: 'reverted', message: change.failed ?? '', data: '0x' } : null,
    },
  } as ListedTransaction
}

const validator = (address: string, i: number) => ({
  address,
  status: i === 3 ? 'jailed' : 'active',
  power: i === 3 ? '0' : '1000000',
  nextPower: '1000000',
  bondedPower: '1000000',
  stake: '1000000000000000',
  ownStake: '500000000000000',
  shares: '1',
  commissionBps: 250,
  nextCommissionBps: null,
  unclaimedCommission: '0',
  jailedUntilMs: i === 3 ? String(NOW_MS - 60_000) : null,
  slashedBillionths: null,
  missedBlocks: i === 3 ? null : i * 13,
  proposedBlocks: 30 + i,
  voteKey: '0x00',
  vrfKey: '0x00',
})

const peer = (i: number) => ({
  id: `12D3KooWpeer${String(i).padStart(8, '0')}`,
  kind: 'validator',
  agent: 'vex/0.1.0',
  address: `/ip4/127.0.0.1/tcp/410${i}`,
  direction: i % 2 === 0 ? 'inbound' : 'outbound',
  isValidatorKeyProven: true,
  head: { height: '120', hash: hashOf(120) },
  keptFrom: '0',
  connectedMs: String(i * 61_000),
  bytesReceived: String(i * 1_234_567),
  bytesSent: String(i * 765_432),
})

export const POLLED = {
  info: {
    version: '0.1.0',
    chainId: 'vex-dev',
    genesisHash: hashOf(9),
    head: { height: '120', hash: hashOf(120), timeMs: String(NOW_MS) },
    keptFrom: '0',
    baseFee: '1',
    blockGasLimit: '1000000000',
    supply: '100000000000000000',
    validators: VALIDATORS.map(address => ({ address, power: '1000000' })),
    pool: { transactions: 7, bytes: 1_400 },
    warnings: [],
  },
  status: {
    version: '0.1.0',
    isReady: true,
    reasons: [],
    height: '120',
    keptFrom: '0',
    peerId: '12D3KooWme',
    peers: 3,
    pool: { transactions: 7, bytes: 1_400 },
    warnings: [],
  },
  resources: { memoryBytes: 250_000_000, databaseBytes: 12_345_678, freeBytes: 9e10, uptimeMs: 600_000 },
  peers: { peerId: '12D3KooWme', addresses: [], peers: [1, 2, 3].map(peer) },
  validators: { epoch: '0', validators: VALIDATORS.map(validator), next: null },
  epoch: {
    epoch: '0',
    firstHeight: '1',
    lastHeight: '1200',
    nonceHeight: '900',
    nonce: null,
    totalPower: '3000000',
    validators: VALIDATORS.map(address => ({ address, power: '1000000', voteKey: '0x00', vrfKey: '0x00' })),
  },
  leaders: {
    epoch: '0',
    nonce: hashOf(4),
    leaders: [0, 1, 0, 2].map((at, i) => ({
      view: String(123 + i),
      validator: VALIDATORS[at] ?? '',
      power: '1000000',
      totalPower: '3000000',
      draw: '0x00',
      point: '0',
      from: '0',
      to: '1',
    })),
  },
  stakeParameters: { uptimeWindowBlocks: '100', maxMissedBlocks: 50 } as unknown as Polled['stakeParameters'],
} as unknown as Polled

export const emptyState = (view: ViewId = 'overview', change: Partial<State> = {}): State => ({
  model: createModel(
    'http://127.0.0.1:4100',
    new Map([
      [ALICE, 'alice'],
      [BOB, 'bob'],
    ]),
  ),
  ui: createUi(view),
  size: { columns: 120, rows: 40 },
  nowMs: NOW_MS,
  own: undefined,
  isReadonly: false,
  signers: [],
  lockAtMs: undefined,
  isAttached: false,
  ...change,
})

export const after = (state: State, ...actions: readonly Action[]): State =>
  actions.reduce((before, action) => update(before, action).state, state)

export const keys = (...names: readonly string[]): Action => ({ type: 'keys', names })

/** A chain of 120 blocks with transfers, calls, events and a failure, known for a while. */
export const busyState = (view: ViewId = 'overview', change: Partial<State> = {}): State => {
  const start = emptyState(view, change)
  return after(
    start,
    { type: 'connection', nowMs: NOW_MS - 100_000, connection: { kind: 'live' } },
    {
      type: 'polled',
      nowMs: NOW_MS - 100_000,
      polled: { ...POLLED, resources: { ...POLLED.resources!, databaseBytes: 12_000_000 } },
    },
    { type: 'chain', blocks: Array.from({ length: 120 }, (_, i) => blockRow(i + 1)), transactions: [] },
    {
      type: 'chain',
      blocks: [],
      transactions: [
        ...Array.from({ length: 20 }, (_, i) => transaction(i)),
        transaction(20, { call: 250n }),
        transaction(21, { call: 7n }),
        transaction(22, { failed: 'insufficient balance' }),
      ],
    },
    { type: 'abi', contract: TOKEN, abi: TOKEN_ABI },
    {
      type: 'logged',
      rows: [
        { timeMs: NOW_MS - 2_000, level: 'info', text: 'made a snapshot for nodes that join', source: 'log' },
      ],
    },
    { type: 'polled', nowMs: NOW_MS, polled: POLLED },
    { type: 'tick', nowMs: NOW_MS },
  )
}
