/** Staking alone, action by action and block by block, with real keys: no contracts, fees or signatures of senders. */
import { blsProvePossession, blsPublicKeyOf, blsSecretKeyFromSeed, blsSign } from '../../node/crypto/bls.ts'
import { publicKeyOf } from '../../node/crypto/ed25519.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { vrfProvePossession } from '../../node/crypto/vrf.ts'
import { STAKE_UNIT, VEX } from '../../node/params.ts'
import { addressOfAccountKey, epochKey } from '../../node/state/keys.ts'
import { Overlay } from '../../node/state/overlay.ts'
import type { StateReader } from '../../node/state/view.ts'
import { credit, readAccount, readSupply, writeSupply } from '../../node/transition/accounts.ts'
import { closeBlock } from '../../node/transition/epoch.ts'
import { frozenEpoch, writeEpoch } from '../../node/transition/epoch-records.ts'
import type { StakeContext, StakeOutcome } from '../../node/transition/staking/context.ts'
import { stakeGenesis } from '../../node/transition/staking/genesis.ts'
import { readDelegation, readPool, readTotals, readValidator } from '../../node/transition/staking/records.ts'
import { runStakeAction } from '../../node/transition/staking/staking.ts'
import { worthOf } from '../../node/transition/staking/shares.ts'
import { accountCodec } from '../../node/types/account.ts'
import { epochOf, lastHeight } from '../../node/types/epoch.ts'
import type { ChainParams, GenesisValidator } from '../../node/types/genesis.ts'
import { type Address, bytesEqual, type Hash, toHash, ZERO_HASH } from '../../node/types/primitives.ts'
import {
  delegationCodec,
  FRACTION_BITS,
  stakedValidatorCodec,
  unbondingPoolCodec,
} from '../../node/types/staking.ts'
import type { StakeAction } from '../../node/types/transaction.ts'
import type { Validator } from '../../node/types/validator.ts'
import { createValidatorSet } from '../../node/types/validator-set.ts'
import { type Vote, type VoteKind, voteMessage } from '../../node/types/vote.ts'
import { TEST_CHAIN_ID, testAccount } from './transactions.ts'

export const PARAMS: ChainParams = {
  blockGasLimit: 1_000_000_000n,
  minBlockIntervalMs: 100n,
  idleBlockIntervalMs: 1_000n,
  initialBaseFee: 1n,
  networkDelayMs: 100n,
  standstillMs: 1_000n,
  epochBlocks: 5n,
  blockReward: VEX,
  evidenceMaxAgeBlocks: 20n,
  evidenceMaxAgeMs: 20_000n,
}

export interface Operator {
  readonly address: Address
  readonly voteSecretKey: Uint8Array
  readonly registration: Omit<GenesisValidator, 'stake' | 'commissionBps' | 'address'>
}

const operators = new Map<string, Operator>()

/** A validator's keys and proofs, from a word; the ones of a word are made once. */
export const operatorNamed = (name: string): Operator => {
  const known = operators.get(name)
  if (known !== undefined) return known
  const seed = sha256(Buffer.from(`operator ${name}`))
  const voteSecretKey = blsSecretKeyFromSeed(seed)
  const vrfKey = publicKeyOf(seed)
  const { address } = testAccount(name)
  const operator: Operator = {
    address,
    voteSecretKey,
    registration: {
      voteKey: blsPublicKeyOf(voteSecretKey),
      proofOfPossession: blsProvePossession(voteSecretKey),
      vrfKey,
      vrfProof: vrfProvePossession(seed, vrfKey, TEST_CHAIN_ID, address),
    },
  }
  operators.set(name, operator)
  return operator
}

export const addressNamed = (name: string): Address => testAccount(name).address

interface Founder {
  readonly name: string
  /** In VEX. */
  readonly stake: bigint
  readonly commissionBps?: number
}

const BLOCK_MS = 1_000n

export class StakeWorld {
  readonly params: ChainParams
  state = new Overlay({ get: () => undefined, first: () => undefined })
  /** Of the block that is being made. */
  height = 1n
  timeMs = 1_000_000n
  #voters: readonly Validator[]
  readonly #sets = new Map<bigint, Validator[]>()

