/** Amounts as people write them: `1.5vex`, `250vex`, or a whole number of units (1 VEX = 10^9 units). */
import { MAX_SUPPLY, VEX } from '../node/params.ts'

const DECIMALS = String(VEX).length - 1

export type ParsedAmount = { readonly amount: bigint } | { readonly problem: string }

/** Never rounds: what cannot be exact is refused. */
export const parseAmount = (text: string): ParsedAmount => {
  const match = /^(\d[\d_]*)(?:\.(\d+))?\s*(vex|units?)?$/i.exec(text.trim())
  if (match === null)
    return { problem: 'expected an amount such as 1.5vex, or a whole number of units such as 1500' }
  const [, whole = '', fraction = '', unit = ''] = match
  const isVex = unit.toLowerCase() === 'vex'
  const integer = BigInt(whole.replaceAll('_', ''))
  if (fraction !== '' && !isVex)
    return { problem: `a unit cannot be split: write ${whole}.${fraction}vex if you mean VEX` }
  if (fraction.length > DECIMALS)
    return { problem: `1 VEX has ${DECIMALS} decimals; ${whole}.${fraction} has ${fraction.length}` }
  const amount = isVex ? integer * VEX + BigInt(fraction.padEnd(DECIMALS, '0')) : integer
  if (amount > MAX_SUPPLY) return { problem: `more than there can ever be (${formatAmount(MAX_SUPPLY)})` }
  return { amount }
}

const grouped = (integer: bigint): string => String(integer).replace(/\B(?=(\d{3})+$)/g, ',')

/** Exact: `1,000 VEX`, `0.000000321 VEX`. */
export const formatAmount = (units: bigint): string => {
  const fraction = String(units % VEX)
    .padStart(DECIMALS, '0')
    .replace(/0+$/, '')
  return `${grouped(units / VEX)}${fraction === '' ? '' : `.${fraction}`} VEX`
}

/** `1234567` as `1,234,567`. */
export const formatInteger = grouped
