/**
 * Blocks with the node's own rules inside: transactions of users, staking, epochs, slashing, on a state in memory. A block is
 * executed once, when it is built, by its leader; a part of those who check it execute it again and must come to the
 * same roots. After every block the money is counted.
 *
 * The VRF is a hash of who proves and where, as good as random and free; vote keys and proofs of possession are real.
 */
import { createVm } from '../../vm/vm.ts'
import { genesisBlock, genesisChanges } from '../../node/chain/genesis.ts'
import { epochInfo } from '../../node/chain/epochs.ts'
import { blockEnvironment, nextRandomness } from '../../node/chain/environment.ts'
import { type BlockRef, headerToBlockRef } from '../../node/consensus/block-ref.ts'
import { blsAggregate, blsSign } from '../../node/crypto/bls.ts'
import { sha256 } from '../../node/crypto/hash.ts'
import { STAKE_UNIT, VEX } from '../../node/params.ts'
import { updateTree } from '../../node/state/tree.ts'
import type { TreeNode } from '../../node/state/tree-node.ts'
import type { StateChange, StateReader } from '../../node/state/view.ts'
import { readAccount, readSupply } from '../../node/transition/accounts.ts'
import {
  applyBlock,
  type BlockEnvironment,
  BlockExecution,
  type BlockResult,
} from '../../node/transition/block.ts'
import { readValidator } from '../../node/transition/staking/records.ts'
import { frozenEpoch } from '../../node/transition/epoch-records.ts'
import { createLeaders } from '../../node/transition/leaders.ts'
import type { BlockHeader } from '../../node/types/block.ts'
import { epochOf } from '../../node/types/epoch.ts'
import type { Evidence } from '../../node/types/evidence.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import { bytesEqual, type Hash, toHex, toLatin1 } from '../../node/types/primitives.ts'
import { type Receipt, receiptsOf } from '../../node/types/receipt.ts'
import type { Action, ParsedTransaction } from '../../node/types/transaction.ts'
import { createValidatorSet } from '../../node/types/validator-set.ts'
import { validatorsHash } from '../../node/types/validator.ts'
import { type Certificate, type Vote, voteMessage } from '../../node/types/vote.ts'
import { brokenInvariants, operatorNamed } from '../support/stake-world.ts'
import { signedTransaction, TEST_CHAIN_ID, type TestAccount } from '../support/transactions.ts'
import type { BuildRequest, SimBlock, SimChain } from './chain.ts'
import type { Committee } from './committee.ts'
import { InvariantError } from './invariants.ts'
import type { Powers } from './model-chain.ts'
import type { Random } from './random.ts'
import {
  OPERATOR_BALANCE,
  operatorAddress,
  operatorName,
  USER_BALANCE,
  userAccounts,
  Users,
} from './users.ts'

/** A unit of a plan's power, in stake. */
const STAKE_OF_POWER = 100n * STAKE_UNIT
const COMMISSION_BPS = 500
/** Of the nodes that check a block, so many execute it again. */
const EXECUTE_AGAIN = 0.15
const EVIDENCE_OF_A_BLOCK = 8
const vm = createVm()

interface Executed extends SimBlock {
  readonly header: BlockHeader
  readonly values: ReadonlyMap<string, Uint8Array>
  /** Of the state tree: the same block executed again gets the same. */
  readonly version: bigint
  readonly transactions: readonly ParsedTransaction[]
  readonly receipts: readonly Receipt[]
  /** It and its ancestors stand where blocks may stand. */
  readonly isPlaced: boolean
}

export class StateChain implements SimChain {
  readonly genesis: BlockRef
  readonly epochBlocks: bigint
  readonly params: Genesis['params']
  /** What the chain starts from. */
  readonly origin: Genesis
  readonly #random: Random
  readonly #users: Users
  readonly #isFaultyBuilder: (identity: number) => boolean
  readonly #blocks = new Map<string, Executed>()
  readonly #committees = new Map<bigint, Committee>()
  readonly #identities = new Map<string, number>()
  /** Of all blocks: version numbers keep them apart. */
  readonly #nodes = new Map<string, TreeNode>()
  /** Evidence that somebody holds and no block does. */
  readonly #evidence = new Map<string, Evidence>()
  /** What scripts asked for, as they asked for it. */
  readonly #asked = new WeakMap<ParsedTransaction, Action>()
  /** What scripts want in the block of a height, by whoever builds it. */
  readonly #wanted = new Map<bigint, { account: TestAccount; action: Action }[]>()

