/**
 * `config.json`: what the operator of one node sets. The schema is the one table: its names, defaults and descriptions
 * are what `vex node start --help` shows ({@link configSettings}), and every setting but the kind may come from the
 * environment instead: `network.maxPeers` from VEX_NETWORK_MAX_PEERS. Lists are separated by commas there, and an empty
 * variable counts as none. What all nodes of a chain must agree on is in the genesis, never here.
 */
import { z } from 'zod'
import { ANY_ORIGIN } from './api/access.ts'
import { DEFAULT_API } from './api/default-address.ts'
import { MIN_KEPT_BLOCKS, PRUNING_MODES, type PruningMode } from './chain/pruning.ts'
import { nearestName } from './nearest-name.ts'
import { type AddressUse, isPeerId, multiaddrProblem } from './network/multiaddr.ts'
import { MAX_DELEGATIONS, NODE_KINDS, type NodeKind } from './network/ports.ts'
import { MiB, MIN_FREE_BYTES } from './storage/disk-space.ts'
import { fromHex, MAX_U64, toHash } from './types/primitives.ts'

export const DEFAULT_NETWORK_PORT = 4101

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'bad_config'
}

interface Documentation {
  readonly [key: string]: unknown
  readonly description: string
  /** What it takes, for errors: "expected …". */
  readonly expected: string
}

const setting = <Schema extends z.ZodType>(schema: Schema, documentation: Documentation): Schema =>
  schema.meta(documentation)

const oneOf = (names: readonly string[]): string => `one of ${names.join(', ')}`

const multiaddrs = (use: AddressUse) =>
  z.array(
    z.string().superRefine((text, context) => {
      const message = multiaddrProblem(text, use)
      if (message !== undefined) context.addIssue({ code: 'custom', message })
    }),
  )

const MULTIADDRS = 'a list of addresses such as /ip4/203.0.113.7/tcp/4101'

const isOrigin = (text: string): boolean => {
  const url = URL.parse(text)
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.origin === text
}
const origin = z
  .string()
  .refine(
    text => text === ANY_ORIGIN || isOrigin(text),
    'expected an origin, scheme, host and port alone, such as https://example.org, or *',
  )

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
const PRUNING_NAMES = Object.keys(PRUNING_MODES) as [PruningMode, ...PruningMode[]]

const MAX_PORT = 65_535
const MAX_PEERS = 1_000
const CHECKPOINT = /^(\d{1,20}):(?:0x)?([0-9a-fA-F]{64})$/

const checkpoint = z
  .string()
  .regex(CHECKPOINT)
  .refine(text => BigInt(CHECKPOINT.exec(text)?.[1] ?? 0) <= MAX_U64)
  .transform(text => {
    const [, height = '', hash = ''] = CHECKPOINT.exec(text) ?? []
    return { height: BigInt(height), hash: toHash(fromHex(hash)) }
  })

