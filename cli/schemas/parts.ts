/** What the outputs of several commands are made of. Integers beyond 32 bits, and all amounts, are decimal strings. */
import { z } from 'zod'
import { address, count, decimal, hexBytes, receipt, simulation } from '../../node/api/outputs.ts'
import { shownAs } from '../../node/api/wire.ts'

/** 32 bytes in hex as files and nodes' logs have them. */
export const plainHash = z.string().regex(/^[0-9a-f]{64}$/)
export const path = z.string().meta({ description: 'as it was given, or from where the command ran' })

/** Whatever a contract's ABI makes of it. */
export const decoded = shownAs(z.unknown(), {
  description:
    'as the ABI has it; integers beyond 32 bits are decimal strings; null: nothing, or no ABI tells',
})
export const fields = z.record(z.string(), decoded).nullable()

/** Whatever follows by another's rules: a log's fields, a trace's steps. */
export const open = z.looseObject({})

export const readableEvent = z
  .object({
    contract: address,
    contractName: z.string().nullable(),
    name: z.string(),
    fields,
    topics: z.array(hexBytes),
    data: hexBytes,
  })
  .meta({ id: 'ReadableEvent' })
export const events = z.array(readableEvent)

export const call = z
  .object({
    contract: address,
    contractName: z.string(),
    method: z.string(),
    args: z.record(z.string(), decoded),
  })
  .nullable()

/** A receipt with its events read. */
export const readableReceipt = { ...receipt.shape, events }

/** What every command that sends prints. */
export const sent = { ...readableReceipt, returned: decoded, logs: z.array(z.string()) }

export const rehearsal = z.object({ ...simulation.shape, events })

export const account = z.object({
  name: z.string(),
  address,
  publicKey: z.string(),
  path: z.string().nullable(),
})
export const accounts = z.array(account)

export const kdf = z.union([
  z.object({ name: z.literal('scrypt'), n: count, r: count, p: count }),
  z.object({ name: z.literal('pbkdf2-hmac-sha512'), iterations: count }),
])

export const nodeHeights = z.array(z.object({ name: z.string(), height: decimal, isRunning: z.boolean() }))

/** How far a validator has signed. */
export const signed = z.object({ epoch: decimal, view: decimal }).nullable()