  constructor(options: {
    powers: Powers
    epochBlocks: bigint
    random: Random
    honest: readonly number[]
    isFaultyBuilder: (identity: number) => boolean
  }) {
    const { powers, epochBlocks, random, honest } = options
    this.epochBlocks = epochBlocks
    this.#random = random
    this.#users = new Users(random, honest)
    this.#isFaultyBuilder = options.isFaultyBuilder
    this.params = {
      blockGasLimit: 1_000_000_000n,
      minBlockIntervalMs: 1n,
      idleBlockIntervalMs: 1_000n,
      initialBaseFee: 1n,
      networkDelayMs: 100n,
      standstillMs: 1_000n,
      epochBlocks,
      blockReward: VEX,
      evidenceMaxAgeBlocks: 2n * epochBlocks,
      evidenceMaxAgeMs: 1n,
    }
    for (const identity of powers.keys()) this.#identities.set(toHex(this.voteKeyOf(identity)), identity)
    this.origin = {
      chainId: TEST_CHAIN_ID,
      timeMs: 0n,
      params: this.params,
      accounts: [
        ...userAccounts.map(({ address }) => ({ address, balance: USER_BALANCE })),
        ...[...powers.keys()].map(identity => ({
          address: operatorAddress(identity),
          balance: OPERATOR_BALANCE,
        })),
      ],
      validators: [...powers.entries()].flatMap(([identity, power]) =>
        power === 0n
          ? []
          : [
              {
                address: operatorAddress(identity),
                ...operatorNamed(operatorName(identity)).registration,
                stake: power * STAKE_OF_POWER,
                commissionBps: COMMISSION_BPS,
              },
            ],
      ),
    }
    const changes = genesisChanges(this.origin)
    const values = applied(new Map(), changes)
    const { header } = genesisBlock(this.origin, this.#root(0n, undefined, changes))
    this.genesis = headerToBlockRef(header)
    const block = { header, values, version: 0n, transactions: [], receipts: [], isPlaced: true }
    this.#keep({ ...block, ref: this.genesis, builder: -1, timeMs: 0, isValid: true })
    this.#learn(0n, values)
  }

  voteKeyOf(identity: number): Uint8Array {
    return operatorNamed(operatorName(identity)).registration.voteKey
  }

  build(request: BuildRequest): BlockRef {
    const { parent, epoch, view, builder, wallMs, certificate } = request
    const below = this.#executed(parent.hash)
    const version = BigInt(this.#blocks.size)
    // Two blocks of one builder in one view must differ.
    const timeMs = BigInt(Math.max(Math.ceil(wallMs), below.timeMs + 1)) + (version % 7n)
    const isPlaced =
      below.isPlaced &&
      request.isNonsense !== true &&
      parent.height === below.ref.height &&
      epoch === epochOf(below.ref.height + 1n, this.epochBlocks)
    const randomness = nextRandomness(this.origin, below.header, fakeVrfOutput(request))
    const proposer = operatorAddress(builder)
    const environment = blockEnvironment(
      this.origin,
      below.header,
      { timeMs, proposer, parentCertificate: certificate },
      randomness,
    )
    const state = readerOf(below.values)
    const execution = new BlockExecution({ environment, vm, state })
    // A block out of its place is never executed by anybody: what is in it does not matter.
    const transactions = isPlaced
      ? this.#select(state, below.ref.height + 1n).filter(each => execution.apply(each) === undefined)
      : []
    const result = isPlaced ? execution.finish() : undefined
    const stateRoot =
      result === undefined ? below.header.stateRoot : this.#root(version, below.version, result.changes)
    const header: BlockHeader = {
      ...below.header,
      height: parent.height + 1n,
      epoch,
      view,
      parentHash: below.ref.hash,
      parentView: request.parentView,
      parentCertificate: certificate,
      timeMs,
      proposer,
      ...randomness,
      transactionsRoot: result?.transactionsRoot ?? below.header.transactionsRoot,
      stateRoot,
      receiptsRoot: result?.receiptsRoot ?? below.header.receiptsRoot,
      ...(isPlaced
        ? {
            validatorsHash: validatorsHash(frozenEpoch(state, epoch).validators),
            nextValidatorsHash: validatorsHash(frozenEpoch(state, epoch + 1n).validators),
          }
        : {}),
      gasUsed: result?.gasUsed ?? 0n,
      baseFee: environment.baseFee,
    }
    const values = result === undefined ? below.values : applied(below.values, result.changes)
    const ref = headerToBlockRef(header)
    const isValid = isPlaced && !this.#isFaultyBuilder(builder)
    this.#keep({
      ref,
      header,
      values,
      version: isPlaced ? version : below.version,
      transactions,
      receipts: result === undefined ? [] : receiptsOf(result),
      builder,
      timeMs: Number(timeMs),
      isValid,
      isPlaced,
    })
    if (result !== undefined) this.#count(ref, values)
    return ref
  }