const schema = z.strictObject({
  kind: setting(z.enum(NODE_KINDS), {
    description:
      'validator votes, full follows and serves, archive keeps every block, sentry stands before validators',
    expected: oneOf(NODE_KINDS),
  }),
  api: z
    .strictObject({
      host: setting(z.string().min(1).default(DEFAULT_API.host), {
        description: 'where the API listens; other machines reach it on anything but 127.0.0.1',
        expected: 'an address or a name of this machine',
      }),
      port: setting(z.int().min(0).max(MAX_PORT).default(DEFAULT_API.port), {
        description: 'port of the API; 0 for any free one',
        expected: `a number from 0 to ${MAX_PORT}`,
      }),
      corsOrigins: setting(z.array(origin).default([ANY_ORIGIN]), {
        description: 'whose pages may ask from a browser; * for all, an empty list for none',
        expected: 'a list of origins such as https://example.org, or *',
      }),
      bearerTokenFile: setting(z.string().min(1).optional(), {
        description: 'a file of mode 600 with the token that whoever asks has to show; probes need none',
        expected: 'the path of a file',
      }),
      tls: z
        .strictObject({
          cert: setting(z.string().min(1).optional(), {
            description: 'the certificate, PEM, with those between it and the root: the API speaks HTTPS',
            expected: 'the path of a file',
          }),
          key: setting(z.string().min(1).optional(), {
            description: 'its key, PEM, in a file of mode 600',
            expected: 'the path of a file',
          }),
        })
        .prefault({}),
      adminPort: setting(z.int().min(0).max(MAX_PORT).optional(), {
        description:
          'port on 127.0.0.1 for what changes the node, and for its metrics, which leave the API then',
        expected: `a number from 0 to ${MAX_PORT}`,
      }),
    })
    .prefault({}),
  network: z
    .strictObject({
      listen: setting(multiaddrs('listen').default([`/ip4/0.0.0.0/tcp/${DEFAULT_NETWORK_PORT}`]), {
        description: 'where other nodes reach this one; an empty list: nowhere',
        expected: MULTIADDRS,
      }),
      announce: setting(multiaddrs('announce').default([]), {
        description: 'what others are told instead, where the outside sees other addresses',
        expected: MULTIADDRS,
      }),
      bootstrap: setting(multiaddrs('call').default([]), {
        description: 'the nodes that are asked first who else there is',
        expected: MULTIADDRS,
      }),
      mdns: setting(z.boolean().default(false), {
        description: 'look for nodes in the local network',
        expected: 'true or false',
      }),
      persistentPeers: setting(multiaddrs('call').default([]), {
        description: 'nodes that are dialled again and again',
        expected: MULTIADDRS,
      }),
      maxPeers: setting(z.int().min(1).max(MAX_PEERS).default(50), {
        description: 'the most connections to other nodes',
        expected: `a number from 1 to ${MAX_PEERS}`,
      }),
      privatePeers: setting(
        z.array(z.string().refine(isPeerId, 'expected a peer id, which begins with 12D3KooW')).default([]),
        {
          description: 'peers that nobody is told of; of a sentry: the validators behind it',
          expected: 'a list of peer ids, which begin with 12D3KooW',
        },
      ),
      onlyPeers: setting(z.boolean().default(false), {
        description: 'talk to persistentPeers alone, and let nobody else in',
        expected: 'true or false',
      }),
    })
    .prefault({}),
  pruning: setting(z.enum(PRUNING_NAMES).default('default'), {
    description: `archive keeps all blocks, default the last ${PRUNING_MODES.default.blocks}, minimal the last ${MIN_KEPT_BLOCKS}`,
    expected: oneOf(PRUNING_NAMES),
  }),
  keepBlocks: setting(z.int().min(MIN_KEPT_BLOCKS).optional(), {
    description: 'how many of the last blocks are kept, instead',
    expected: `a whole number from ${MIN_KEPT_BLOCKS} on`,
  }),
  minFreeMib: setting(
    z
      .int()
      .min(0)
      .default(MIN_FREE_BYTES / MiB),
    {
      description: 'with less on the disk no blocks are made, with a quarter of it the node stops; 0: never',
      expected: 'a number of MiB',
    },
  ),
  logLevel: setting(z.enum(LOG_LEVELS).default('info'), {
    description: 'the least that is worth a line in the log',
    expected: oneOf(LOG_LEVELS),
  }),
  snapshotEveryEpochs: setting(z.int().min(0).default(0), {
    description: 'how often a snapshot is made for nodes that join, of which the last two are kept; 0: none',
    expected: 'a number of epochs',
  }),
  sync: z
    .strictObject({
      checkpoint: setting(checkpoint.optional(), {
        description: 'a block that must be on the chain, from a source of your own',
        expected: 'HEIGHT:HASH, with the 64 hex digits of the block’s hash',
      }),
    })
    .prefault({}),
})

export type NodeConfig = z.output<typeof schema>

