import { formatAddress } from '../../../node/crypto/address.ts'
import { toAddress, ZERO_HASH } from '../../../node/types/primitives.ts'

/** The zero address, as contracts write "nobody". */
export const NOBODY = formatAddress(toAddress(ZERO_HASH))
