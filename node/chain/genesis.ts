/** From a genesis to block 0: checks what it promises, and makes its state. */
import { formatAddress } from '../crypto/address.ts'
import { blsVerifyPossession, isValidBlsPublicKey } from '../crypto/bls.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import { BASE_FEE, MAX_SUPPLY } from '../params.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateChange } from '../state/view.ts'
import { credit, writeSupply } from '../transition/accounts.ts'
import type { Block } from '../types/block.ts'
import { type Genesis, genesisHash } from '../types/genesis.ts'
import { type Hash, toAddress, toHex, ZERO_HASH } from '../types/primitives.ts'
import { type Validator, validatorsHash } from '../types/validator.ts'

export class GenesisError extends Error {
  override readonly name = 'GenesisError'
  readonly code = 'bad_genesis'
}

const refuse = (message: string): never => {
  throw new GenesisError(`the genesis is not usable: ${message}`)
}

const checkValidators = ({ validators }: Genesis): void => {
  if (validators.length === 0) refuse('it names no validator')
  const seen = new Set<string>()
  let total = 0n
  for (const [index, { address, voteKey, proofOfPossession, power }] of validators.entries()) {
    const who = `validator ${index} (${formatAddress(address)})`
    if (power === 0n) refuse(`${who} has no power`)
    if (!isValidBlsPublicKey(voteKey)) refuse(`${who} has a vote key that is not a valid BLS12-381 key`)
    if (!blsVerifyPossession(voteKey, proofOfPossession))
      refuse(`${who} does not prove that it holds its vote key`)
    for (const key of [toHex(voteKey), toHex(address)]) {
      if (seen.has(key)) refuse(`${who} repeats the key or the address of another validator`)
      seen.add(key)
    }
    total += power
  }
  if (total >= 1n << 60n) refuse('the validators have 2^60 or more power together')
}

/** Throws a {@link GenesisError} that names what is wrong. */
export const checkGenesis = (genesis: Genesis): void => {
  checkValidators(genesis)
  const addresses = new Set(genesis.accounts.map(({ address }) => toHex(address)))
  if (addresses.size !== genesis.accounts.length) refuse('it lists an account twice')
  const supply = genesis.accounts.reduce((sum, { balance }) => sum + balance, 0n)
  if (supply > MAX_SUPPLY) refuse(`the balances add up to ${supply}, above the greatest supply ${MAX_SUPPLY}`)
  const { params } = genesis
  if (params.initialBaseFee < BASE_FEE.minimum) refuse(`the base fee must be at least ${BASE_FEE.minimum}`)
  if (params.blockGasLimit < 1_000_000n) refuse('blockGasLimit must be at least 1,000,000')
  if (params.minBlockIntervalMs < 1n) refuse('minBlockIntervalMs must be at least 1')
  if (params.idleBlockIntervalMs < params.minBlockIntervalMs) {
    refuse('idleBlockIntervalMs must not be below minBlockIntervalMs')
  }
  if (genesis.chainId.length === 0) refuse('the chain id is empty')
}

export const genesisValidators = (genesis: Genesis): Validator[] =>
  genesis.validators.map(({ address, voteKey, power }) => ({ address, voteKey, power }))

/** The state that block 0 leaves. */
export const genesisChanges = (genesis: Genesis): StateChange[] => {
  const state = new Overlay({ get: () => undefined, first: () => undefined })
  let supply = 0n
  for (const { address, balance } of genesis.accounts) {
    credit(state, address, balance)
    supply += balance
  }
  writeSupply(state, supply)
  return state.changes()
}

/** Block 0 has the genesis hash as its parent, and no votes: it is final by definition. */
export const genesisBlock = (genesis: Genesis, stateRoot: Hash): Block => {
  const set = validatorsHash(genesisValidators(genesis))
  return {
    header: {
      version: 1,
      chainId: genesis.chainId,
      height: 0n,
      epoch: 0n,
      view: 0n,
      parentHash: genesisHash(genesis),
      parentView: 0n,
      timeMs: genesis.timeMs,
      proposer: toAddress(ZERO_HASH),
      transactionsRoot: merkleRoot([]),
      stateRoot,
      receiptsRoot: merkleRoot([]),
      validatorsHash: set,
      nextValidatorsHash: set,
      gasUsed: 0n,
      gasLimit: genesis.params.blockGasLimit,
      baseFee: genesis.params.initialBaseFee,
    },
    transactions: [],
  }
}
