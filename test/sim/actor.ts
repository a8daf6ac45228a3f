/** A node of the simulated network: honest software, or an adversary's. */
import type { SimMessage } from './network.ts'

export interface Actor {
  /** Its address in the network. */
  readonly node: number
  start(): void
  /** Power is lost, and with it everything not synced; until the next `start`. */
  crash(): void
  receive(from: number, message: SimMessage): void
}
