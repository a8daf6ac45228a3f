/** What the API answers: the schemas of the JSON that views.ts makes, for types and for the OpenAPI document. */
import { z } from 'zod'
import { abiSchema } from '../abi/types.ts'
import type { AddressText } from '../crypto/address.ts'
import type { Failure } from '../diagnostics/failure.ts'
import type { TraceView } from '../diagnostics/trace-view.ts'
import { EXECUTION_ERROR_CODES } from '../types/receipt.ts'
import { VOTE_KINDS } from '../types/vote.ts'
import type { SubmitRefusalCode } from './backend.ts'
import type { Json } from './decoded.ts'
import type { ActionView } from './views.ts'
import { typed, WIRE } from './wire.ts'

export const decimal = z.string().meta({
  id: 'Decimal',
  wire: { type: 'string', pattern: '^[0-9]+$', description: 'an integer, as a decimal string' },
})
export const hexBytes = z.string().meta({
  id: 'Bytes',
  wire: { type: 'string', pattern: '^0x([0-9a-f]{2})*$', description: 'bytes in hex' },
})
export const hash = z.string().meta({ id: 'Hash', wire: { ...WIRE.hash, pattern: '^0x[0-9a-f]{64}$' } })
export const address = typed<AddressText>(WIRE.address).meta({ id: 'Address', wire: WIRE.address })
export const count = z.int().min(0)

const place = { height: decimal, index: count, blockHash: hash }
/** `null`: there is no more now. */
const nextCursor = z.string().nullable()

const certificate = z
  .object({
    kind: z.enum(VOTE_KINDS),
    epoch: decimal,
    view: decimal,
    hash: hash.nullable(),
    signers: hexBytes,
    signature: hexBytes,
  })
  .meta({ id: 'Certificate' })

export const block = z
  .object({
    hash,
    version: count,
    chainId: z.string(),
    height: decimal,
    epoch: decimal,
    view: decimal,
    parentHash: hash,
    parentView: decimal,
    parentCertificate: certificate.nullable(),
    timeMs: decimal,
    proposer: address,
    vrfProof: hexBytes,
    eta: hash,
    nextNonce: hash.nullable(),
    transactionsRoot: hash,
    stateRoot: hash,
    receiptsRoot: hash,
    validatorsHash: hash,
    nextValidatorsHash: hash,
    gasUsed: decimal,
    gasLimit: decimal,
    baseFee: decimal,
    transactions: z.array(hash),
    certificate: certificate.nullable(),
  })
  .meta({ id: 'Block' })

const owner = address.nullable()
const simpleActions = [
  z.object({ kind: z.literal('transfer'), to: address, amount: decimal }),
  z.object({ kind: z.literal('deploy'), codeBytes: count, args: hexBytes, value: decimal, owner }),
  z.object({
    kind: z.literal('call'),
    contract: address,
    method: z.string(),
    args: hexBytes,
    value: decimal,
  }),
  z.object({ kind: z.literal('upgrade'), contract: address, codeBytes: count, args: hexBytes }),
  z.object({ kind: z.literal('setOwner'), contract: address, owner }),
  z.object({
    kind: z.literal('registerValidator'),
    voteKey: hexBytes,
    proofOfPossession: hexBytes,
    vrfKey: hexBytes,
    vrfProof: hexBytes,
    commissionBps: count,
    stake: decimal,
  }),
  z.object({ kind: z.literal('editValidator'), commissionBps: count }),
  z.object({ kind: z.literal('delegate'), validator: address, amount: decimal }),
  z.object({ kind: z.literal('undelegate'), validator: address, amount: decimal.nullable() }),
  z.object({ kind: z.enum(['withdraw', 'claimRewards']), validator: address }),
  z.object({ kind: z.literal('unjail') }),
  z.object({
    kind: z.literal('submitEvidence'),
    evidence: hexBytes,
    about: z.object({
      kind: z.enum(['votes', 'certificates']),
      epoch: decimal,
      view: decimal,
      votes: z.tuple([certificate.shape.kind, certificate.shape.kind]),
    }),
  }),
] as const

const action: z.ZodType<ActionView> = z
  .union([
    ...simpleActions,
    z.object({
      kind: z.literal('batch'),
      get actions() {
        return z.array(action)
      },
    }),
  ])
  .meta({ id: 'Action' })

const signed = {
  id: hash,
  sender: address,
  publicKey: hexBytes,
  nonce: decimal,
  gasLimit: decimal,
  maxFee: decimal,
  tip: decimal,
  validUntilHeight: decimal,
  action,
  signature: hexBytes,
  sizeBytes: count,
}

export const pendingTransaction = z.object({ state: z.literal('pending'), ...signed })
export const transaction = z
  .union([z.object({ state: z.literal('final'), ...signed, ...place }), pendingTransaction])
  .meta({ id: 'Transaction' })

const event = { contract: address, name: z.string(), topics: z.array(hexBytes), data: hexBytes }
const executionError = z
  .object({ code: z.enum(EXECUTION_ERROR_CODES), message: z.string(), data: hexBytes })
  .meta({ id: 'ExecutionError' })

const outcome = {
  status: z.enum(['success', 'failed']),
  gasUsed: decimal,
  feePaid: decimal,
  depositPaid: decimal,
  depositReturned: decimal,
  returnData: hexBytes,
  created: z.array(address),
  events: z.array(z.object(event).meta({ id: 'Event' })),
  error: executionError.nullable(),
}

export const receipt = z.object({ transactionId: hash, ...place, ...outcome }).meta({ id: 'Receipt' })