  constructor(options: {
    founders: readonly Founder[]
    /** Balances in VEX. */
    accounts?: Readonly<Record<string, bigint>>
    params?: Partial<ChainParams>
  }) {
    this.params = { ...PARAMS, ...options.params }
    let supply = 0n
    for (const [name, balance] of Object.entries(options.accounts ?? {})) {
      credit(this.state, addressNamed(name), balance * VEX)
      supply += balance * VEX
    }
    const founders = options.founders.map(({ name, stake, commissionBps = 0 }) => {
      const { address, registration } = operatorNamed(name)
      return { address, ...registration, stake: stake * VEX, commissionBps }
    })
    stakeGenesis(this.state, founders)
    for (const { stake } of founders) supply += stake
    writeSupply(this.state, supply)
    const validators = founders.map(({ address, voteKey, vrfKey, stake }) => ({
      address,
      voteKey,
      vrfKey,
      power: stake / STAKE_UNIT,
    }))
    writeEpoch(this.state, 0n, { validators, nonce: toHash(ZERO_HASH) })
    writeEpoch(this.state, 1n, { validators, nonce: undefined })
    this.#voters = validators
  }

  get epoch(): bigint {
    return epochOf(this.height, this.params.epochBlocks)
  }

  get context(): StakeContext {
    const { height, timeMs, epoch, params } = this
    return { chainId: TEST_CHAIN_ID, height, timeMs, epoch, params }
  }

  /** Frozen, and therefore read once; the state has forgotten it when it is too old. */
  set(epoch = this.epoch): Validator[] {
    const known = this.#sets.get(epoch)
    if (known !== undefined && this.state.get(epochKey(epoch)) !== undefined) return known
    const { validators } = frozenEpoch(this.state, epoch)
    this.#sets.set(epoch, validators)
    return validators
  }

  /** In a transaction of its own: what is refused leaves nothing. */
  act(sender: string | Address, action: StakeAction): StakeOutcome & { gasUsed: bigint } {
    const mark = this.state.checkpoint()
    const from = typeof sender === 'string' ? addressNamed(sender) : sender
    const { outcome, gasUsed } = runStakeAction(this.state, from, action, this.context)
    if (!outcome.ok) this.state.revertTo(mark)
    return { ...outcome, gasUsed }
  }

  register(name: string, stake: bigint, commissionBps = 0): StakeOutcome {
    const { registration } = operatorNamed(name)
    return this.act(name, { kind: 'registerValidator', ...registration, stake: stake * VEX, commissionBps })
  }

  /** Ends the block that is being made; the parent's certificate lacks those who are absent. */
  block({
    proposer,
    absent = [],
    ms = BLOCK_MS,
  }: {
    proposer?: Address
    absent?: readonly Address[]
    ms?: bigint
  } = {}): void {
    const parentEpoch = this.height === 1n ? undefined : epochOf(this.height - 1n, this.params.epochBlocks)
    const voters = parentEpoch === undefined ? [] : this.#voters
    const present = voters.flatMap(({ address }, index) =>
      absent.some(other => bytesEqual(other, address)) ? [] : [index],
    )
    const certificate =
      parentEpoch === undefined
        ? undefined
        : {
            kind: 'notarize' as const,
            epoch: parentEpoch,
            view: this.height - 1n,
            hash: ZERO_HASH,
            signers: createValidatorSet(voters).toBitmap(present),
            signature: new Uint8Array(96),
          }
    const set = this.set()
    const { height, timeMs, params, epoch } = this
    closeBlock(
      this.state,
      { chainId: TEST_CHAIN_ID, height, timeMs, proposer: proposer ?? (set[0] as Validator).address },
      { params, epoch, nextNonce: ZERO_HASH, parentCertificate: certificate },
    )
    this.#voters = set
    this.height += 1n
    this.timeMs += ms
    if (epoch !== this.epoch) this.#compact()
  }

  /** Only what is there: the overlay remembers all that was ever deleted. */
  #compact(): void {
    const kept = this.entries()
    this.state = new Overlay({ get: () => undefined, first: () => undefined })
    for (const { key, value } of kept) this.state.set(key, value)
  }

  entries(): { key: Uint8Array; value: Uint8Array }[] {
    return this.state.changes().flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }]))
  }

  blocks(count: number, options: Parameters<StakeWorld['block']>[0] = {}): void {
    for (let i = 0; i < count; i++) this.block(options)
  }

  /** Makes the last block of this epoch, and of so many more. */
  epochs(count = 1, options: Parameters<StakeWorld['block']>[0] = {}): void {
    const end = lastHeight(this.epoch + BigInt(count - 1), this.params.epochBlocks)
    while (this.height <= end) this.block(options)
  }

  vote(name: string, vote: { kind: VoteKind; epoch: bigint; view: bigint; hash?: Hash }): Vote {
    const { address, voteSecretKey } = operatorNamed(name)
    const statement = { ...vote, hash: vote.hash }
    return {
      ...statement,
      signer: this.set(vote.epoch).findIndex(validator => bytesEqual(validator.address, address)),
      signature: blsSign(voteSecretKey, voteMessage(TEST_CHAIN_ID, statement)),
    }
  }

  balance(name: string): bigint {
    return readAccount(this.state, addressNamed(name)).balance
  }

  validator(name: string) {
    const found = readValidator(this.state, addressNamed(name))
    if (found === undefined) throw new Error(`${name} is not a validator`)
    return found
  }

  pool(name: string, epoch: bigint) {
    return readPool(this.state, addressNamed(name), epoch)
  }

  /** What a delegation would give if it were taken out. */
  worth(delegator: string, operator: string): bigint {
    const held = readDelegation(this.state, addressNamed(delegator), addressNamed(operator))
    return worthOf(held?.shares ?? 0n, this.validator(operator))
  }

  supply(): bigint {
    return readSupply(this.state)
  }
}

