/** A validator's secrets: the Ed25519 operator key its rewards go to, the BLS key it votes with, the key of its VRF. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { bytes } from './api/inputs.ts'
import { publicKeyToAddress } from './crypto/address.ts'
import {
  BLS_SECRET_KEY_BYTES,
  blsProvePossession,
  blsPublicKeyOf,
  blsSecretKeyFromSeed,
} from './crypto/bls.ts'
import { publicKeyOf } from './crypto/ed25519.ts'
import { sha256 } from './crypto/hash.ts'
import { vrfProvePossession } from './crypto/vrf.ts'
import { toHex } from './types/primitives.ts'

export interface ValidatorKeys {
  readonly operatorSecretKey: Uint8Array
  readonly operatorPublicKey: Uint8Array
  readonly voteSecretKey: Uint8Array
  /** 32 bytes, as of an Ed25519 key. */
  readonly vrfSecretKey: Uint8Array
}

export class ValidatorKeysError extends Error {
  override readonly name = 'ValidatorKeysError'
  readonly code = 'bad_validator_keys'
}

export const createValidatorKeys = (seed: Uint8Array = randomBytes(64)): ValidatorKeys => {
  const operatorSecretKey = seed.slice(0, 32)
  return {
    operatorSecretKey,
    operatorPublicKey: publicKeyOf(operatorSecretKey),
    voteSecretKey: blsSecretKeyFromSeed(seed.subarray(32, 64)),
    vrfSecretKey: sha256(Buffer.concat([Buffer.from('vex vrf key'), seed])),
  }
}

const schema = z.strictObject({
  version: z.literal(1),
  operatorSecretKey: bytes(32),
  voteSecretKey: bytes(BLS_SECRET_KEY_BYTES),
  vrfSecretKey: bytes(32),
})

/** The file must be readable by its owner only. */
export const formatValidatorKeys = (keys: ValidatorKeys): string =>
  `${JSON.stringify(
    {
      version: 1,
      operatorSecretKey: `0x${toHex(keys.operatorSecretKey)}`,
      voteSecretKey: `0x${toHex(keys.voteSecretKey)}`,
      vrfSecretKey: `0x${toHex(keys.vrfSecretKey)}`,
    },
    null,
    2,
  )}\n`

export const parseValidatorKeys = (text: string): ValidatorKeys => {
  try {
    const { operatorSecretKey, voteSecretKey, vrfSecretKey } = schema.parse(JSON.parse(text))
    // Refuses a key that is no key before anything is signed with it.
    blsPublicKeyOf(voteSecretKey)
    return {
      operatorSecretKey,
      operatorPublicKey: publicKeyOf(operatorSecretKey),
      voteSecretKey,
      vrfSecretKey,
    }
  } catch {
    throw new ValidatorKeysError(
      'the validator key file is damaged: restore it from a copy. A new key is another validator, which this chain does not know',
    )
  }
}

/** What a genesis or a registration says of the keys, with the proofs that whoever says it holds them. */
export const publicValidatorKeys = (keys: ValidatorKeys, chainId: string) => {
  const address = publicKeyToAddress(keys.operatorPublicKey)
  const vrfKey = publicKeyOf(keys.vrfSecretKey)
  return {
    address,
    voteKey: blsPublicKeyOf(keys.voteSecretKey),
    proofOfPossession: blsProvePossession(keys.voteSecretKey),
    vrfKey,
    vrfProof: vrfProvePossession(keys.vrfSecretKey, vrfKey, chainId, address),
  }
}
