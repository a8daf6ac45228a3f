/**
 * `validator-key.json` as it lies on disk: in the clear (validator-keys.ts), or in a keystore of the kind `validator keys`
 * (wallet/keystore.ts). Who the validator is can be read from either; to vote, an encrypted one has to be opened.
 */
import { z } from 'zod'
import { bytesOf } from './api/inputs.ts'
import { blsProvePossession, blsPublicKeyOf } from './crypto/bls.ts'
import { publicKeyOf } from './crypto/ed25519.ts'
import { PUBLIC_KEY_BYTES, toHex } from './types/primitives.ts'
import { BLS_PUBLIC_KEY_BYTES, BLS_SIGNATURE_BYTES } from './types/validator.ts'
import { formatValidatorKeys, parseValidatorKeys, type ValidatorKeys } from './validator-keys.ts'
import { KeystoreError } from './wallet/keystore-error.ts'
import { isKeystore, parseKeystore } from './wallet/keystore-format.ts'
import { openKeystore, type SealSettings, sealKeystore } from './wallet/keystore.ts'

const KIND = 'validator keys'

/** Asks for the password of `what`. Only called for a file that has one. */
export type AskPassword = (what: string) => Promise<string>

export interface ValidatorIdentity {
  readonly operatorPublicKey: Uint8Array
  readonly voteKey: Uint8Array
  readonly proofOfPossession: Uint8Array
  readonly vrfKey: Uint8Array
}

const identitySchema = z.strictObject({
  operatorPublicKey: bytesOf(PUBLIC_KEY_BYTES),
  voteKey: bytesOf(BLS_PUBLIC_KEY_BYTES),
  proofOfPossession: bytesOf(BLS_SIGNATURE_BYTES),
  vrfKey: bytesOf(PUBLIC_KEY_BYTES),
})

export const identityOf = (keys: ValidatorKeys): ValidatorIdentity => ({
  operatorPublicKey: keys.operatorPublicKey,
  voteKey: blsPublicKeyOf(keys.voteSecretKey),
  proofOfPossession: blsProvePossession(keys.voteSecretKey),
  vrfKey: publicKeyOf(keys.vrfSecretKey),
})

export const identityToJson = (identity: ValidatorIdentity) => ({
  operatorPublicKey: `0x${toHex(identity.operatorPublicKey)}`,
  voteKey: `0x${toHex(identity.voteKey)}`,
  proofOfPossession: `0x${toHex(identity.proofOfPossession)}`,
  vrfKey: `0x${toHex(identity.vrfKey)}`,
})

const sameIdentity = (a: ValidatorIdentity, b: ValidatorIdentity): boolean =>
  JSON.stringify(identityToJson(a)) === JSON.stringify(identityToJson(b))

export const isEncrypted = (text: string): boolean => isKeystore(text)

const changed = (what: string): never => {
  throw new KeystoreError(
    'tampered',
    `${what} was changed: its public keys are not what Vex writes. Restore it from a copy`,
  )
}

const parseIdentity = (known: unknown, what: string): ValidatorIdentity => {
  const parsed = identitySchema.safeParse(known)
  return parsed.success ? parsed.data : changed(what)
}

/** Of an encrypted file not proved. `what` names it in errors. */
export const readIdentity = (text: string, what: string): ValidatorIdentity =>
  isEncrypted(text)
    ? parseIdentity(parseKeystore(text, KIND, what).public, what)
    : identityOf(parseValidatorKeys(text))

export const openValidatorKeys = async (
  text: string,
  what: string,
  askPassword: AskPassword | undefined,
): Promise<ValidatorKeys> => {
  if (!isEncrypted(text)) return parseValidatorKeys(text)
  // What is wrong with the file is said before anybody types.
  const identity = readIdentity(text, what)
  if (askPassword === undefined)
    throw new KeystoreError('wrong_password', `${what} is encrypted, and no password was given`)
  const { secret } = await openKeystore(text, KIND, await askPassword(what), what)
  try {
    const keys = parseValidatorKeys(Buffer.from(secret).toString())
    return sameIdentity(identityOf(keys), identity) ? keys : changed(what)
  } finally {
    secret.fill(0)
  }
}

/** The file's text. */
export const sealValidatorKeys = async (
  keys: ValidatorKeys,
  password: string,
  settings?: SealSettings,
): Promise<string> => {
  const secret = Buffer.from(formatValidatorKeys(keys))
  try {
    return await sealKeystore(
      { kind: KIND, public: identityToJson(identityOf(keys)), secret },
      password,
      settings,
    )
  } finally {
    secret.fill(0)
  }
}
