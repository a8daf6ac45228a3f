/** Repetitions come in two forms: what `npm test` has time for, and what `npm test -- --long` plays. */
export const LONG_FORM = 'VEX_LONG_TESTS'

export const isInLongForm = process.env[LONG_FORM] !== undefined

export const inForm = (short: number, long: number): number => (isInLongForm ? long : short)
