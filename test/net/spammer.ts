/**
 * 12,000 transactions a second with bad signatures, by gossip to the node at an address, until this process is killed:
 * `spammer.ts ADDRESS GENESIS_HASH`. Whoever sends them is soon banned: then somebody new goes on, and several are about
 * to at any time. A line of JSON each second says how many there were, and what they sent (`SpamFigures`).
 *
 * Sent is what gossip had somebody to send to. What is due while nobody listens, for they were all thrown out, whoever
 * gets in next makes up for.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { DEVNET_CHAIN_ID } from '../../cli/devnet/plan.ts'
import { type DevAccount, devAccounts } from '../../node/dev.ts'
import { startNetwork } from '../../node/network/network.ts'
import { BATCH_LIMITS, batchCodec } from '../../node/network/transaction-batches.ts'
import { fromHex, toHash } from '../../node/types/primitives.ts'
import { signTransaction } from '../../node/wallet/sign.ts'
import { gossipPrototype } from './gossip-prototype.ts'

export interface SpamFigures {
  readonly seconds: number
  /** Transactions. */
  readonly sent: number
  readonly identities: number
}

const PER_SECOND = 12_000
const BATCH = BATCH_LIMITS.transactions
const AT_ONCE = 12
/** Of what is due and not sent, the most that is made up for. */
const BACKLOG_SECONDS = 6
const TICK_MS = 5
/** Nobody who is not let in waits longer. */
const PATIENCE_MS = 4_000

const [address = '', genesisHex = ''] = process.argv.slice(2)
const genesis = toHash(fromHex(genesisHex))
const startMs = performance.now()
let [sent, identities, made] = [0, 0, 0]

const prototype = await gossipPrototype()
const publish = prototype.publish
prototype.publish = async function publishCounted(topic, data) {
  const result = await publish.call(this, topic, data)
  sent += BATCH * result.recipients.length
  return result
}

const [{ secretKey, publicKey, address: to }] = devAccounts() as [DevAccount]
const { bytes: signed } = signTransaction(secretKey, {
  version: 1,
  chainId: DEVNET_CHAIN_ID,
  sender: publicKey,
  nonce: BigInt(Math.floor(Math.random() * 2 ** 40)),
  gasLimit: 400_000n,
  maxFee: 1_000n,
  tip: 1n,
  validUntilHeight: 50_000n,
  action: { kind: 'transfer', to, amount: 1n },
})

/** Well formed, of an account that has money, and not signed by it. */
const makeBatch = (): Uint8Array =>
  batchCodec.encode(
    Array.from({ length: BATCH }, () => {
      const forged = Uint8Array.from(signed)
      forged.set(randomBytes(64), forged.length - 64)
      return forged
    }),
  )

/** Batches that are due. */
const due = (): number => {
  const wanted = ((performance.now() - startMs) / 1_000) * (PER_SECOND / BATCH)
  made = Math.max(made, wanted - (BACKLOG_SECONDS * PER_SECOND) / BATCH)
  return Math.floor(wanted - made)
}

/** As one and the same, until it is thrown out. */
const spamAsOne = async (): Promise<void> => {
  const network = await startNetwork({
    nodeKey: randomBytes(32),
    kind: 'full',
    genesisHash: genesis,
    agent: 'spammer',
    listen: [],
    bootstrap: [address],
    status: () => ({ height: 0n, hash: genesis, keptFrom: 1n }),
    handlers: {},
    onTransactions: () => Promise.resolve('ignore'),
    logger: pino({ level: 'silent' }),
  })
  identities++
  const bornMs = performance.now()
  let wasLetIn = false
  while (performance.now() - bornMs < PATIENCE_MS || wasLetIn) {
    await sleep(TICK_MS)
    const isIn = network.peerInfos().length > 0
    if (wasLetIn && !isIn) break
    wasLetIn ||= isIn
    if (!isIn) continue
    // All that is due at once: after the first of it, it is known for what it is.
    for (let batches = due(); batches > 0; batches--) {
      const before = sent
      network.publishTransactions(makeBatch())
      await sleep(0)
      // Before gossip is open there is nobody to send to.
      if (sent === before) break
      made++
    }
  }
  await network.close()
}

const spam = async (): Promise<never> => {
  for (;;) await spamAsOne().catch(() => undefined)
}

setInterval(() => {
  const seconds = (performance.now() - startMs) / 1_000
  console.log(JSON.stringify({ seconds, sent, identities } satisfies SpamFigures))
}, 1_000)
await Promise.all(Array.from({ length: AT_ONCE }, spam))