const PART = { validator: 1, delegation: 5, pool: 6, poolShares: 7 } as const

/** Whatever of the invariants of staking.ts does not hold; everything is added up anew. */
export const brokenInvariants = (
  world: Pick<StakeWorld, 'entries' | 'supply' | 'epoch' | 'set'> & {
    readonly state: Pick<StateReader, 'get'>
  },
): string[] => {
  const broken: string[] = []
  const check = (what: string, holds: boolean): void => {
    if (!holds) broken.push(what)
  }
  const validators = new Map<string, ReturnType<typeof stakedValidatorCodec.decode>>()
  const delegations: { operator: string; value: ReturnType<typeof delegationCodec.decode> }[] = []
  const poolShares = new Map<string, bigint>()
  const pools = new Map<string, ReturnType<typeof unbondingPoolCodec.decode>>()
  let balances = 0n
  const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  for (const { key, value } of world.entries()) {
    if (addressOfAccountKey(Buffer.from(key).toString('latin1')) !== undefined)
      balances += accountCodec.decode(value).balance
    if (key[0] !== 7) continue
    if (key[1] === PART.validator) validators.set(hexOf(key.subarray(2)), stakedValidatorCodec.decode(value))
    if (key[1] === PART.delegation)
      delegations.push({ operator: hexOf(key.subarray(34)), value: delegationCodec.decode(value) })
    if (key[1] === PART.pool) pools.set(hexOf(key.subarray(2)), unbondingPoolCodec.decode(value))
    if (key[1] === PART.poolShares) {
      const pool = hexOf(key.subarray(34))
      poolShares.set(
        pool,
        (poolShares.get(pool) ?? 0n) + BigInt(`0x${hexOf(Uint8Array.from(value).reverse())}`),
      )
    }
  }
  const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n)
  const totals = readTotals(world.state)
  check('bonded = the sum of tokens', totals.bonded === sum([...validators.values()].map(v => v.tokens)))
  check('unbonding = the sum of pools', totals.unbonding === sum([...pools.values()].map(p => p.tokens)))
  check(
    'supply = balances + bonded + unbonding + rewards',
    world.supply() === balances + totals.bonded + totals.unbonding + totals.rewards,
  )
  let owed = sum([...validators.values()].map(v => (v.commission << FRACTION_BITS) + v.rewardDust))
  const shares = new Map<string, bigint>()
  let claims = sum([...validators.values()].map(v => v.commission))
  for (const { operator, value } of delegations) {
    const validator = validators.get(operator)
    if (validator === undefined) {
      broken.push('a delegation to nobody')
      continue
    }
    const due = value.owed + value.shares * (validator.rewardPerShare - value.countedTo)
    owed += due
    claims += due >> FRACTION_BITS
    shares.set(operator, (shares.get(operator) ?? 0n) + value.shares)
  }
  check('what is owed = rewards, to the last fraction', owed === totals.rewards << FRACTION_BITS)
  check('claims <= rewards', claims <= totals.rewards)
  for (const [operator, validator] of validators) {
    check('shares of a validator = its delegations', validator.shares === (shares.get(operator) ?? 0n))
    check('tokens <= shares', validator.tokens <= validator.shares)
    check(
      'no tokens only without shares or after losing all',
      validator.tokens > 0n || validator.shares === 0n || validator.isTombstoned,
    )
  }
  for (const [name, pool] of pools) {
    check('shares of a pool = its holders', pool.shares === (poolShares.get(name) ?? 0n))
    check('tokens of a pool <= shares', pool.tokens <= pool.shares)
    poolShares.delete(name)
  }
  check('no shares of a pool that is gone', poolShares.size === 0)
  for (const epoch of [world.epoch, world.epoch + 1n]) {
    const set = world.set(epoch)
    check('a set has 1 to 128 members', set.length >= 1 && set.length <= 128)
    check(
      'its members have power',
      set.every(({ power }) => power > 0n),
    )
    check('less than 2^60 together', sum(set.map(({ power }) => power)) < 1n << 60n)
  }
  return broken
}
