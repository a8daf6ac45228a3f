/** The VM's {@link HostCrypto} by the chain's own rules. */
import { ecvrfVerify } from '#ecvrf'
import type { HostCrypto } from '../../vm/execution.ts'
import { blsPairing } from '../crypto/bls-pairing.ts'
import { blsVerifyStrangers } from '../crypto/bls.ts'
import { bn254Add, bn254Multiply, bn254Pairing } from '../crypto/bn254.ts'
import { verifyNative } from '../crypto/ed25519.ts'
import { secp256k1Recover } from '../crypto/secp256k1.ts'

export const CONTRACT_CRYPTO: HostCrypto = {
  ed25519Verify: verifyNative,
  secp256k1Recover,
  bls12381AggregateVerify: blsVerifyStrangers,
  bls12381Pairing: blsPairing,
  bn254Add,
  bn254Multiply,
  bn254Pairing,
  ecvrfVerify(publicKey, input, proof) {
    const verified = ecvrfVerify(publicKey, input, proof)
    return verified.ok ? verified.output : undefined
  },
}
