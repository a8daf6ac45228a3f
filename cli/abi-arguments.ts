/**
 * From words on the command line to a method's arguments. Lists and structs are written as JSON; development
 * accounts may be named wherever an address is wanted. node/abi checks the values; here only text becomes the
 * kind of value that the type asks for.
 */
import { readFile } from 'node:fs/promises'
import { type Abi, findMethod, parseAbi } from '../node/abi/types.ts'
import { parseValueType, type ValueType } from '../node/abi/value-type.ts'
import { encodeArguments } from '../node/abi/values.ts'
import type { AddressBook } from './address-book.ts'
import { CliError } from './errors.ts'

/** A number keeps its digits: past 2^53 it would not be exact. */
export const exactNumber = (_: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
    ? BigInt(context.source)
    : value

/** How a value of `type` is written in JSON, made of `text` if that shows what was meant. */
const example = (type: ValueType, text: string): string => {
  switch (type.kind) {
    case 'vec': {
      const isNested = type.element.kind === 'vec' || type.element.kind === 'struct'
      const items = isNested ? ['…'] : text.split(',')
      return `[${items.map(item => example(type.element, item.trim())).join(',')}]`
    }
    case 'struct':
      return `{${type.fields.map(field => `"${field.name}":${example(field.type, '…')}`).join(',')}}`
    case 'option':
      return example(type.element, text)
    case 'string':
    case 'address':
    case 'bytes':
      return JSON.stringify(text)
    case 'bool':
    case 'integer':
      return text
  }
}

const parseJson = (type: ValueType, text: string, where: string): unknown => {
  try {
    return JSON.parse(text, exactNumber)
  } catch (cause) {
    const [start, what] = type.kind === 'vec' ? ['[', 'a list'] : ['{', 'an object']
    const reason = text.trimStart().startsWith(start)
      ? `this is not valid JSON: ${(cause as Error).message}`
      : `expected ${what} in JSON, such as '${example(type, text)}'`
    throw new CliError('bad_value', `${where}: ${reason}`, { cause })
  }
}

/** Puts addresses in the place of names, wherever the type is an address. */
export const resolveNames = (
  type: ValueType,
  value: unknown,
  resolve: (text: string) => unknown,
): unknown => {
  switch (type.kind) {
    case 'address':
      return typeof value === 'string' ? resolve(value) : value
    case 'option':
      return resolveNames(type.element, value, resolve)
    case 'vec':
      return Array.isArray(value)
        ? value.map((item: unknown) => resolveNames(type.element, item, resolve))
        : value
    case 'struct': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      const types = new Map(type.fields.map(field => [field.name, field.type]))
      const resolved = Object.entries(value).map(([name, item]: [string, unknown]) => {
        const known = types.get(name)
        return [name, known === undefined ? item : resolveNames(known, item, resolve)]
      })
      return Object.fromEntries(resolved)
    }
    case 'bool':
    case 'bytes':
    case 'integer':
    case 'string':
      return value
  }
}

const toValue = (type: ValueType, text: string, where: string): unknown => {
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'address':
      return text
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'integer':
      return /^-?\d[\d_]*$/.test(text) ? text.replaceAll('_', '') : text
    case 'option':
      return text === 'null' ? null : toValue(type.element, text, where)
    case 'vec':
    case 'struct':
      return parseJson(type, text, where)
  }
}

/** Throws an AbiError or a CliError that names the method, the argument, its type and what was given. */
export const encodeWords = (
  abi: Abi,
  method: string,
  words: readonly string[],
  book: AddressBook,
): Uint8Array => {
  const { params } = findMethod(abi, method)
  const values = words.map((word, i) => {
    const param = params[i]
    if (param === undefined) return word
    const type = parseValueType(param.type, abi.structs)
    const where = `${method}, argument ${i + 1} (${param.name})`
    return resolveNames(type, toValue(type, word, where), text =>
      book.isName(text) ? book.resolve(text) : text,
    )
  })
  return encodeArguments(abi, method, values)
}

const RUNS_ON = { init: 'deploying it', migrate: 'upgrading to it' } as const

/** Arguments of the method that a deploy or an upgrade runs; there may be no such method. */
export const encodeLifecycleWords = (
  abi: Abi | undefined,
  kind: 'init' | 'migrate',
  words: readonly string[],
  book: AddressBook,
): Uint8Array => {
  const method = abi?.methods.find(entry => entry.kind === kind)
  if (abi !== undefined && method !== undefined) return encodeWords(abi, method.name, words, book)
  if (words.length === 0) return new Uint8Array(0)
  if (abi === undefined)
    throw new CliError(
      'no_abi',
      'the module carries no ABI, so its arguments have no types: give one with --abi',
    )
  throw new CliError(
    'bad_value',
    `the contract ${abi.name} has no @${kind} method, so ${RUNS_ON[kind]} takes no arguments; ${words.length} given`,
  )
}

export const readAbiFile = async (path: string): Promise<Abi> => {
  const text = await readFile(path, 'utf8')
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new CliError('bad_abi', `${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  return parseAbi(json)
}
