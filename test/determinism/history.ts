/**
 * A history of blocks that does all a chain can do, from one seed, and its digest: block hashes (which commit to
 * transactions, receipts and state), receipts byte by byte, state roots. Whatever engine runs it, the digest is the
 * same or a chain would fork.
 */
import { createHash } from 'node:crypto'
import { encodeArguments } from '../../node/abi/values.ts'
import { Chain } from '../../node/chain/chain.ts'
import { contractAddress, formatAddress, publicKeyToAddress } from '../../node/crypto/address.ts'
import { type DevAccount, devAccounts, devGenesis } from '../../node/dev.ts'
import { createMemoryDatabase } from '../../node/storage/memory.ts'
import { readAccount } from '../../node/transition/accounts.ts'
import type { Genesis } from '../../node/types/genesis.ts'
import type { Address } from '../../node/types/primitives.ts'
import type { ParsedTransaction, SimpleAction } from '../../node/types/transaction.ts'
import { lastHeight } from '../../node/types/epoch.ts'
import { placeBlock } from '../support/placed-block.ts'
import { VEX } from '../../node/params.ts'
import { createValidatorKeys, publicValidatorKeys } from '../../node/validator-keys.ts'
import { createVm } from '../../vm/vm.ts'
import { createRandom, type Random } from '../sim/random.ts'
import { signedTransaction, TEST_CHAIN_ID } from '../support/transactions.ts'
import type { HistoryContract } from './contracts.ts'
import { receiptsOf } from '../../node/types/receipt.ts'

export interface History {
  /** SHA-256 over everything, in hex. */
  readonly digest: string
  readonly blocks: number
  readonly transactions: number
  /** Receipts by how they ended: `success` or the error's code. */
  readonly outcomes: Readonly<Record<string, number>>
}

const SEED = 20_260_101
const BLOCKS = 160
const START_MS = 1_700_000_000_000n
const ENOUGH_GAS = 40_000_000n
const NOTHING = new Uint8Array(0)

interface Deployed {
  readonly contract: HistoryContract
  readonly address: Address
}

type Arguments = (random: Random, world: World) => readonly unknown[]

interface World {
  readonly account: (random: Random) => string
  readonly contract: (name: string) => string
}

const u64 = (random: Random): string =>
  ((BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32))).toString()

const zeros = (bytes: number): string => `0x${'00'.repeat(bytes)}`
const POINT = { g1: zeros(64), g2: zeros(128) }
const PROOF = { a: POINT.g1, b: POINT.g2, c: POINT.g1 }
const NEVER = '99999999999999'

/** What the contracts' `init` takes. */
const INIT: Readonly<Record<string, (world: World, deployer: string) => readonly unknown[]>> = {
  token: () => ['Token', 'TOK', 2, '1000000'],
  exchange: ({ contract }) => [contract('token')],
  groth16: () => [
    { alpha: POINT.g1, beta: POINT.g2, gamma: POINT.g2, delta: POINT.g2, ic: [POINT.g1, POINT.g1] },
  ],
  lottery: () => ['3', '3000'],
  multisig: (_, deployer) => [[deployer], 1],
  nft: () => ['Cards', 'CARD'],
}

/**
 * Methods with their arguments, good and bad; how often each is there is how often it is called. With a value, it is
 * sent along, below that number.
 */
