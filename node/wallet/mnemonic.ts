/**
 * BIP-39: the words that a wallet is made of, English list. 12, 15, 18, 21 or 24 words, the last of which holds the
 * checksum. The seed is PBKDF2-HMAC-SHA512 over the words, 2,048 rounds; Vex asks for no extra passphrase, but
 * takes one, as other wallets do.
 *
 * Runs in browsers. Errors name the place of a word, never the word.
 */
import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeed as toSeed } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'

export const WORD_COUNTS: readonly number[] = [12, 15, 18, 21, 24]
/** The longest that can be right has 215 characters. */
const MAX_CHARACTERS = 1_000

const words: ReadonlySet<string> = new Set(wordlist)

export class MnemonicError extends Error {
  override readonly name = 'MnemonicError'
  readonly code = 'bad_mnemonic'
}

/** 16 to 32 random bytes, in steps of 4, for 12 to 24 words. */
export const entropyBytesFor = (wordCount: number): number => {
  if (!WORD_COUNTS.includes(wordCount))
    throw new MnemonicError(`a mnemonic has ${WORD_COUNTS.join(', ')} words, not ${wordCount}`)
  return (wordCount / 3) * 4
}

export const mnemonicOf = (entropy: Uint8Array): string => {
  if (!WORD_COUNTS.some(count => entropyBytesFor(count) === entropy.length))
    throw new MnemonicError(`a mnemonic is made of 16, 20, 24, 28 or 32 bytes, not ${entropy.length}`)
  return entropyToMnemonic(entropy, wordlist)
}

/** The words with one space between them, small letters; throws a {@link MnemonicError}. */
export const parseMnemonic = (text: string): string => {
  if (text.length > MAX_CHARACTERS)
    throw new MnemonicError(`that is no mnemonic: it has ${text.length} characters`)
  const found = text.normalize('NFKD').toLowerCase().split(/\s+/).filter(Boolean)
  if (!WORD_COUNTS.includes(found.length))
    throw new MnemonicError(`a mnemonic has ${WORD_COUNTS.join(', ')} words; ${found.length} were given`)
  const stranger = found.findIndex(word => !words.has(word))
  if (stranger >= 0)
    throw new MnemonicError(`word ${stranger + 1} of the mnemonic is not in the English list of BIP-39`)
  const mnemonic = found.join(' ')
  try {
    mnemonicToEntropy(mnemonic, wordlist).fill(0)
  } catch {
    throw new MnemonicError(
      'the checksum of the mnemonic does not hold: a word is another than it was, or in another place',
    )
  }
  return mnemonic
}

/** 64 bytes. `mnemonic` comes from {@link parseMnemonic} or {@link mnemonicOf}. */
export const mnemonicToSeed = (mnemonic: string, passphrase = ''): Promise<Uint8Array> =>
  toSeed(mnemonic, passphrase)
