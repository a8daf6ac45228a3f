/** From a genesis to block 0: checks what it promises, and makes its state. */
import { formatAddress } from '../crypto/address.ts'
import { blsVerifyPossession, isValidBlsPublicKey } from '../crypto/bls.ts'
import { merkleRoot } from '../crypto/merkle.ts'
import { epochNonce, vrfKeyProblem, vrfVerifyPossession } from '../crypto/vrf.ts'
import { BASE_FEE, MAX_SUPPLY, STAKE_UNIT } from '../params.ts'
import { Overlay } from '../state/overlay.ts'
import type { StateChange } from '../state/view.ts'
import { credit, writeSupply } from '../transition/accounts.ts'
import { writeEpoch } from '../transition/epoch-records.ts'
import { stakeGenesis } from '../transition/staking/genesis.ts'
import type { Block } from '../types/block.ts'
import { type Genesis, genesisHash, genesisValidators } from '../types/genesis.ts'
import { type Amount, type Hash, toAddress, toHex, ZERO_HASH } from '../types/primitives.ts'
import { validatorsHash, VRF_PROOF_BYTES } from '../types/validator.ts'

export class GenesisError extends Error {
  override readonly name = 'GenesisError'
  readonly code = 'bad_genesis'
}

const MAX_BPS = 10_000

const refuse = (message: string): never => {
  throw new GenesisError(`the genesis is not usable: ${message}`)
}

const checkValidators = ({ chainId, validators }: Genesis): void => {
  const seen = new Set<string>()
  let total = 0n
  for (const [index, validator] of validators.entries()) {
    const { address, voteKey, proofOfPossession, vrfKey, vrfProof, stake, commissionBps } = validator
    const who = `validator ${index} (${formatAddress(address)})`
    if (stake < STAKE_UNIT) refuse(`${who} stakes ${stake} units: power takes at least ${STAKE_UNIT}`)
    if (commissionBps > MAX_BPS)
      refuse(`${who} keeps more than everything: commissionBps is above ${MAX_BPS}`)
    if (!isValidBlsPublicKey(voteKey)) refuse(`${who} has a vote key that is not a valid BLS12-381 key`)
    if (!blsVerifyPossession(voteKey, proofOfPossession))
      refuse(`${who} does not prove that it holds its vote key`)
    const vrfProblem = vrfKeyProblem(vrfKey)
    if (vrfProblem !== undefined) refuse(`${who}: ${vrfProblem}`)
    if (!vrfVerifyPossession(vrfKey, chainId, address, vrfProof))
      refuse(`${who} does not prove that it holds its VRF key`)
    for (const key of [toHex(voteKey), toHex(vrfKey), toHex(address)]) {
      if (seen.has(key)) refuse(`${who} repeats a key or the address of another validator`)
      seen.add(key)
    }
    total += stake / STAKE_UNIT
  }
  if (total >= 1n << 60n) refuse('the validators have 2^60 or more power together')
}

const genesisSupply = ({ accounts, validators }: Genesis): Amount =>
  accounts.reduce((sum, { balance }) => sum + balance, 0n) +
  validators.reduce((sum, { stake }) => sum + stake, 0n)

/** All that {@link checkGenesis} checks, but that there is a validator. */
export const checkDraft = (genesis: Genesis): void => {
  checkValidators(genesis)
  const addresses = new Set(genesis.accounts.map(({ address }) => toHex(address)))
  if (addresses.size !== genesis.accounts.length) refuse('it lists an account twice')
  const supply = genesisSupply(genesis)
  if (supply > MAX_SUPPLY)
    refuse(`the balances and stakes add up to ${supply}, above the greatest supply ${MAX_SUPPLY}`)
  const { params } = genesis
  if (params.initialBaseFee < BASE_FEE.minimum) refuse(`the base fee must be at least ${BASE_FEE.minimum}`)
  if (params.blockGasLimit < 1_000_000n) refuse('blockGasLimit must be at least 1,000,000')
  if (params.minBlockIntervalMs < 1n) refuse('minBlockIntervalMs must be at least 1')
  if (params.idleBlockIntervalMs < params.minBlockIntervalMs) {
    refuse('idleBlockIntervalMs must not be below minBlockIntervalMs')
  }
  if (params.epochBlocks < 1n) refuse('epochBlocks must be at least 1')
  if (genesis.chainId.length === 0) refuse('the chain id is empty')
}

/** Throws a {@link GenesisError} that names what is wrong. */
export const checkGenesis = (genesis: Genesis): void => {
  if (genesis.validators.length === 0) refuse('it names no validator')
  checkDraft(genesis)
}

/** The state that block 0 leaves. */
export const genesisChanges = (genesis: Genesis): StateChange[] => {
  const state = new Overlay({ get: () => undefined, first: () => undefined })
  for (const { address, balance } of genesis.accounts) credit(state, address, balance)
  stakeGenesis(state, genesis.validators)
  writeSupply(state, genesisSupply(genesis))
  const validators = genesisValidators(genesis)
  writeEpoch(state, 0n, { validators, nonce: epochNonce(genesis.chainId, 0n, genesisHash(genesis)) })
  writeEpoch(state, 1n, { validators, nonce: undefined })
  return state.changes()
}

/** Block 0 has the genesis hash as its parent, and no votes: it is final by definition. */
export const genesisBlock = (genesis: Genesis, stateRoot: Hash): Block => {
  const set = validatorsHash(genesisValidators(genesis))
  const identity = genesisHash(genesis)
  return {
    header: {
      version: 1,
      chainId: genesis.chainId,
      height: 0n,
      epoch: 0n,
      view: 0n,
      parentHash: identity,
      parentView: 0n,
      parentCertificate: undefined,
      timeMs: genesis.timeMs,
      proposer: toAddress(ZERO_HASH),
      vrfProof: new Uint8Array(VRF_PROOF_BYTES),
      eta: identity,
      nextNonce: undefined,
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
