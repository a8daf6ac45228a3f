/** Names of a wallet's accounts. None can be taken for an address, a development account, or a word of a command. */
export const ACCOUNT_NAME = 'a name of 1 to 32 small letters, digits, "-" and "_" that begins with a letter'
const TAKEN = /^(dev\w*|vex1.*|none|nobody)$/

export const isAccountName = (text: string): boolean =>
  /^[a-z][a-z0-9_-]{0,31}$/.test(text) && !TAKEN.test(text)
