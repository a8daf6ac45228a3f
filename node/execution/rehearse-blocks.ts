/** The block thread's part of a rehearsal (rehearsal.ts): blocks of made-up transactions on a chain of its own, in memory. */
import { createVm } from '../../vm/vm.ts'
import { Chain } from '../chain/chain.ts'
import { changedAccounts } from '../chain/layers.ts'
import { contractAddress } from '../crypto/address.ts'
import { BASE_FEE } from '../params.ts'
import { createMemoryDatabase } from '../storage/memory.ts'
import type { Genesis } from '../types/genesis.ts'
import type { Gas } from '../types/primitives.ts'
import { type Action, parseTransaction } from '../types/transaction.ts'
import { pack, packTransactions, unpackTransactions } from './packed.ts'
import { REHEARSAL_CONTRACT_BASE64 } from './rehearsal-contract.ts'
import { contractCall, createPlayers, payment, PLAY_MONEY, type Player, playRound } from './rehearsal-play.ts'
import { receiptsOf } from '../types/receipt.ts'

/** Longer than any rehearsal: what happens at an epoch's end is rare, and takes no warming. */
const EPOCH_BLOCKS = 1_000_000n
const VALID_BLOCKS = 1_000n
/** Room for a round, whatever the chain gives its blocks. */
const BLOCK_GAS = 1_000_000_000n
const DEPLOY_GAS = 100_000_000n
/** Nearly empty blocks leave the base fee where it is. */
const MAX_FEE = 1n + BASE_FEE.minimum

/** Each call plays a block, of payments and of calls in turn. `genesis`: of the node's chain, whose rules it has. Throws if one fails. */
export const createBlockRehearsal = (genesis: Genesis): (() => void) => {
  const players = createPlayers()
  const [validator] = genesis.validators
  const [deployer] = players
  if (validator === undefined || deployer === undefined) throw new Error('nobody to play')
  const chain = Chain.open({
    db: createMemoryDatabase(),
    genesis: {
      ...genesis,
      params: {
        ...genesis.params,
        epochBlocks: EPOCH_BLOCKS,
        blockGasLimit: BLOCK_GAS,
        initialBaseFee: BASE_FEE.minimum,
      },
      accounts: players.map(({ address }) => ({ address, balance: PLAY_MONEY })),
      validators: [validator],
    },
    vm: createVm(),
  })
  let round = 0n
  const playBlock = (
    actors: readonly Player[],
    actionOf: (index: number) => Action,
    gasLimit?: Gas,
  ): void => {
    const { header } = chain.head
    const bytes = playRound(
      actors,
      {
        chainId: genesis.chainId,
        nonce: round,
        maxFee: MAX_FEE,
        validUntilHeight: header.height + VALID_BLOCKS,
        ...(gasLimit === undefined ? {} : { gasLimit }),
      },
      actionOf,
    )
    const { hash } = chain.build({
      parentHash: chain.head.hash,
      place: {
        view: header.view + 1n,
        timeMs: header.timeMs,
        proposer: validator.address,
        parentCertificate: undefined,
      },
      // Any proof will do: nobody checks of what it is one.
      vrfProof: validator.vrfProof,
      candidates: unpackTransactions(packTransactions(bytes.map(parseTransaction))),
    })
    const executed = chain.commit(hash, undefined)
    const receipts = receiptsOf(executed)
    if (receipts.length < actors.length || receipts.some(({ status }) => status !== 'success'))
      throw new Error(
        `a transaction of the rehearsal failed: ${receipts.find(({ error }) => error)?.error?.message}`,
      )
    pack(changedAccounts(executed.layer))
  }

  const code = new Uint8Array(Buffer.from(REHEARSAL_CONTRACT_BASE64, 'base64'))
  const deploy = { kind: 'deploy', code, args: new Uint8Array(0), value: 0n, owner: undefined } as const
  const contract = contractAddress(deployer.address, 0n)
  return () => {
    if (round === 0n) {
      playBlock([deployer], () => deploy, DEPLOY_GAS)
      // The deployer has used this nonce.
      playBlock(players.slice(1), payment)
    } else playBlock(players, round % 2n === 0n ? payment : index => contractCall(contract, index))
    round++
  }
}
