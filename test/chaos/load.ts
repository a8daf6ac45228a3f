/**
 * Load through the public API, from senders that sign in order, wait for receipts and start again where they
 * were: after a kill each sends what it does not know to be final once more, then goes on.
 */
import { encodeArguments } from '../../node/abi/values.ts'
import { apiFailure, createApiClient, type ApiClient } from '../../node/api/client.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { type Address, toHex } from '../../node/types/primitives.ts'
import type { Action, ParsedTransaction } from '../../node/types/transaction.ts'
import { builtContract } from '../support/built-contract.ts'
import { signedTransaction, testAccount } from '../support/transactions.ts'
import { idOf, type Ledger, recordFinal, type Sender } from './ledger.ts'

/** Only receives, so that its balances tell exactly which transfers were applied. */
export const SINK = testAccount('chaos sink').address

/** How many of a sender's wait at once: large blocks and many small ones. */
const BATCHES = [25, 10, 3, 1]
/** Above any height of a run, below the limit on validity. */
const VALID_UNTIL = 90_000n
const TOKEN_SUPPLY = 1_000_000_000n

export const amountOf = (nonce: bigint): bigint => 1n + (nonce % 7n)

const token = await builtContract('token')

const sign = (sender: Sender, action: Action, gasLimit: bigint): ParsedTransaction => {
  const nonce = sender.nextNonce++
  const parsed = signedTransaction(sender.account, nonce, action, {
    gasLimit,
    maxFee: 100n,
    validUntilHeight: VALID_UNTIL,
  })
  sender.open.push(parsed)
  return parsed
}

/** The first sender calls the token, the others transfer. */
const nextAction = (ledger: Ledger, sender: Sender): readonly [Action, bigint] => {
  const amount = amountOf(sender.nextNonce)
  if (sender === ledger.senders[0] && ledger.token !== undefined) {
    const args = encodeArguments(token.abi, 'transfer', [SINK, amount])
    const { address, gasLimit } = ledger.token
    return [{ kind: 'call', contract: address, method: 'transfer', args, value: 0n }, gasLimit]
  }
  return [{ kind: 'transfer', to: SINK, amount }, 400_000n]
}

/** Hands in all that is open and waits until it is final. */
const settle = async ({ api }: ApiClient, ledger: Ledger, sender: Sender): Promise<void> => {
  const { open } = sender
  if (open.length === 0) return
  const results = await api.transaction.submitMany.mutate({
    transactions: open.map(({ bytes }) => `0x${toHex(bytes)}`),
  })
  for (const [index, result] of results.entries()) {
    // `nonce_too_low`: became final between two of the node's checks. The receipt below tells.
    if (result.accepted || ['duplicate', 'already_final', 'nonce_too_low'].includes(result.code)) continue
    throw new Error(`${idOf(open[index] as ParsedTransaction)} was refused: ${result.message}`)
  }
  const last = open.at(-1)
  await api.transaction.wait.query({ id: idOf(last), timeoutMs: 15_000 })
  const receipts = await Promise.all(open.map(parsed => api.transaction.receipt.query({ id: idOf(parsed) })))
  for (const receipt of receipts) {
    const { height, index, blockHash, status, transactionId } = receipt
    recordFinal(ledger, transactionId, { height, index, blockHash, status })
    if (status !== 'success') throw new Error(`${transactionId} failed: ${receipt.error?.message}`)
  }
  sender.open = []
}

/** Deploys the token from the first sender, once a chain. */
const deployToken = async (client: ApiClient, ledger: Ledger): Promise<void> => {
  const [sender] = ledger.senders
  if (ledger.token !== undefined || sender === undefined) return
  const args = encodeArguments(token.abi, 'init', ['Chaos', 'CHS', 0, TOKEN_SUPPLY])
  const isFirst = sender.nextNonce === 0n
  if (isFirst) {
    sign(sender, { kind: 'deploy', code: token.code, args, value: 0n, owner: undefined }, 100_000_000n)
  }
  await settle(client, ledger, sender)
  const [first] = (await client.api.transaction.receipt.query({ id: firstId(ledger) })).created
  if (first === undefined) throw new Error('the deploy created nothing')
  const address = parseAddress(first)
  // The first transfer makes the sink's entry and costs the most.
  ledger.token = { address, gasLimit: 5_000_000n }
}

const firstId = (ledger: Ledger): string => {
  const [id] = ledger.final.keys()
  if (id === undefined) throw new Error('nothing is final yet')
  return id
}

/** What the token says the sink holds. */
export const tokenBalanceOf = async (
  { api }: ApiClient,
  contract: Address,
  owner: Address,
): Promise<bigint> => {
  const { returnData } = await api.contract.view.query({
    contract: formatAddress(contract),
    method: 'balanceOf',
    args: `0x${toHex(encodeArguments(token.abi, 'balanceOf', [owner]))}`,
  })
  return Buffer.from(returnData.slice(2), 'hex').readBigUInt64LE()
}

/** What ends a load that is cut off, as opposed to one that finds a fault. */
const isGone = (error: unknown): boolean => {
  const failure = apiFailure(error)
  return failure?.code === 'unreachable' || failure?.code === 'stopping' || failure?.detail === 'stopping'
}

/** All that is open becomes final, and one transaction more of each sender: the chain goes on. */
export const settleAll = async (url: string, ledger: Ledger): Promise<void> => {
  const client = createApiClient({ url })
  try {
    const { head } = await client.api.chain.info.query()
    if (BigInt(head.height) < ledger.seenHeight) {
      throw new Error(`the head is ${head.height}; the node had told of ${ledger.seenHeight}`)
    }
    await deployToken(client, ledger)
    await Promise.all(
      ledger.senders.map(async sender => {
        await settle(client, ledger, sender)
        sign(sender, ...nextAction(ledger, sender))
        await settle(client, ledger, sender)
      }),
    )
    if (ledger.seenHeight <= BigInt(head.height)) throw new Error(`the height stayed at ${head.height}`)
  } finally {
    client.close()
  }
}

/** Until `signal` aborts or the node is gone. Rejects if the node does what it must not. */
export const runLoad = async (url: string, ledger: Ledger, signal: AbortSignal): Promise<void> => {
  const client = createApiClient({ url })
  const drive = async (sender: Sender, index: number): Promise<void> => {
    const batch = BATCHES[index % BATCHES.length] as number
    while (!signal.aborted) {
      while (sender.open.length < batch) sign(sender, ...nextAction(ledger, sender))
      await settle(client, ledger, sender)
    }
  }
  try {
    await deployToken(client, ledger)
    await Promise.all(ledger.senders.map(drive))
  } catch (error) {
    if (!isGone(error)) throw error
  } finally {
    client.close()
  }
}
