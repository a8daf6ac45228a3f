/**
 * From words on the command line to a method's arguments. Lists, options and structs are written as JSON.
 * node/abi checks the values; here only text becomes the kind of value that the type asks for.
 */
import { readFile } from 'node:fs/promises'
import { type Abi, findMethod, parseAbi } from '../node/abi/types.ts'
import { parseValueType, type ValueType } from '../node/abi/value-type.ts'
import { encodeArguments } from '../node/abi/values.ts'
import { type AddressBook, isDevName } from './address-book.ts'
import { CliError } from './errors.ts'

/** Keeps the digits of numbers: a JSON number past 2^53 would not be exact. */
const parseJson = (text: string): unknown => {
  const keepDigits = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
      ? context.source
      : value
  try {
    return JSON.parse(text, keepDigits)
  } catch {
    // Not JSON: the text itself will be refused, with the type that was wanted.
    return text
  }
}

const toValue = (type: ValueType, text: string, book: AddressBook): unknown => {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return text
    case 'bool':
      return text === 'true' ? true : text === 'false' ? false : text
    case 'integer':
      return /^-?\d[\d_]*$/.test(text) ? text.replaceAll('_', '') : text
    case 'address':
      return isDevName(text) ? book.resolve(text) : text
    case 'option':
      return text === 'null' ? null : toValue(type.element, text, book)
    case 'vec':
    case 'struct':
      return parseJson(text)
  }
}

/** Throws an AbiError that names the method, the argument, its type and what was given. */
export const encodeWords = (
  abi: Abi,
  method: string,
  words: readonly string[],
  book: AddressBook,
): Uint8Array => {
  const { params } = findMethod(abi, method)
  const values = words.map((word, i) => {
    const param = params[i]
    return param === undefined ? word : toValue(parseValueType(param.type, abi.structs), word, book)
  })
  return encodeArguments(abi, method, values)
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