  block(hash: Hash): SimBlock {
    return this.#executed(hash)
  }

  check(node: number, hash: Hash): boolean {
    const block = this.#executed(hash)
    if (block.isValid && this.#random.chance(EXECUTE_AGAIN)) this.#executeAgain(node, block)
    return block.isValid
  }

  committeeOf(epoch: bigint): Committee | undefined {
    return this.#committees.get(epoch)
  }

  commit(node: number, { hash, height }: BlockRef): void {
    const { values, transactions, receipts } = this.#executed(hash)
    for (const [i, { transaction }] of transactions.entries()) {
      const { action } = transaction.body
      if (action.kind === 'submitEvidence' && receipts[i]?.status === 'success')
        this.#evidence.delete(offenderName(action.evidence))
    }
    if (height % this.epochBlocks === 0n) this.#learn(height / this.epochBlocks, values, node)
  }

  /** Somebody saw it: with real signatures it goes into the next blocks until one that is final has it. */
  submitEvidence(evidence: Evidence): void {
    const name = offenderName(evidence)
    if (!this.#evidence.has(name)) this.#evidence.set(name, this.signed(evidence))
  }

  /** By whoever builds the block of a height. */
  want(height: bigint, account: TestAccount, action: Action): void {
    this.#wanted.set(height, [...(this.#wanted.get(height) ?? []), { account, action }])
  }

  /** Convicted, and out of every set to come. */
  isTombstoned(identity: number, after: Hash): boolean {
    return readValidator(this.stateAfter(after), operatorAddress(identity))?.isTombstoned === true
  }

  headerOf(hash: Hash): BlockHeader {
    return this.#executed(hash).header
  }

  /** What a final or a competing block left behind. */
  stateAfter(hash: Hash): StateReader {
    return readerOf(this.#executed(hash).values)
  }

  /** Of what scripts wanted in the block. */
  receiptsOf(hash: Hash): readonly { readonly action: Action; readonly receipt: Receipt }[] {
    const { transactions, receipts } = this.#executed(hash)
    return transactions.flatMap((transaction, i) => {
      const [action, receipt] = [this.#asked.get(transaction), receipts[i]]
      return receipt === undefined || action === undefined ? [] : [{ action, receipt }]
    })
  }

  /** The same evidence as the chain will take it: signed by the real keys of those who signed it here. */
  signed(evidence: Evidence): Evidence {
    if (evidence.kind === 'votes')
      return { kind: 'votes', first: this.#signVote(evidence.first), second: this.#signVote(evidence.second) }
    return {
      kind: 'certificates',
      first: this.signCertificate(evidence.first),
      second: this.signCertificate(evidence.second),
    }
  }

  #signVote(vote: Vote): Vote {
    const identity = this.#committees.get(vote.epoch)?.identityAt(vote.signer) ?? -1
    const { voteSecretKey } = operatorNamed(operatorName(identity))
    return { ...vote, signature: blsSign(voteSecretKey, voteMessage(TEST_CHAIN_ID, vote)) }
  }

  /** Signed by the keys of those it names, or of `by` alone. */
  signCertificate(certificate: Certificate, by?: readonly number[]): Certificate {
    const committee = this.#committees.get(certificate.epoch)
    const signers = by ?? committee?.set.fromBitmap(certificate.signers) ?? []
    const votes = signers.map(signer => this.#signVote({ ...certificate, signer }))
    return { ...certificate, signature: blsAggregate(votes.map(({ signature }) => signature)) }
  }

  /** Not when the state on which a block is built has convicted them already. */
  #isNews(state: StateReader, { first }: Evidence): boolean {
    const identity =
      'signer' in first ? this.#committees.get(first.epoch)?.identityAt(first.signer) : undefined
    if (identity === undefined) return true
    return readValidator(state, operatorAddress(identity))?.isTombstoned !== true
  }

  #select(state: StateReader, height: bigint): ParsedTransaction[] {
    const chosen = this.#users.act(state)
    const wanted = this.#wanted.get(height) ?? []
    const evidence = [...this.#evidence.values()]
      .filter(found => this.#isNews(state, found))
      .slice(0, EVIDENCE_OF_A_BLOCK)
    const more = [
      ...wanted,
      ...evidence.map(found => ({
        account: userAccounts[0] as TestAccount,
        action: { kind: 'submitEvidence', evidence: found } as const,
      })),
    ]
    for (const { account, action } of more) {
      const before = chosen.filter(({ sender }) => bytesEqual(sender, account.address)).length
      const nonce = nonceOf(state, account) + BigInt(before)
      const transaction = signedTransaction(account, nonce, action, { validUntilHeight: height + 10n })
      this.#asked.set(transaction, action)
      chosen.push(transaction)
    }
    return chosen
  }

  #executeAgain(node: number, block: Executed): void {
    const { header, transactions, version } = block
    const below = this.#executed(header.parentHash)
    const environment: BlockEnvironment = blockEnvironment(
      this.origin,
      below.header,
      { timeMs: header.timeMs, proposer: header.proposer, parentCertificate: header.parentCertificate },
      { eta: header.eta, nextNonce: header.nextNonce },
    )
    const result: BlockResult = applyBlock({ environment, vm, state: readerOf(below.values), transactions })
    const isSame =
      bytesEqual(this.#root(version, below.version, result.changes), header.stateRoot) &&
      bytesEqual(result.receiptsRoot, header.receiptsRoot) &&
      bytesEqual(result.transactionsRoot, header.transactionsRoot) &&
      result.gasUsed === header.gasUsed
    if (!isSame) throw new InvariantError(`node ${node} executed block ${header.height} to another state`)
  }

  #root(version: bigint, below: bigint | undefined, changes: readonly StateChange[]): Hash {
    const update = updateTree(key => this.#nodes.get(key), below, version, changes)
    for (const [key, node] of update.nodes) this.#nodes.set(key, node)
    return update.root
  }

  /** The money is all there, whoever has it. */
  #count({ height }: BlockRef, values: ReadonlyMap<string, Uint8Array>): void {
    const state = readerOf(values)
    const epoch = epochOf(height, this.epochBlocks)
    const broken = brokenInvariants({
      state,
      epoch,
      entries: () => [...values].map(([key, value]) => ({ key: Buffer.from(key, 'latin1'), value })),
      supply: () => readSupply(state),
      set: of => frozenEpoch(state, of ?? epoch).validators,
    })
    if (broken.length > 0) throw new InvariantError(`after block ${height}: ${broken.join('; ')}`)
  }

  #learn(epoch: bigint, values: ReadonlyMap<string, Uint8Array>, node = -1): void {
    const info = epochInfo(this.origin, readerOf(values), epoch)
    if (info === undefined)
      throw new InvariantError(`node ${node} does not know who votes in epoch ${epoch}, which begins`)
    const { nonce, validators } = info
    const known = this.#committees.get(epoch)
    if (known !== undefined) {
      const isSame =
        bytesEqual(known.nonce, nonce) &&
        bytesEqual(validatorsHash([...known.info.validators]), validatorsHash([...validators]))
      if (!isSame) throw new InvariantError(`node ${node} has other leaders in epoch ${epoch}`)
      return
    }
    const identities = validators.map(({ voteKey }) => this.#identities.get(toHex(voteKey)) ?? -1)
    const positions = new Map(identities.map((identity, position) => [identity, position]))
    this.#committees.set(epoch, {
      info: {
        ...info,
        leaderOf: createLeaders({ chainId: TEST_CHAIN_ID, epoch, nonce, validators }).of,
      },
      nonce,
      set: createValidatorSet(validators),
      identityAt: position => identities[position] ?? -1,
      positionOf: identity => positions.get(identity),
    })
  }

  #keep(block: Executed): void {
    this.#blocks.set(toHex(block.ref.hash), block)
  }

  #executed(hash: Hash): Executed {
    const block = this.#blocks.get(toHex(hash))
    if (block === undefined) throw new RangeError(`block ${toHex(hash)} was not built here`)
    return block
  }
}

