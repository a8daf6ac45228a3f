/**
 * Blocks without content, for scenarios that are about votes: valid unless their builder makes invalid ones. The set
 * of each epoch is the plan's; its nonce comes from the last block before it, so that leaders depend on what became final.
 */
import { createHash } from 'node:crypto'
import type { BlockRef } from '../../node/consensus/block-ref.ts'
import { createLeaders } from '../../node/transition/leaders.ts'
import { firstHeight, lastHeight } from '../../node/types/epoch.ts'
import { type Hash, toAddress, toHash, toHex, ZERO_HASH } from '../../node/types/primitives.ts'
import type { Validator } from '../../node/types/validator.ts'
import { createValidatorSet } from '../../node/types/validator-set.ts'
import type { BuildRequest, SimBlock, SimChain } from './chain.ts'
import type { Committee } from './committee.ts'

const CHAIN_ID = 'simulated'
/** A block's time is its parent's and this at least. */
const MIN_INTERVAL_MS = 1

/** The voting power of each identity; without one, or with none, it has no vote. */
export type Powers = readonly bigint[]

const hashOf = (text: string): Hash => toHash(Uint8Array.from(createHash('sha256').update(text).digest()))

export class ModelChain implements SimChain {
  readonly genesis: BlockRef = {
    hash: ZERO_HASH,
    height: 0n,
    epoch: 0n,
    view: 0n,
    parentHash: ZERO_HASH,
    parentView: 0n,
  }
  readonly epochBlocks: bigint
  readonly #seed: number
  readonly #powersOf: (epoch: bigint) => Powers
  readonly #isFaultyBuilder: (identity: number) => boolean
  readonly #blocks = new Map<string, SimBlock>()
  readonly #committees = new Map<bigint, Committee>()

  constructor(options: {
    seed: number
    epochBlocks: bigint
    powersOf: (epoch: bigint) => Powers
    isFaultyBuilder: (identity: number) => boolean
  }) {
    this.#seed = options.seed
    this.epochBlocks = options.epochBlocks
    this.#powersOf = options.powersOf
    this.#isFaultyBuilder = options.isFaultyBuilder
    const { genesis } = this
    this.#blocks.set(toHex(genesis.hash), { ref: genesis, builder: -1, timeMs: 0, isValid: true })
    this.#learn(0n, genesis.hash)
  }

  build({ epoch, view, parent, parentView, builder, wallMs, isNonsense = false }: BuildRequest): BlockRef {
    const hash = hashOf(`${this.#seed}/block/${this.#blocks.size}`)
    const ref = { hash, height: parent.height + 1n, epoch, view, parentHash: parent.hash, parentView }
    const timeMs = Math.max(wallMs, this.block(parent.hash).timeMs + MIN_INTERVAL_MS)
    const isValid = !isNonsense && !this.#isFaultyBuilder(builder)
    this.#blocks.set(toHex(hash), { ref, builder, timeMs, isValid })
    return ref
  }

  voteKeyOf(identity: number): Uint8Array {
    return voteKeyOf(identity)
  }

  block(hash: Hash): SimBlock {
    const block = this.#blocks.get(toHex(hash))
    if (block === undefined) throw new RangeError(`block ${toHex(hash)} was not built here`)
    return block
  }

  check(_node: number, hash: Hash): boolean {
    return this.block(hash).isValid
  }

  committeeOf(epoch: bigint): Committee | undefined {
    return this.#committees.get(epoch)
  }

  commit(_node: number, { height, hash }: BlockRef): void {
    if (height % this.epochBlocks === 0n) this.#learn(height / this.epochBlocks, hash)
  }

  #learn(epoch: bigint, boundary: Hash): void {
    if (this.#committees.has(epoch)) return
    const nonce = hashOf(`${this.#seed}/nonce/${toHex(boundary)}`)
    const identities: number[] = []
    const validators: Validator[] = []
    for (const [identity, power] of this.#powersOf(epoch).entries()) {
      if (power === 0n) continue
      identities.push(identity)
      validators.push(modelValidator(identity, power))
    }
    const positions = new Map(identities.map((identity, position) => [identity, position]))
    this.#committees.set(epoch, {
      info: {
        epoch,
        validators,
        leaderOf: createLeaders({ chainId: CHAIN_ID, epoch, nonce, validators }).of,
        firstHeight: firstHeight(epoch, this.epochBlocks),
        lastHeight: lastHeight(epoch, this.epochBlocks),
      },
      nonce,
      set: createValidatorSet(validators),
      identityAt: position => identities[position] ?? -1,
      positionOf: identity => positions.get(identity),
    })
  }
}

const voteKeyOf = (identity: number): Uint8Array => new Uint8Array(48).fill(identity + 1)

const modelValidator = (identity: number, power: bigint): Validator => ({
  address: toAddress(new Uint8Array(32).fill(identity + 1)),
  voteKey: voteKeyOf(identity),
  vrfKey: new Uint8Array(32).fill(identity + 1),
  power,
})
