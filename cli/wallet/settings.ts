/** How a file is to be protected: `--kdf` and `--cipher`. */
import { type Command, Option } from 'commander'
import { CIPHERS, type CipherName } from '../../node/wallet/keystore-cipher.ts'
import { DEFAULT_KDF, type Kdf, type KdfCost } from '../../node/wallet/keystore-kdf.ts'
import type { SealSettings } from '../../node/wallet/keystore.ts'

const KDFS: Readonly<Record<string, Kdf['name']>> = { scrypt: 'scrypt', pbkdf2: 'pbkdf2-hmac-sha512' }

export interface SealOptions {
  readonly kdf?: string
  readonly cipher?: CipherName
}

export const addSealOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--kdf <name>', 'what makes a key of the password (default: scrypt)').choices(
        Object.keys(KDFS),
      ),
    )
    .addOption(new Option('--cipher <name>', `what encrypts (default: ${CIPHERS[0]})`).choices(CIPHERS))

/** What is not said is as it was in `before`, or the default. */
export const sealSettings = ({ kdf, cipher }: SealOptions, before: SealSettings = {}): SealSettings => {
  const name = kdf === undefined ? undefined : KDFS[kdf]
  return { kdf: name === undefined ? before.kdf : DEFAULT_KDF[name], cipher: cipher ?? before.cipher }
}

export const describeKdf = (kdf: KdfCost): string =>
  kdf.name === 'scrypt'
    ? `scrypt, n = ${kdf.n}, r = ${kdf.r}, p = ${kdf.p}`
    : `PBKDF2-HMAC-SHA512, ${kdf.iterations} rounds`
