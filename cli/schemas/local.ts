/** What the commands print that need no running node: files, keys, wallets, nodes of this machine. */
import { z } from 'zod'
import { address, count, decimal, hexBytes } from '../../node/api/outputs.ts'
import { NODE_KINDS } from '../../node/network/ports.ts'
import { COMPLETION_SCRIPTS } from '../completion/scripts.ts'
import { account, accounts, kdf, nodeHeights, open, path, plainHash, signed } from './parts.ts'

const trouble = { type: z.literal('chaos'), forMs: count }

const params = z.record(z.string(), decimal).meta({ description: 'the parameters of the chain, by name' })

const identity = z.object({
  path,
  isEncrypted: z.boolean(),
  operator: address,
  operatorPublicKey: hexBytes,
  voteKey: hexBytes,
  proofOfPossession: hexBytes,
  vrfKey: hexBytes,
  peerId: z.string().nullable(),
})

const walletMade = {
  path,
  words: count.optional(),
  isMnemonicShown: z.boolean().optional(),
  accounts,
}

export const LOCAL_OUTPUTS = {
  new: z.object({ type: z.literal('created'), name: z.string(), folder: path, isInstalled: z.boolean() }),
  build: z.object({
    contracts: z.array(
      z.object({
        name: z.string(),
        entry: path,
        wasmPath: path,
        abiPath: path,
        wasmBytes: count,
        isRebuilt: z.boolean(),
      }),
    ),
  }),
  test: z.object({
    gas: z.array(z.object({ name: z.string(), calls: count, min: decimal, median: decimal, max: decimal })),
  }),
  'wallet new': z.object(walletMade),
  'wallet import': z.object(walletMade),
  'wallet list': z.object({ path, accounts }),
  'wallet show': z.union([
    z.object({ path, kdf, cipher: z.string(), accounts, isChecked: z.boolean() }),
    account.extend({ isChecked: z.boolean() }),
  ]),
  'wallet add': account,
  'wallet rename': account,
  'wallet remove': z.object({ removed: account }),
  'wallet password': z.object({ path, kdf: kdf.optional(), cipher: z.string().optional() }),
  'wallet export': z.union([
    z.object({ path, exported: z.literal('mnemonic') }),
    z.object({ path, exported: z.literal('key'), name: z.string(), address }),
  ]),
  'genesis new': z.object({
    path,
    chainId: z.string(),
    timeMs: decimal,
    params,
    accounts: count,
    balances: decimal,
  }),
  'genesis validator': z.object({
    path,
    chainId: z.string(),
    operator: address,
    stake: decimal,
    commissionBps: count,
    keyFile: path,
    isNew: z.boolean(),
  }),
  'genesis add-validator': z.object({
    path,
    chainId: z.string(),
    operator: address,
    stake: decimal,
    commissionBps: count,
    validators: count,
  }),
  'genesis validate': z.object({
    chainId: z.string(),
    genesisHash: plainHash,
    timeMs: decimal,
    validators: count,
    staked: decimal,
    accounts: count,
    balances: decimal,
    params,
  }),
  'genesis hash': z.object({ chainId: z.string(), genesisHash: plainHash }),
  'node init': z.object({
    dataDirectory: path,
    kind: z.enum(NODE_KINDS),
    chainId: z.string(),
    genesisHash: plainHash,
    peerId: z.string(),
    operator: address.nullable(),
    isGenesisValidator: z.boolean().nullable(),
  }),
  'keys show': identity,
  'keys new': identity,
  'keys encrypt': identity,
  'keys decrypt': identity,
  'keys export': z.object({ path, chainId: z.string(), operator: address, signed, dataDirectory: path }),
  'keys import': z.object({
    dataDirectory: path,
    chainId: z.string(),
    operator: address,
    signed,
    removed: path,
  }),
  'state verify': z.object({ height: decimal, stateRoot: plainHash, keys: count, nodes: count }),
  'state stats': z.object({
    height: decimal,
    blocks: z.object({ from: decimal, to: decimal }),
    statesFrom: decimal,
    accounts: count,
    contracts: count,
    nodes: count,
    diskBytes: count,
    columns: z.array(z.object({ column: z.string(), entries: count, bytes: count })),
  }),
  'state prune': z.object({ height: decimal, keptFrom: decimal, removedBlocks: decimal, removedKeys: count }),
  'state snapshot': z.object({
    folder: path,
    height: decimal,
    epoch: decimal,
    blockHash: plainHash,
    genesisHash: plainHash,
    stateRoot: plainHash,
    chunks: count,
    entries: count,
    bytes: count,
  }),
  'state restore': z.object({
    dataDirectory: path,
    chainId: z.string(),
    genesisHash: plainHash,
    height: decimal,
    epoch: decimal,
    blockHash: plainHash,
    chunks: count,
    chunksBefore: count,
    entries: count,
  }),
  schema: z.object({ $schema: z.string(), title: z.string(), ...open.shape }).loose(),
  completion: z.object({ shell: z.enum(Object.keys(COMPLETION_SCRIPTS)), script: z.string() }),
} as const satisfies Readonly<Record<string, z.ZodType>>

/** Each line is one of these. */
export const LOCAL_STREAMS = {
  devnet: z.union([
    z.object({
      type: z.literal('ready'),
      dataDirectory: path,
      nodes: z.array(z.object({ name: z.string(), kind: z.string(), url: z.string() })),
    }),
    z.object({ type: z.literal('log'), node: z.string(), line: open }),
    z.object({ type: z.literal('status'), nodes: nodeHeights }),
    z.object({ type: z.literal('seed'), seed: count }),
    z.object({ ...trouble, kind: z.literal('kill'), node: count }),
    z.object({ ...trouble, kind: z.literal('cut'), one: count, other: count }),
    z.object({ ...trouble, kind: z.literal('split'), group: z.array(count) }),
    z.object({ type: z.literal('stopped'), nodes: nodeHeights }),
  ]),
  'node start': z
    .looseObject({ level: z.int(), time: z.string(), msg: z.string() })
    .meta({ description: 'a line of the log, by pino; msg "ready" has the url, "final block" the height' }),
  doctor: z.object({
    check: z.string(),
    status: z.enum(['ok', 'note', 'wrong']),
    message: z.string(),
    repair: z.string().optional(),
  }),
} as const satisfies Readonly<Record<string, z.ZodType>>
