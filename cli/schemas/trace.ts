/** What `vex trace` prints: node/diagnostics/readable-trace.ts as JSON. */
import { z } from 'zod'
import { address, count, decimal, hash, hexBytes } from '../../node/api/outputs.ts'
import { decoded, fields, path, plainHash } from './parts.ts'

const stored = z.object({
  field: z.string(),
  keys: z.array(decoded),
  part: z.string().nullable(),
  before: decoded,
  after: decoded,
})

const outcome = z.union([
  z.object({ kind: z.literal('returned'), data: hexBytes, returned: decoded }),
  z.object({
    kind: z.literal('reverted'),
    data: hexBytes,
    message: z.string(),
    error: z.object({ name: z.string(), fields: z.record(z.string(), decoded) }).nullable(),
  }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
])

const tracedCall = z
  .object({
    kind: z.enum(['call', 'view', 'deploy', 'upgrade']),
    caller: address,
    contract: address,
    contractName: z.string().nullable(),
    codeHash: plainHash.nullable(),
    method: z.string(),
    args: fields,
    argsData: hexBytes,
    value: decimal,
    gasLimit: decimal,
    gasUsed: decimal.meta({ description: 'with what the calls inside used' }),
    ownGas: decimal,
    outcome,
    isUndone: z.boolean(),
    get steps(): z.ZodArray<typeof step> {
      return z.array(step)
    },
  })
  .meta({ id: 'TracedCall' })

const step = z.union([
  z.object({
    kind: z.literal('write'),
    key: hexBytes,
    before: hexBytes.nullable(),
    after: hexBytes.nullable(),
    stored: stored.nullable(),
  }),
  z.object({
    kind: z.literal('event'),
    topics: z.array(hexBytes),
    data: hexBytes,
    name: z.string(),
    fields,
  }),
  z.object({ kind: z.literal('transfer'), to: address, amount: decimal }),
  z.object({ kind: z.literal('log'), message: z.string() }),
  z.object({
    kind: z.literal('call'),
    get call(): typeof tracedCall {
      return tracedCall
    },
  }),
])

/** A failed call: where in its source, if that is known. */
const failedCall = z.looseObject({
  contract: address,
  contractName: z.string().nullable(),
  method: z.string(),
  code: z.string(),
  message: z.string(),
  gasLeft: decimal.nullable(),
  frames: z.array(z.looseObject({})),
})

export const traceOutput = z.object({
  transactionId: hash,
  height: decimal,
  index: count,
  isExact: z.boolean().meta({ description: 'false: it runs otherwise now than it did in its block' }),
  calls: z.array(tracedCall),
  stepsCut: count,
  failure: z.array(failedCall).nullable().meta({ description: 'the innermost first' }),
  gasUsed: decimal,
  flame: path.optional(),
})