const applied = (
  values: ReadonlyMap<string, Uint8Array>,
  changes: readonly StateChange[],
): ReadonlyMap<string, Uint8Array> => {
  const after = new Map(values)
  for (const { key, value } of changes)
    if (value === undefined) after.delete(toLatin1(key))
    else after.set(toLatin1(key), value)
  return after
}

/** One pass over all keys for an ordered read: states here are small. */
const readerOf = (values: ReadonlyMap<string, Uint8Array>): StateReader => ({
  get: key => values.get(toLatin1(key)),
  first({ from, to, isReverse }) {
    let best: string | undefined
    for (const key of values.keys())
      if (key >= from && key < to && (best === undefined || (isReverse ? key > best : key < best))) best = key
    return best === undefined ? undefined : { key: best, value: values.get(best) as Uint8Array }
  },
})

const nonceOf = (state: Pick<StateReader, 'get'>, { address }: TestAccount): bigint =>
  readAccount(state, address).nonce

const fakeVrfOutput = ({ builder, epoch, view }: BuildRequest): Uint8Array =>
  sha256(Buffer.from(`simulated vrf ${builder}/${epoch}/${view}`))

/** One piece of evidence for each offender is enough: they are slashed once. */
const offenderName = ({ first }: Evidence): string =>
  'signer' in first ? `${first.epoch}/${first.signer}` : `${first.epoch}/${first.view} certificates`
