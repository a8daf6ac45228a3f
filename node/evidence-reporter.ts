/**
 * Turns what consensus caught into a transaction of this validator's operator, and sends it again until those it
 * convicts are tombstoned, or it is too old. Whoever is first is enough: the others' fail, and cost them a fee.
 *
 * What the pool refuses is sent again after the next block: an operator may hold nothing until its first block pays it.
 */
import { publicKeyToAddress } from './crypto/address.ts'
import { publicKeyOf } from './crypto/ed25519.ts'
import { intrinsicGas } from './transition/gas.ts'
import { convictedBy, type Evidence, evidenceCodec } from './types/evidence.ts'
import { type Address, type Amount, type Height, toHex } from './types/primitives.ts'
import type { SimpleAction, TransactionBody } from './types/transaction.ts'
import { signTransaction } from './wallet/sign.ts'

export interface EvidenceReporterOptions {
  readonly chainId: string
  /** Ed25519, 32 bytes. */
  readonly operatorSecretKey: Uint8Array
  /** The positions' operators who are not tombstoned yet; `undefined` if the state no longer holds the epoch. */
  readonly unconvicted: (epoch: bigint, positions: readonly number[]) => readonly Address[] | undefined
  readonly nextHeight: () => Height
  readonly baseFee: () => Amount
  readonly pendingNonce: (sender: Address) => bigint
  readonly submit: (
    transaction: Uint8Array,
  ) => Promise<{ accepted: true } | { accepted: false; message: string }>
  /** What could not be sent: `hex` is what `vex stake evidence --hex` takes. */
  readonly onProblem: (problem: { message: string; hex: string }) => void
}

export interface EvidenceReporter {
  /** Signatures have been verified. */
  report(evidence: Evidence): void
  /** After each commit. */
  onCommit(): void
}

/** More at once than a whole set's is a flood: certificates convict many with one. */
const MAX_OPEN = 128
/** How many blocks a transaction gets before it is sent again, and between two reports that it was refused. */
const PATIENCE_BLOCKS = 20n
const TIP = 1n
/** Of its signature and the frame around the action: more than they take. */
const FRAME_BYTES = 512

interface Open {
  readonly evidence: Evidence
  /** Not before. */
  sendAt: Height
  refusedAt: Height | undefined
}

export const createEvidenceReporter = (options: EvidenceReporterOptions): EvidenceReporter => {
  const sender = publicKeyOf(options.operatorSecretKey)
  const address = publicKeyToAddress(sender)
  const open = new Map<string, Open>()

  const transactionFor = (evidence: Evidence): Uint8Array => {
    const action: SimpleAction = { kind: 'submitEvidence', evidence }
    const sizeBytes = evidenceCodec.encode(evidence).length + FRAME_BYTES
    const height = options.nextHeight()
    const body: TransactionBody = {
      version: 1,
      chainId: options.chainId,
      sender,
      nonce: options.pendingNonce(address),
      gasLimit: intrinsicGas(action, sizeBytes),
      // The base fee may rise by an eighth a block.
      maxFee: 4n * options.baseFee() + TIP,
      tip: TIP,
      validUntilHeight: height + PATIENCE_BLOCKS,
      action,
    }
    return signTransaction(options.operatorSecretKey, body).bytes
  }

  const send = async (hex: string, entry: Open): Promise<void> => {
    const height = options.nextHeight()
    entry.sendAt = height + PATIENCE_BLOCKS + 1n
    const result = await options.submit(transactionFor(entry.evidence))
    if (result.accepted) return
    entry.sendAt = height + 1n
    if (entry.refusedAt !== undefined && height <= entry.refusedAt + PATIENCE_BLOCKS) return
    entry.refusedAt = height
    options.onProblem({ message: result.message, hex })
  }

  const consider = (hex: string, entry: Open): void => {
    const { evidence, sendAt } = entry
    const left = options.unconvicted(evidence.first.epoch, convictedBy(evidence))
    if (left === undefined || left.length === 0) {
      open.delete(hex)
    } else if (options.nextHeight() >= sendAt) {
      send(hex, entry).catch((error: unknown) => options.onProblem({ message: String(error), hex }))
    }
  }

  return {
    report(evidence) {
      const hex = toHex(evidenceCodec.encode(evidence))
      if (open.has(hex) || open.size >= MAX_OPEN) return
      const entry: Open = { evidence, sendAt: 0n, refusedAt: undefined }
      open.set(hex, entry)
      consider(hex, entry)
    },
    onCommit() {
      for (const [hex, entry] of open) consider(hex, entry)
    },
  }
}