const CALLS: readonly (readonly [contract: string, method: string, args: Arguments, value?: number])[] = [
  ['counter', 'increment', random => [u64(random)]],
  ['counter', 'increment', random => [String(random.below(9))]],
  ['compute', 'mix', random => [random.below(3000)]],
  ['token', 'transfer', (random, { account }) => [account(random), String(random.below(4000))]],
  ['token', 'approve', (random, { account }) => [account(random), String(random.below(500))]],
  ['token', 'transferFrom', (random, { account }) => [account(random), account(random), '7']],
  ['token', 'mint', (random, { account }) => [account(random), String(random.below(100))]],
  ['token', 'burn', random => [String(random.below(500))]],
  ['token', 'approve', (_, { contract }) => [contract('exchange'), '100000']],
  ['exchange', 'addLiquidity', random => [String(random.below(5000)), '0', NEVER], 5000],
  ['exchange', 'buyTokens', random => [String(random.below(20)), NEVER], 500],
  ['exchange', 'sellTokens', random => [String(random.below(200)), '1', NEVER]],
  ['exchange', 'removeLiquidity', random => [String(random.below(900)), '0', '0', NEVER]],
  ['groth16', 'prove', random => [PROOF, [String(random.below(3))]]],
  ['lottery', 'buy', () => [], 9],
  ['lottery', 'buy', () => [], 9],
  ['lottery', 'buy', () => [], 9],
  ['lottery', 'draw', () => []],
  ['lottery', 'draw', () => []],
  ['lottery', 'draw', () => []],
  ['lottery', 'payOut', () => []],
  ['multisig', 'deposit', () => [], 5000],
  ['multisig', 'propose', (random, { account }) => [account(random), String(random.below(50)), '', '0x']],
  ['multisig', 'approve', random => [String(random.below(4))]],
  ['multisig', 'execute', random => [String(random.below(4))]],
  ['nft', 'mint', (random, { account }) => [account(random), `card ${random.below(9)}`]],
  ['nft', 'transfer', (random, { account }) => [account(random), String(random.below(5))]],
  ['nft', 'burn', random => [String(random.below(9))]],
  [
    'vesting',
    'grant',
    (random, { account }) => [account(random), '0', '0', String(START_MS + 80_000n), true],
    9000,
  ],
  ['vesting', 'release', random => [String(random.below(5))]],
  ['vesting', 'revoke', random => [String(random.below(9))]],
  ['caller', 'incrementOther', (random, { contract }) => [contract('counter'), String(random.below(5))]],
  ['caller', 'incrementOther', (_, { contract }) => [contract('token'), '1']],
  ['caller', 'tryFailing', (_, { contract }) => [contract('second caller')]],
  ['caller', 'callSelf', () => []],
  ['caller', 'descend', (random, { contract }) => [contract('second caller'), random.below(12)]],
  ['caller', 'fill', random => [random.below(10), random.below(30)]],
  ['caller', 'clear', random => [random.below(10), random.below(30)]],
  ['caller', 'payOut', (random, { account }) => [account(random), String(random.below(2))]],
  ['caller', 'spin', () => []],
  ['caller', 'divide', random => [random.below(2)]],
  ['hazards', 'doubles', random => [u64(random), random.below(300)]],
  ['hazards', 'doubles', random => [u64(random), 20_000]],
  ['hazards', 'singles', random => [u64(random), random.below(300)]],
  ['hazards', 'singles', random => [u64(random), 20_000]],
  ['hazards', 'payloads', random => [u64(random)]],
  ['hazards', 'series', random => [u64(random)]],
  ['hazards', 'toInteger', random => [u64(random)]],
  ['hazards', 'recurse', random => [random.below(2) * 100_000 + random.below(400)]],
  ['hazards', 'grow', random => [random.below(20)]],
  ['hazards', 'fault', random => [random.below(10), 0]],
  ['hazards', 'spend', random => [random.below(5000)]],
]

const KEYS = createValidatorKeys(new Uint8Array(64).fill(7))
const KEYS_AT = publicKeyToAddress(KEYS.operatorPublicKey)
/** Whoever registers first with them has them; the proof of the VRF key is for one account. */
const NEWCOMER = createValidatorKeys(new Uint8Array(64).fill(8))

/** Epochs of a few blocks, so that the history has many. */
export const historyGenesis = (): Genesis => {
  const genesis = devGenesis(KEYS, START_MS, TEST_CHAIN_ID)
  const params = { ...genesis.params, epochBlocks: 7n, evidenceMaxAgeBlocks: 14n, evidenceMaxAgeMs: 5_000n }
  return { ...genesis, params }
}

/** On the head of a chain that starts from {@link historyGenesis}. */
export const placeInHistory = ({ genesis, head, state }: Chain, timeMs: bigint) => {
  const { header } = head
  const isLast = header.height === lastHeight(header.epoch, genesis.params.epochBlocks)
  return placeBlock({
    genesis,
    keys: KEYS,
    parent: head,
    state,
    view: isLast ? 1n : header.view + 1n,
    timeMs,
  })
}

