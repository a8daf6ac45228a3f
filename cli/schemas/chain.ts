/** What the commands print that ask a node. */
import { z } from 'zod'
import {
  account,
  address,
  block,
  chainInfo,
  contractPage,
  count,
  decimal,
  hash,
  hexBytes,
  receipt,
  transaction,
} from '../../node/api/outputs.ts'
import {
  accountStakes,
  epoch,
  leaders,
  parameters,
  validator,
  validators,
} from '../../node/api/staking-outputs.ts'
import { call, decoded, events, path, readableReceipt, rehearsal, sent } from './parts.ts'
import { traceOutput } from './trace.ts'

const layoutChange = z.looseObject({ kind: z.string(), isBreaking: z.boolean(), message: z.string() })
const interfaceChange = z.object({
  part: z.enum(['method', 'event', 'error']),
  name: z.string(),
  kind: z.enum(['removed', 'changed', 'added']),
  message: z.string(),
})
const plan = {
  name: z.string(),
  storage: z.array(layoutChange).nullable(),
  interface: z.array(interfaceChange).nullable(),
  migration: z.string().nullable(),
}

const transactionSent = z.object(sent)
const stakeMoved = z.object({ action: z.string(), amount: decimal.nullable(), ...sent })

const isFinal = <T extends z.ZodType>(receiptOf: T) =>
  z.union(transaction.options.map(option => option.extend({ call, receipt: receiptOf })))

const { validators: _, ...epochFields } = epoch.shape

export const CHAIN_OUTPUTS = {
  deploy: transactionSent,
  upgrade: z.union([
    z.object({ ...plan, ...sent }),
    z.object({ contract: address, ...plan, rehearsal, isSent: z.literal(false) }),
  ]),
  owner: transactionSent,
  call: transactionSent,
  view: z.object({
    contract: address,
    method: z.string(),
    returned: decoded,
    returnData: hexBytes,
    gasUsed: decimal,
    logs: z.array(z.string()),
  }),
  send: transactionSent,
  'stake delegate': stakeMoved,
  'stake undelegate': stakeMoved,
  'stake withdraw': stakeMoved,
  'stake claim': stakeMoved,
  'stake register': stakeMoved,
  'stake commission': stakeMoved,
  'stake unjail': stakeMoved,
  'stake evidence': stakeMoved,
  'stake show': accountStakes,
  'stake params': parameters.extend({ epoch: decimal }),
  validators: z.union([
    z.object({
      ...epochFields,
      validators: validators.shape.validators,
      leaders: leaders.shape.leaders,
    }),
    validator,
  ]),
  accounts: z.object({
    accounts: z.array(account.extend({ contractName: z.string().nullable() })),
  }),
  contracts: contractPage,
  block,
  tx: isFinal(z.object({ ...readableReceipt, returned: decoded }).nullable()),
  trace: traceOutput,
} as const satisfies Readonly<Record<string, z.ZodType>>

const stopped = z.object({ type: z.literal('stopped'), dataDirectory: path, height: decimal })

/** Of a chain that is followed. */
const followed = [
  block.extend({ type: z.literal('block') }),
  ...transaction.options.map(option =>
    option.extend({ type: z.literal('transaction'), call, receipt: z.object(readableReceipt) }),
  ),
]

/** Each line is one of these. */
export const CHAIN_STREAMS = {
  dashboard: z.union(followed),
} as const satisfies Readonly<Record<string, z.ZodType>>

/** Each line is one of these. */
export const LOCAL_CHAIN_OUTPUTS = {
  tour: z.discriminatedUnion('type', [
    z.object({
      type: z.literal('ready'),
      url: z.string(),
      chainId: z.string(),
      isNew: z.boolean(),
      height: decimal,
      dataDirectory: path,
    }),
    z.object({ type: z.literal('first_block'), height: decimal, secondsSinceStart: z.number() }),
    z.object({ type: z.literal('transaction'), what: z.string(), ...receipt.shape, events }),
    z.object({ type: z.literal('view'), contract: address, method: z.string(), returned: decoded }),
    z.object({ type: z.literal('would_fail'), what: z.string(), error: receipt.shape.error }),
    block.extend({ type: z.literal('block') }),
    stopped,
  ]),
  dev: z.union([
    z.object({
      type: z.literal('ready'),
      url: z.string(),
      adminUrl: z.string(),
      version: chainInfo.shape.version,
      chainId: z.string(),
      genesisHash: hash,
      dataDirectory: path,
      isNew: z.boolean(),
      height: decimal,
      accounts: z.array(z.object({ name: z.string(), address, balance: decimal, secretKey: hexBytes })),
    }),
    ...followed,
    z.object({
      type: z.literal('deployed'),
      name: z.string(),
      address,
      isNew: z.boolean(),
      bytes: count,
      buildMs: count,
      deployMs: count,
    }),
    z.object({ type: z.literal('client'), line: z.string() }),
    z.object({ type: z.literal('live'), ms: count }),
    stopped,
  ]),
} as const satisfies Readonly<Record<string, z.ZodType>>