export const listedTransaction = z
  .object({ ...signed, ...place, timeMs: decimal, outcome: z.object(outcome) })
  .meta({ id: 'ListedTransaction' })
export const transactionPage = z.object({
  transactions: z.array(listedTransaction),
  cursor: nextCursor,
  keptFrom: decimal,
})

const failure = typed<Failure>({
  type: 'array',
  items: { type: 'object' },
  description: 'the failed calls, the innermost first, with source lines where the node has them',
})
const trace = typed<TraceView>({
  type: 'object',
  required: ['calls', 'stepsCut', 'abis', 'failure'],
  description: 'calls with their arguments, storage, events and gas',
})

export const simulation = z.object({
  ...outcome,
  gasLimit: decimal,
  logs: z.array(z.string()).readonly(),
  failure: failure.nullable(),
  trace: trace.nullable(),
})

/** The trace's own fields with where it was: shown by its outline. */
export const transactionTrace = typed<
  { transactionId: string; height: string; index: number; isExact: boolean } & TraceView
>({
  type: 'object',
  required: ['transactionId', 'height', 'index', 'isExact', 'calls', 'stepsCut', 'abis', 'failure'],
  description: 'calls with their arguments, storage, events and gas',
})

const refusalCode = typed<SubmitRefusalCode>({ type: 'string' })
export const submitted = z.object({ id: hash })
export const submittedMany = z.array(
  z.union([
    z.object({ accepted: z.literal(true), id: hash }),
    z.object({ accepted: z.literal(false), code: refusalCode, message: z.string() }),
  ]),
)

export const contractAbi = abiSchema
export const viewed = z.object({
  returnData: hexBytes,
  gasUsed: decimal,
  logs: z.array(z.string()).readonly(),
})

const contractAccount = {
  codeHash: hash,
  owner: address.nullable(),
  storageBytes: decimal,
  deposit: decimal,
}
export const account = z
  .object({
    address,
    balance: decimal,
    nonce: decimal,
    pendingNonce: decimal,
    contract: z.object(contractAccount).nullable(),
  })
  .meta({ id: 'Account' })
export const nonces = z.object({ final: decimal, pending: decimal })

export const contract = z
  .object({ address, name: z.string().nullable(), codeBytes: count, ...contractAccount })
  .meta({ id: 'Contract' })
export const contractPage = z.object({
  height: decimal,
  contracts: z.array(contract),
  cursor: address.nullable(),
})
export const storagePage = z.object({
  height: decimal,
  entries: z.array(z.object({ key: hexBytes, value: hexBytes })),
  cursor: hexBytes.nullable(),
})

/** Values by name, as the ABI has them; integers beyond 32 bits are decimal strings. */
const decodedFields = typed<Record<string, Json> | null>({
  type: ['object', 'null'],
  description: 'by name; integers beyond 32 bits are decimal strings; null where no ABI tells',
})
export const decodedTransaction = z.object({
  transactionId: hash,
  height: decimal,
  index: count,
  status: z.enum(['success', 'failed']),
  calls: z.array(
    z.object({
      kind: z.enum(['deploy', 'call', 'upgrade']),
      contract: address.nullable(),
      contractName: z.string().nullable(),
      method: z.string(),
      args: decodedFields,
    }),
  ),
  events: z.array(
    z.object({
      contract: address,
      contractName: z.string().nullable(),
      name: z.string().nullable(),
      fields: decodedFields,
      index: count,
    }),
  ),
})

const warning = z.object({ code: z.string(), message: z.string() })
const head = { height: decimal, hash }

export const chainInfo = z.object({
  version: z.string(),
  chainId: z.string(),
  genesisHash: hash,
  head: z.object({ ...head, timeMs: decimal }),
  keptFrom: decimal,
  baseFee: decimal,
  blockGasLimit: decimal,
  supply: decimal,
  validators: z.array(z.object({ address, power: decimal })),
  pool: z.object({ transactions: count, bytes: count }),
  warnings: z.array(warning).readonly(),
})

export const nodeStatus = z.object({
  version: z.string(),
  isReady: z.boolean(),
  reasons: z.array(z.string()).readonly(),
  height: decimal,
  keptFrom: decimal,
  peerId: z.string().nullable(),
  peers: count,
  pool: chainInfo.shape.pool,
  warnings: z.array(warning).readonly(),
})

export const resources = z
  .object({ memoryBytes: count, databaseBytes: count, freeBytes: count, uptimeMs: count })
  .meta({ id: 'Resources' })

export const peers = z.object({
  peerId: z.string().nullable(),
  addresses: z.array(z.string()).readonly(),
  peers: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['validator', 'full', 'archive', 'sentry']),
      agent: z.string(),
      address: z.string(),
      direction: z.enum(['inbound', 'outbound']),
      isValidatorKeyProven: z.boolean(),
      head: z.object(head),
      keptFrom: decimal,
      connectedMs: decimal,
      bytesReceived: decimal,
      bytesSent: decimal,
    }),
  ),
})

/** Of a state's entry: what proves it, in ICS-23. */
export const stateProof = z.object({ height: decimal, proof: hexBytes })
export const lightGenesis = z.object({ hash, genesis: hexBytes })
export const lightHeader = z.object({ height: decimal, final: hexBytes })

export const blockEvents = z
  .object({
    height: decimal,
    blockHash: hash,
    events: z.array(z.object({ ...event, transactionId: hash, transactionIndex: count, index: count })),
  })
  .meta({ id: 'BlockEvents' })
