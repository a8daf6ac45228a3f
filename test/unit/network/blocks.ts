/** Blocks for the tests of the compact form: real headers, and bytes that end in what may be a signature. */
import { createHash } from 'node:crypto'
import { merkleRoot } from '../../../node/crypto/merkle.ts'
import { type Block, blockCodec, blockHash, type BlockHeader } from '../../../node/types/block.ts'
import { type Hash, toAddress, toHash, toLatin1 } from '../../../node/types/primitives.ts'

const fill = (size: number, byte: number) => new Uint8Array(size).fill(byte)
const hashOf = (byte: number) => toHash(fill(32, byte))

/** Another for each seed. */
export const transactionOf = (seed: number, sizeBytes = 100): Uint8Array => {
  const bytes = fill(sizeBytes, seed & 0xff)
  const digest = createHash('sha512').update(`transaction ${seed}`).digest()
  bytes.set(digest, sizeBytes - 64)
  return bytes
}

export const headerOf = (transactions: readonly Uint8Array[], height = 42n): BlockHeader => ({
  version: 1,
  chainId: 'test',
  height,
  epoch: 0n,
  view: 45n,
  parentHash: hashOf(1),
  parentView: 44n,
  parentCertificate: undefined,
  timeMs: 1_700_000_000_000n,
  proposer: toAddress(fill(32, 2)),
  vrfProof: fill(80, 3),
  eta: hashOf(4),
  nextNonce: undefined,
  transactionsRoot: merkleRoot(transactions),
  stateRoot: hashOf(5),
  receiptsRoot: hashOf(6),
  validatorsHash: hashOf(7),
  nextValidatorsHash: hashOf(8),
  gasUsed: 9n,
  gasLimit: 50_000_000n,
  baseFee: 1n,
})

export interface MadeBlock extends Block {
  readonly bytes: Uint8Array
  readonly hash: Hash
}

export const blockOf = (transactions: Uint8Array[], height?: bigint): MadeBlock => {
  const header = headerOf(transactions, height)
  const block = { header, transactions }
  return { ...block, bytes: blockCodec.encode(block), hash: blockHash(header) }
}

/** Finds as a pool does; by the first bytes of short ids, if they are cut. */
export const poolOf = (transactions: readonly Uint8Array[], usedBytes = 16) => {
  const named = new Map(
    transactions.flatMap(bytes =>
      bytes.length < 64 ? [] : [[cut(slowShortId(bytes), usedBytes), { bytes }]],
    ),
  )
  return (shortId: string) => named.get(shortId)
}

const cut = (shortId: string, usedBytes: number) => shortId.slice(0, usedBytes).padEnd(16, '\0')

/** As the spec in types/short-id.ts says. */
export const slowShortId = (transaction: Uint8Array): string =>
  toLatin1(
    createHash('sha256')
      .update(Buffer.concat([Buffer.from('\x0fvex/short-id/v2'), transaction.slice(-64)]))
      .digest()
      .subarray(0, 16),
  )
