/** What a new version of a contract changes for those who call it, or read its events and errors. */
import { type Abi, type AbiField, type AbiMethod, formatMethod } from './types.ts'
import { parseValueType, type ValueType } from './value-type.ts'

export interface InterfaceChange {
  readonly part: 'method' | 'event' | 'error'
  readonly name: string
  readonly kind: 'removed' | 'changed' | 'added'
  readonly message: string
}

/** The type with every struct written out: two that are the same here are the same to callers. */
const writeOut = (type: ValueType): string => {
  switch (type.kind) {
    case 'integer':
      return `${type.isSigned ? 'i' : 'u'}${type.bits}`
    case 'vec':
    case 'option':
      return `${type.kind}<${writeOut(type.element)}>`
    case 'struct':
      return `{${type.fields.map(field => `${field.name}: ${writeOut(field.type)}`).join(', ')}}`
    case 'bool':
    case 'string':
    case 'address':
    case 'bytes':
      return type.kind
  }
}

/** A method, an event or an error, as it is told and as it is compared. */
interface Entry {
  readonly name: string
  readonly signature: string
  readonly exact: string
  /** More to say of it than its signature. */
  readonly marks: readonly string[]
}

const writeFields = (fields: readonly AbiField[], { structs }: Abi): string =>
  fields.map(({ name, type }) => `${name}: ${writeOut(parseValueType(type, structs))}`).join(', ')

const methodEntry = (method: AbiMethod, abi: Abi): Entry => {
  const { name, kind, payable, params, returns } = method
  const result = returns === 'void' ? returns : writeOut(parseValueType(returns, abi.structs))
  const marks = [kind === 'view' ? 'a view' : 'a call', ...(payable ? ['payable'] : [])]
  const exact = `(${writeFields(params, abi)}): ${result}`
  return { name, signature: formatMethod(method), exact, marks }
}

const fieldsEntry = (
  { name, fields }: { name: string; fields: readonly (AbiField & { readonly indexed?: boolean })[] },
  abi: Abi,
): Entry => {
  const indexed = fields.filter(field => field.indexed === true).map(field => field.name)
  return {
    name,
    signature: `${name}(${fields.map(field => `${field.name}: ${field.type}`).join(', ')})`,
    exact: `(${writeFields(fields, abi)})`,
    marks: indexed.length === 0 ? ['not indexed'] : [`indexed by ${indexed.join(', ')}`],
  }
}

/** What runs on deploying or upgrading is nobody else's business. */
const isCallable = ({ kind }: AbiMethod): boolean => kind === 'call' || kind === 'view'

const entriesOf = (abi: Abi, part: InterfaceChange['part']): Entry[] => {
  switch (part) {
    case 'method':
      return abi.methods.filter(isCallable).map(method => methodEntry(method, abi))
    case 'event':
      return abi.events.map(event => fieldsEntry(event, abi))
    case 'error':
      return abi.errors.map(error => fieldsEntry(error, abi))
  }
}

/** A method that takes value now took none before: nobody who calls it has to know. */
const isSame = (before: Entry, after: Entry): boolean =>
  before.exact === after.exact &&
  before.marks.every(mark => after.marks.includes(mark)) &&
  after.marks.every(mark => mark === 'payable' || before.marks.includes(mark))

const describeChange = (before: Entry, after: Entry): string => {
  if (before.signature !== after.signature) return `${before.signature} is now ${after.signature}`
  if (before.exact !== after.exact) return `${before.signature}: a struct in it is another`
  return `${before.signature} was ${before.marks.join(', ')} and is ${after.marks.join(', ')}`
}

const comparePart = (before: Abi, after: Abi, part: InterfaceChange['part']): InterfaceChange[] => {
  const [old, now] = [entriesOf(before, part), entriesOf(after, part)]
  const changes = old.flatMap((entry): InterfaceChange[] => {
    const { name, signature } = entry
    const heir = now.find(other => other.name === name)
    if (heir === undefined) return [{ part, name, kind: 'removed', message: `${signature} is gone` }]
    return isSame(entry, heir) ? [] : [{ part, name, kind: 'changed', message: describeChange(entry, heir) }]
  })
  const added = now
    .filter(({ name }) => !old.some(entry => entry.name === name))
    .map(
      ({ name, signature }): InterfaceChange => ({
        part,
        name,
        kind: 'added',
        message: `${signature} is new`,
      }),
    )
  return [...changes, ...added]
}

export const compareInterfaces = (before: Abi, after: Abi): InterfaceChange[] =>
  (['method', 'event', 'error'] as const).flatMap(part => comparePart(before, after, part))