export interface ConfigSetting {
  /** Its place in config.json, such as `network.maxPeers`. */
  readonly name: string
  /** The variable that it may come from. */
  readonly variable: string | undefined
  readonly description: string
  readonly expected: string
  /** As JSON; `undefined`: none. */
  readonly default: string | undefined
}

interface Field {
  readonly name: string
  readonly schema: z.ZodType
}

/** Without what says that it may be left out. */
const bare = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault || field instanceof z.ZodPrefault || field instanceof z.ZodOptional
    ? bare(field.def.innerType as z.ZodType)
    : field

const fieldsOf = (object: z.ZodObject, above = ''): Field[] =>
  Object.entries(object.shape).flatMap(([key, field]) => {
    const inner = bare(field as z.ZodType)
    return inner instanceof z.ZodObject
      ? fieldsOf(inner, `${above}${key}.`)
      : [{ name: above + key, schema: field as z.ZodType }]
  })

const FIELDS = fieldsOf(schema)

/** `network.maxPeers` as VEX_NETWORK_MAX_PEERS. What kind of node this is goes with its keys, not with its surroundings. */
const variableOf = (name: string): string | undefined =>
  name === 'kind'
    ? undefined
    : `VEX_${name
        .replaceAll('.', '_')
        .replace(/[A-Z]/g, letter => `_${letter}`)
        .toUpperCase()}`

const documentationOf = (field: Field): Documentation => field.schema.meta() as Documentation

/** Every setting there is, in the order of the file. */
export const configSettings = (): readonly ConfigSetting[] =>
  FIELDS.map(field => {
    const { description, expected } = documentationOf(field)
    const value = field.schema.safeParse(undefined)
    return {
      name: field.name,
      variable: variableOf(field.name),
      description,
      expected,
      default: value.success ? JSON.stringify(value.data) : undefined,
    }
  })

const namesAt = (path: readonly PropertyKey[]): readonly string[] => {
  const found = path.reduce<z.ZodType>(
    (at, key) => bare((at as z.ZodObject).shape[String(key)] as z.ZodType),
    schema,
  )
  return Object.keys((found as z.ZodObject).shape)
}

const unknownField = (key: string, path: readonly PropertyKey[]): string => {
  const names = namesAt(path)
  const nearest = nearestName(key, names)
  const advice = nearest === undefined ? `there are ${names.join(', ')}` : `did you mean "${nearest}"?`
  return `there is no setting ${JSON.stringify([...path, key].join('.'))}; ${advice}`
}

const describeIssue = (issue: z.core.$ZodIssue): string => {
  const { path, code } = issue
  if (code === 'unrecognized_keys') return issue.keys.map(key => unknownField(key, path)).join('. ')
  const name = path.filter(key => typeof key === 'string').join('.')
  const field = FIELDS.find(each => each.name === name)
  const where = path.join('.')
  // Only an entry of a list has more to say than what the whole list takes.
  if (field === undefined) return where === '' ? 'expected a JSON object' : `${where}: expected an object`
  if (code === 'custom' && path.length > name.split('.').length) return `${where}: ${issue.message}`
  return `${where}: expected ${documentationOf(field).expected}`
}

const refuse = (where: string, { issues }: z.ZodError): never => {
  throw new ConfigError(`${where}: ${issues.map(describeIssue).join('. ')}`)
}

