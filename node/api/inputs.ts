/** What comes in over the API: zod schemas that give chain types, with a sentence for each mistake. */
import { z } from 'zod'
import { AddressError, parseAddress } from '../crypto/address.ts'
import { LIMITS } from '../params.ts'
import { type Address, fromHex, type Hash, MAX_U64, toHash } from '../types/primitives.ts'
import { CodecError } from '../types/codec.ts'
import { type Evidence, EVIDENCE_BYTES, evidenceCodec } from '../types/evidence.ts'
import type { Action, SimpleAction } from '../types/transaction.ts'
import {
  BLS_PUBLIC_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  VRF_PROOF_BYTES,
  VRF_PUBLIC_KEY_BYTES,
} from '../types/validator.ts'
import { type JsonSchema, shownAs, WIRE, wireBytes, wireBytesOf } from './wire.ts'

export const address = shownAs(
  z.string().transform((value, context): Address => {
    try {
      return parseAddress(value)
    } catch (error) {
      if (!(error instanceof AddressError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  }),
  WIRE.address,
)

/** `0x` and an even number of hex digits. */
export const bytes = (maxBytes: number) =>
  shownAs(
    z.string().transform((value, context): Uint8Array => {
      if (value.length > 2 * maxBytes + 2) {
        context.addIssue({ code: 'custom', message: `more than the ${maxBytes} bytes that are allowed here` })
        return z.NEVER
      }
      try {
        return fromHex(value)
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    }),
    wireBytes(maxBytes),
  )

export const hash = shownAs(
  bytes(32).transform((value, context): Hash => {
    if (value.length === 32) return toHash(value)
    context.addIssue({
      code: 'custom',
      message: `a hash is 32 bytes (64 hex digits); this is ${value.length}`,
    })
    return z.NEVER
  }),
  WIRE.hash,
)

const EXPECTED_U64 = `expected an integer from 0 to ${MAX_U64}, as a decimal string`

/** An unsigned 64-bit integer: a decimal string, or a number that JSON holds exactly. */
export const u64 = shownAs(
  z.union([z.string(), z.number(), z.bigint()], EXPECTED_U64).transform((value, context): bigint => {
    const isExact =
      typeof value === 'number'
        ? Number.isSafeInteger(value)
        : typeof value === 'bigint' || /^\d{1,20}$/.test(value)
    const integer = isExact ? BigInt(value) : -1n
    if (integer >= 0n && integer <= MAX_U64) return integer
    context.addIssue({ code: 'custom', message: EXPECTED_U64 })
    return z.NEVER
  }),
  WIRE.u64,
)

/** A block in a path: its height, its hash, or its tag. */
export const blockPath = z
  .strictObject({
    block: shownAs(z.string().max(80), {
      type: 'string',
      description: 'its height; or its hash, with 0x; or latest; or genesis',
      examples: ['latest'],
    }),
  })
  .transform(({ block }) =>
    block === 'latest' || block === 'genesis'
      ? { tag: block }
      : block.startsWith('0x')
        ? { hash: block }
        : { height: block },
  )

export const blockSelector = z.union(
  [
    z.strictObject({ height: u64 }),
    z.strictObject({ hash }),
    z.strictObject({ tag: z.enum(['latest', 'genesis']) }),
  ],
  'name a block by one of: height, hash, tag ("latest" or "genesis")',
)

/** The most transactions of one page of `transaction.list`. */
const MAX_LISTED = 200

/** 0: the event's name in UTF-8; 1 to 3: its indexed fields in BCS. */
const transactionPosition = z
  .int()
  .min(0)
  .max(LIMITS.eventTopics - 1)

const listPage = {
  order: z.enum(['newest', 'oldest']).default('newest'),
  limit: z.int().min(1).max(MAX_LISTED).default(50),
  /** Of the page before. */
  cursor: z.string().max(40).optional(),
}

const listedBy = z.union(
  [
    z.strictObject({ sender: address }),
    z.strictObject({ party: address }),
    z.strictObject({
      contract: address,
      position: transactionPosition,
      topic: bytes(LIMITS.eventTopicBytes),
    }),
  ],
  'name one of: sender; party; or contract, position and topic',
)

export const transactionList = z.strictObject({ by: listedBy, ...listPage })

const text = (wire: JsonSchema) => shownAs(z.string(), wire)

/** {@link transactionList} in a query. Only the form changes here: what comes out is checked as any input is. */
export const transactionQuery = z
  .strictObject({
    sender: text(WIRE.address).optional(),
    party: text(WIRE.address).optional(),
    contract: text(WIRE.address).optional(),
    position: transactionPosition.optional(),
    topic: text(wireBytes(LIMITS.eventTopicBytes)).optional(),
    ...listPage,
  })
  .transform(({ order, limit, cursor, ...by }) => ({
    by,
    order,
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  }))

const noBytes = '0x'
const callArguments = bytes(LIMITS.callArgumentsBytes).default(() => fromHex(noBytes))
const value = u64.default(0n)

/** Ten-thousandths. What is too much, the chain says. */
const commissionBps = z.int().min(0).max(0xffff)

/** Exactly so many. */
export const bytesOf = (size: number) =>
  shownAs(
    bytes(size).refine(value => value.length === size, `expected ${size} bytes (${2 * size} hex digits)`),
    wireBytesOf(size),
  )

/** The BCS bytes of types/evidence.ts. */
const evidence = shownAs(
  bytes(EVIDENCE_BYTES).transform((value, context): Evidence => {
    try {
      return evidenceCodec.decode(value)
    } catch (error) {
      if (!(error instanceof CodecError)) throw error
      context.addIssue({ code: 'custom', message: error.message })
      return z.NEVER
    }
  }),
  wireBytes(EVIDENCE_BYTES),
)

const simpleActions = [
  z.strictObject({ kind: z.literal('transfer'), to: address, amount: u64 }),
  z.strictObject({
    kind: z.literal('deploy'),
    code: bytes(LIMITS.codeBytes),
    args: callArguments,
    value,
    owner: address.optional(),
  }),
  z.strictObject({
    kind: z.literal('call'),
    contract: address,
    method: z.string().max(LIMITS.methodNameBytes),
    args: callArguments,
    value,
  }),
  z.strictObject({
    kind: z.literal('upgrade'),
    contract: address,
    code: bytes(LIMITS.codeBytes),
    args: callArguments,
  }),
  z.strictObject({ kind: z.literal('setOwner'), contract: address, owner: address.optional() }),
  z.strictObject({
    kind: z.literal('registerValidator'),
    voteKey: bytesOf(BLS_PUBLIC_KEY_BYTES),
    proofOfPossession: bytesOf(BLS_SIGNATURE_BYTES),
    vrfKey: bytesOf(VRF_PUBLIC_KEY_BYTES),
    vrfProof: bytesOf(VRF_PROOF_BYTES),
    commissionBps,
    stake: u64,
  }),
  z.strictObject({ kind: z.literal('editValidator'), commissionBps }),
  z.strictObject({ kind: z.literal('delegate'), validator: address, amount: u64 }),
  /** No amount: everything. */
  z.strictObject({ kind: z.literal('undelegate'), validator: address, amount: u64.optional() }),
  z.strictObject({ kind: z.literal('withdraw'), validator: address }),
  z.strictObject({ kind: z.literal('claimRewards'), validator: address }),
  z.strictObject({ kind: z.literal('unjail') }),
  z.strictObject({ kind: z.literal('submitEvidence'), evidence }),
] as const

/** Says which kinds there are; the library's own words name none. */
const expectedKind = (
  options: readonly { readonly shape: { readonly kind: { readonly value: string } } }[],
) => `expected a kind of action: ${options.map(({ shape }) => shape.kind.value).join(', ')}`

const simpleAction = z.discriminatedUnion('kind', simpleActions, expectedKind(simpleActions))

const batch = z.strictObject({
  kind: z.literal('batch'),
  actions: z.array(simpleAction).min(1).max(LIMITS.batchActions),
})

type ParsedSimpleAction = z.output<typeof simpleAction>

const toSimpleAction = (action: ParsedSimpleAction): SimpleAction =>
  action.kind === 'deploy' || action.kind === 'setOwner'
    ? { ...action, owner: action.owner }
    : action.kind === 'undelegate'
      ? { ...action, amount: action.amount }
      : action

export const action = z
  .discriminatedUnion('kind', [...simpleActions, batch], expectedKind([...simpleActions, batch]))
  .transform(
    (value): Action =>
      value.kind === 'batch'
        ? { kind: 'batch', actions: value.actions.map(toSimpleAction) }
        : toSimpleAction(value),
  )

/** What is wrong with one of a union's objects, if the fields that were given can only mean that one. */
const issuesOfMeant = (issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] | undefined => {
  if (issue.code !== 'invalid_union') return undefined
  const meant = issue.errors.filter(issues => issues.every(({ code }) => code !== 'unrecognized_keys'))
  return meant.length === 1 ? meant[0] : undefined
}

const MAX_SHOWN_ISSUES = 3

/** One sentence for each mistake, with where it is; of many the first few. */
export const describeIssues = (
  issues: readonly z.core.$ZodIssue[],
  at: readonly PropertyKey[] = [],
): string => {
  const sentences = issues.slice(0, MAX_SHOWN_ISSUES).map(issue => {
    const path = [...at, ...issue.path]
    const meant = issuesOfMeant(issue)
    if (meant !== undefined) return describeIssues(meant, path)
    return path.length === 0 ? issue.message : `${path.map(String).join('.')}: ${issue.message}`
  })
  if (issues.length > MAX_SHOWN_ISSUES) sentences.push(`and ${issues.length - MAX_SHOWN_ISSUES} more`)
  return sentences.join('; ')
}

/** `gas`: with where the gas went, by function and instruction. */
export const traceDetail = z.enum(['calls', 'gas'])
