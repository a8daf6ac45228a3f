/** What applications import as 'vex/wallet'. */
export { DerivationError } from './derivation.ts'
export { accountOf, createMnemonic, type HdAccount } from './hd-account.ts'
export { MnemonicError, mnemonicToSeed, parseMnemonic } from './mnemonic.ts'
