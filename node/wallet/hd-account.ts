/** Accounts from the words of a mnemonic. Runs in browsers. */
import { ed25519 } from '@noble/curves/ed25519.js'
import { type AddressText, formatAddress, publicKeyToAddress } from '../crypto/address.ts'
import { accountPath, deriveNode } from './derivation.ts'
import { entropyBytesFor, mnemonicOf } from './mnemonic.ts'

export interface HdAccount {
  readonly path: string
  readonly address: AddressText
  readonly publicKey: Uint8Array
  /** 32 bytes: what `createVexClient(…).account` takes. */
  readonly secretKey: Uint8Array
}

/** Of the system's randomness. */
export const createMnemonic = (wordCount = 24): string => {
  const entropy = crypto.getRandomValues(new Uint8Array(entropyBytesFor(wordCount)))
  try {
    return mnemonicOf(entropy)
  } finally {
    entropy.fill(0)
  }
}

/** `seed` is that of a mnemonic; `index` counts the accounts from 0. */
export const accountOf = (seed: Uint8Array, index: number): HdAccount => {
  const path = accountPath(index)
  const { secretKey } = deriveNode(seed, path)
  const publicKey = ed25519.getPublicKey(secretKey)
  return { path, address: formatAddress(publicKeyToAddress(publicKey)), publicKey, secretKey }
}
