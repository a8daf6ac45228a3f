/** Shares of a sum that only slashing changes: `tokens <= shares` always, so that a share is worth at most a unit. */

interface Shared {
  readonly tokens: bigint
  readonly shares: bigint
}

/** What so many shares are worth, rounded down. */
export const worthOf = (shares: bigint, of: Shared): bigint =>
  of.shares === 0n ? 0n : (shares * of.tokens) / of.shares

/** The shares that `amount` buys, rounded down. The caller has checked that there are tokens where there are shares. */
export const sharesFor = (amount: bigint, of: Shared): bigint =>
  of.shares === 0n ? amount : (amount * of.shares) / of.tokens

/** The shares that must go for `amount`, at most their worth: rounded up. */
export const sharesToTake = (amount: bigint, of: Shared): bigint =>
  (amount * of.shares + of.tokens - 1n) / of.tokens