const parseJson = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ConfigError(`${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** What is written in a variable, as it would be in the file; whether it fits is for the schema to say. */
const toJson = (text: string, field: z.ZodType): unknown => {
  if (field instanceof z.ZodArray) return text.split(',').map(entry => entry.trim())
  if (field instanceof z.ZodNumber && /^\d+$/.test(text)) return Number(text)
  if (field instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The settings that the environment gives. */
export const settingsFrom = (environment: Environment): readonly ConfigSetting[] =>
  configSettings().filter(({ variable }) => variable !== undefined && (environment[variable] ?? '') !== '')

const readVariable = (name: string, variable: string, text: string): unknown => {
  const field = FIELDS.find(each => each.name === name) as Field
  const value = toJson(text, bare(field.schema))
  const parsed = field.schema.safeParse(value)
  if (parsed.success) return value
  const [issue] = parsed.error.issues
  const isEntry = issue?.code === 'custom' && issue.path.length > 0
  throw new ConfigError(
    `${variable}: ${isEntry ? issue.message : `expected ${documentationOf(field).expected}`}, not ${JSON.stringify(text)}`,
  )
}

const override = (json: unknown, environment: Environment): unknown => {
  const merged = structuredClone(json) as Record<string, unknown>
  for (const { name, variable = '' } of settingsFrom(environment)) {
    const parts = name.split('.')
    const last = parts.pop() ?? ''
    const section = parts.reduce((at, part) => (at[part] ??= {}) as Record<string, unknown>, merged)
    section[last] = readVariable(name, variable, environment[variable] ?? '')
  }
  return merged
}

/** What each setting allows, and all of them together do not. */
const contradiction = ({ kind, api, pruning, keepBlocks, network }: NodeConfig): string | undefined => {
  if (kind === 'archive' && (pruning !== 'archive' || keepBlocks !== undefined))
    return 'a node of the kind archive keeps every block: set pruning to "archive", without keepBlocks'
  if ((api.tls.cert === undefined) !== (api.tls.key === undefined))
    return 'api.tls takes both: set cert and key, or neither'
  if (network.onlyPeers && network.persistentPeers.length === 0)
    return 'network.onlyPeers leaves nobody to talk to: name the sentries in network.persistentPeers'
  if (network.onlyPeers && (network.bootstrap.length > 0 || network.mdns))
    return 'network.onlyPeers talks to network.persistentPeers alone: leave network.bootstrap empty and network.mdns false'
  if (kind === 'sentry' && network.privatePeers.length > MAX_DELEGATIONS)
    return `a sentry passes on for up to ${MAX_DELEGATIONS} validators, and network.privatePeers names ${network.privatePeers.length}`
  return undefined
}

/** `path` is for errors alone. Throws a {@link ConfigError} that names the file or variable, the setting, and what it takes. */
export const parseConfig = (text: string, path: string, environment: Environment = {}): NodeConfig => {
  const json = parseJson(text, path)
  const file = schema.safeParse(json)
  if (!file.success) return refuse(path, file.error)
  const config = schema.parse(override(json, environment))
  const problem = contradiction(config)
  if (problem === undefined) return config
  const others = settingsFrom(environment).map(({ variable }) => variable)
  throw new ConfigError(`${[path, ...others].join(', ')}: ${problem}`)
}

/** Why a node of this kind does not start with, or without, validator keys beside its settings; `undefined`: it does. */
export const keysProblem = (kind: NodeKind, hasKeys: boolean): string | undefined => {
  if ((kind === 'validator') === hasKeys) return undefined
  return hasKeys
    ? `this node is of the kind ${kind}, but validator-key.json lies beside its settings, and it would vote: set kind to "validator", or move the keys away`
    : 'this node is a validator, but validator-key.json is missing beside its settings: restore it from a copy, or set kind to "full"'
}

/** The `config.json` of a new node, with every setting that has a value. Behind sentries it talks to them alone. */
export const formatNewConfig = (
  kind: NodeKind,
  bootstrap: readonly string[] = [],
  sentries: readonly string[] = [],
): string => {
  const pruning: PruningMode = kind === 'archive' ? 'archive' : 'default'
  const network =
    sentries.length === 0
      ? { bootstrap: [...bootstrap] }
      : { listen: [], persistentPeers: [...sentries], onlyPeers: true }
  const config = schema.parse({ kind, network, pruning })
  return `${JSON.stringify(config, null, 2)}\n`
}