/** `db` is empty; it holds the chain when this returns. */
export function runHistory(
  contracts: readonly HistoryContract[],
  db = createMemoryDatabase(),
  vm = createVm(),
): History {
  const genesis = historyGenesis()
  const chain = Chain.open({ db, genesis, vm })
  const hash = createHash('sha256').update(chain.head.hash)
  const outcomes = new Map<string, number>()
  let transactions = 0

  const block = (candidates: readonly ParsedTransaction[]): void => {
    const height = chain.head.header.height + 1n
    const built = chain.build({
      ...placeInHistory(chain, START_MS + height * 700n),
      candidates,
      onRefused: (_, message) => hash.update(message),
    })
    chain.commit(built.hash, undefined)
    hash.update(built.hash).update(built.header.stateRoot)
    for (const bytes of built.receiptBytes) hash.update(bytes)
    for (const { error } of receiptsOf(built)) {
      const ending = error?.code ?? 'success'
      outcomes.set(ending, (outcomes.get(ending) ?? 0) + 1)
    }
    transactions += built.receiptBytes.length
  }

  const author = new Author(chain, contracts)
  block(author.deployments())
  for (let height = 0; height < BLOCKS; height++) block(author.nextBlock())
  chain.verifyState()
  return {
    digest: hash.digest('hex'),
    blocks: BLOCKS + 1,
    transactions,
    outcomes: Object.fromEntries([...outcomes].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Writes the transactions. */
class Author {
  private readonly chain: Chain
  private readonly contracts: readonly HistoryContract[]
  private readonly random = createRandom(SEED)
  private readonly accounts = devAccounts()
  private readonly deployed = new Map<string, Deployed>()
  private readonly nonces = new Map<DevAccount, bigint>()
  private readonly world: World = {
    account: random => formatAddress(this.anyAccount(random).address),
    contract: name => formatAddress(this.find(name).address),
  }

  constructor(chain: Chain, contracts: readonly HistoryContract[]) {
    this.chain = chain
    this.contracts = contracts
  }

  deployments(): ParsedTransaction[] {
    const [deployer] = this.accounts as [DevAccount]
    const wanted = [
      ...this.contracts.map(contract => [contract.name, contract] as const),
      ...this.contracts
        .filter(({ name }) => name === 'caller')
        .map(contract => ['second caller', contract] as const),
    ]
    // Their addresses first: some are told where another is.
    const nonces = wanted.map(([name, contract]) => {
      const nonce = this.nextNonce(deployer)
      this.deployed.set(name, { contract, address: contractAddress(deployer.address, nonce) })
      return nonce
    })
    return wanted.map(([name, { abi, code }], i) => {
      const hasInit = abi.methods.some(method => method.name === 'init')
      const given = INIT[name]?.(this.world, formatAddress(deployer.address)) ?? []
      const args = hasInit ? encodeArguments(abi, 'init', [...given]) : NOTHING
      return signedTransaction(
        deployer,
        nonces[i] as bigint,
        { kind: 'deploy', code, args, value: 0n, owner: deployer.address },
        { gasLimit: ENOUGH_GAS },
      )
    })
  }

  nextBlock(): ParsedTransaction[] {
    // A refused transaction of the last block left its nonce unused.
    this.nonces.clear()
    return Array.from({ length: 1 + this.random.below(8) }, () => this.transaction())
  }

  private transaction(): ParsedTransaction {
    const { random } = this
    const sender = this.anyAccount(random)
    const kind = random.below(20)
    const action =
      kind === 0
        ? { kind: 'batch' as const, actions: Array.from({ length: 1 + random.below(4) }, () => this.call()) }
        : kind === 1
          ? this.transfer()
          : kind === 2
            ? this.upgrade()
            : kind <= 5
              ? this.stake(sender)
              : this.call()
    // Some of these do not even cover the transaction itself and are refused.
    const gasLimit = random.chance(0.25) ? BigInt(250_000 + random.below(700_000)) : ENOUGH_GAS
    return signedTransaction(sender, this.nextNonce(sender), action, { gasLimit, maxFee: 1000n })
  }

  private call(): SimpleAction {
    const { random } = this
    const [name, method, args, value = 0] = CALLS[random.below(CALLS.length)] as (typeof CALLS)[number]
    const { contract, address } = this.find(name)
    const isGarbled = random.chance(0.03)
    return {
      kind: 'call',
      contract: address,
      method: isGarbled ? `${method}?` : method,
      args: random.chance(0.03)
        ? Uint8Array.of(random.below(256))
        : encodeArguments(contract.abi, method, [...args(random, this.world)]),
      value: BigInt(value > 0 ? random.below(value) : random.chance(0.05) ? random.below(1000) : 0),
    }
  }

  private transfer(): SimpleAction {
    const { random } = this
    return {
      kind: 'transfer',
      to: this.anyAccount(random).address,
      amount: random.chance(0.2) ? 1n << 61n : BigInt(random.below(1_000_000)),
    }
  }

  /** To the same code, to bytes that are none, or by somebody who may not. */
  private upgrade(): SimpleAction {
    const { contract, address } = this.find('counter')
    const code = this.random.chance(0.5) ? contract.code : contract.code.slice(0, 500)
    return { kind: 'upgrade', contract: address, code, args: NOTHING }
  }

  /** With the validator of the genesis, with the one that an account becomes, or with nobody. */
  private stake(sender: DevAccount): SimpleAction {
    const { random } = this
    const validator = random.chance(0.6) ? KEYS_AT : this.anyAccount(random).address
    const amount = BigInt(random.below(300)) * VEX
    switch (random.below(6)) {
      case 0:
        return { kind: 'undelegate', validator, amount: random.chance(0.3) ? undefined : amount }
      case 1:
        return { kind: 'withdraw', validator }
      case 2:
        return { kind: 'claimRewards', validator }
      case 3: {
        const { publicKey } = random.chance(0.5) ? sender : this.anyAccount(random)
        const keys = { ...NEWCOMER, operatorPublicKey: publicKey }
        const { address: _, ...registration } = publicValidatorKeys(keys, TEST_CHAIN_ID)
        return {
          kind: 'registerValidator',
          ...registration,
          commissionBps: random.below(11_000),
          stake: amount,
        }
      }
      default:
        return { kind: 'delegate', validator, amount }
    }
  }

  private anyAccount(random: Random): DevAccount {
    return this.accounts[random.below(this.accounts.length)] as DevAccount
  }

  private find(name: string): Deployed {
    const found = this.deployed.get(name)
    if (found === undefined) throw new Error(`${name} is not among the contracts`)
    return found
  }

  private nextNonce(account: DevAccount): bigint {
    const nonce = this.nonces.get(account) ?? readAccount(this.chain.state, account.address).nonce
    this.nonces.set(account, nonce + 1n)
    return nonce
  }
}
