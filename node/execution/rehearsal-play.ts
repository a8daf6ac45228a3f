/**
 * What a rehearsal plays (rehearsal.ts): made-up players pay, in coins or in what a contract counts, and each time somebody
 * who was not there before.
 */
import { publicKeyToAddress } from '../crypto/address.ts'
import { sha256 } from '../crypto/hash.ts'
import {
  type Address,
  ADDRESS_BYTES,
  type Amount,
  type Gas,
  type Height,
  SIGNATURE_BYTES,
  toAddress,
} from '../types/primitives.ts'
import { type Action, transactionCodec } from '../types/transaction.ts'

/** One of each to a block. */
const PLAYERS = 32
/** Of each player: more than it can spend. */
export const PLAY_MONEY = 1n << 56n
/** Above what any of it takes but a deployment. */
const GAS_LIMIT = 900_000n
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES)

export interface Player {
  readonly publicKey: Uint8Array
  readonly address: Address
}

const madeUp = (what: string, index: number): Uint8Array =>
  sha256(new TextEncoder().encode(`vex rehearsal ${what} ${index}`))

export const createPlayers = (): Player[] =>
  Array.from({ length: PLAYERS }, (_, index) => {
    const publicKey = madeUp('player', index)
    return { publicKey, address: publicKeyToAddress(publicKey) }
  })

/** Number `index` of all that are ever paid. */
const recipient = (index: number): Address => toAddress(madeUp('recipient', index).subarray(0, ADDRESS_BYTES))

export const payment = (index: number): Action => ({ kind: 'transfer', to: recipient(index), amount: 1n })

/** Of the contract of rehearsal.wat. */
export const contractCall = (contract: Address, index: number): Action => ({
  kind: 'call',
  contract,
  method: 'play',
  args: recipient(index),
  value: 0n,
})

export interface Round {
  readonly chainId: string
  readonly validUntilHeight: Height
  /** Of each player. */
  readonly nonce: bigint
  readonly maxFee: Amount
  readonly gasLimit?: Gas
}

/** One transaction of each player, the first's first. Nobody verifies their signatures, which are none. */
export const playRound = (
  players: readonly Player[],
  { gasLimit = GAS_LIMIT, ...round }: Round,
  actionOf: (index: number) => Action,
): Uint8Array[] =>
  players.map(({ publicKey }, place) =>
    transactionCodec.encode({
      body: {
        ...round,
        version: 1,
        sender: publicKey,
        gasLimit,
        tip: 1n,
        action: actionOf(Number(round.nonce) * players.length + place),
      },
      signature: NO_SIGNATURE,
    }),
  )
