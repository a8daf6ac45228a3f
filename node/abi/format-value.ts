/** A contract's values (the right column of values.ts) as text, for messages. */

/** Addresses and bytes as they are, other texts in quotes. */
const formatValue = (value: unknown): string => {
  if (typeof value === 'string') return /^(?:vex1|0x)/.test(value) ? value : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`
  if (typeof value === 'object' && value !== null) return `{${formatFields(value)}}`
  return String(value)
}

const formatFields = (fields: object): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${formatValue(value)}`)
    .join(', ')

/** An error or an event: `InsufficientBalance(wanted: 5, available: 3)`. */
export const formatRecord = ({ name, fields }: { readonly name: string; readonly fields: object }): string =>
  `${name}(${formatFields(fields)})`
