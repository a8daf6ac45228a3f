/**
 * A light client fed by a node that is not trusted: every answer is verified here, and a node that lies is told from
 * one that does not by an error.
 *
 *   const light = await vex.light({ genesisHash, trustingPeriodMs: 86_400_000n })
 *   const account = await light.account(address)
 */
import { type ApiClient, apiFailure } from '../api/client.ts'
import { formatAddress } from '../crypto/address.ts'
import type { IncludedTransaction } from '../light/inclusion.ts'
import { LightClient, type LightClientOptions, type VerifiedHeader } from '../light/light-client.ts'
import type { Account } from '../types/account.ts'
import { genesisCodec } from '../types/genesis.ts'
import { finalHeaderCodec, handOverCodec } from '../types/hand-over.ts'
import { inclusionCodec } from '../types/inclusion.ts'
import { type Address, fromHex, type Hash, type TimeMs, toHex } from '../types/primitives.ts'

/** A node that catches up commits several blocks with one certificate, the last one's: asked in between, it has none. */
const ATTEMPTS = 10

export interface LightOptions extends LightClientOptions {
  /** What the user trusts. */
  readonly genesisHash: Hash
  readonly nowMs: () => TimeMs
}

export interface Light {
  /** The node's last final block, verified; goes through the epochs that have ended since. */
  head(): Promise<VerifiedHeader>
  /** `undefined`: proven that there is none. */
  account(address: Address): Promise<Account | undefined>
  /** The final transaction and its receipt. */
  transaction(id: Hash): Promise<IncludedTransaction>
  storage(contract: Address, key: Uint8Array): Promise<Uint8Array | undefined>
}

export const startLight = async (api: ApiClient['api'], options: LightOptions): Promise<Light> => {
  const { genesis } = await api.light.genesis.query()
  const client = LightClient.fromGenesis(genesisCodec.decode(fromHex(genesis)), options.genesisHash, options)

  let handingOver: Promise<void> = Promise.resolve()
  /** One after another: of two questions at once, both may find epochs that have ended. */
  const reach = (epoch: bigint): Promise<void> => {
    const reached = handingOver.then(async () => {
      while (client.epoch < epoch) {
        const handOver = await api.light.handOver.query({ epoch: String(client.epoch) })
        client.handOver(handOverCodec.decode(fromHex(handOver)), options.nowMs())
      }
    })
    // Whoever asked is told; the next question tries for itself.
    handingOver = reached.catch(() => {})
    return reached
  }

  const headerAt = async (height?: string): Promise<VerifiedHeader> => {
    const { final } = await api.light.header.query(height === undefined ? {} : { height })
    const decoded = finalHeaderCodec.decode(fromHex(final))
    await reach(decoded.header.epoch)
    return client.verify(decoded, options.nowMs())
  }

  /** `ask` answers for some block near the head, whose header is verified then. */
  const proven = async <T>(
    ask: () => Promise<{ height: string; proof: string }>,
    read: (header: VerifiedHeader, proof: Uint8Array) => T,
  ): Promise<T> => {
    for (let attempt = 1; ; attempt++) {
      const { height, proof } = await ask()
      let header: VerifiedHeader
      try {
        header = await headerAt(height)
      } catch (error) {
        if (apiFailure(error)?.code !== 'not_found' || attempt === ATTEMPTS) throw error
        continue
      }
      return read(header, fromHex(proof))
    }
  }

  return {
    head: () => headerAt(),
    account: address =>
      proven(
        () => api.light.account.query({ address: formatAddress(address) }),
        (header, proof) => client.account(header, address, proof),
      ),
    transaction: async id => {
      const inclusion = inclusionCodec.decode(
        fromHex(await api.light.inclusion.query({ id: `0x${toHex(id)}` })),
      )
      const height = inclusion.headers.at(-1)?.height
      return client.included(await headerAt(height === undefined ? undefined : String(height)), id, inclusion)
    },
    storage: (contract, key) =>
      proven(
        () => api.light.storage.query({ contract: formatAddress(contract), key: `0x${toHex(key)}` }),
        (header, proof) => client.storage(header, contract, key, proof),
      ),
  }
}
