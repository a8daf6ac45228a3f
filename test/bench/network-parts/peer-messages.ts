/** What the driver of the propagation and its peers (children/block-peer.ts) say to each other. */

/**
 * `known`: the receivers' pools hold the block's transactions; `asked`: they hold none of them, and ask the sender;
 * `full`: the sender takes all of them for unknown, and sends them at once.
 */
export const PROPAGATIONS = ['known', 'asked', 'full'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export type ToPeer =
  | { readonly kind: 'start'; readonly bootstrap: readonly string[] }
  /** Be ready for that block; answered by `prepared`. */
  | {
      readonly kind: 'prepare'
      readonly round: number
      readonly how: Propagation
      readonly isSender: boolean
    }
  | { readonly kind: 'send' }

/** Times are those of the machine's clock, in ms, with a fraction. */
export type FromPeer =
  | { readonly kind: 'started'; readonly address: string }
  | { readonly kind: 'connected' }
  | { readonly kind: 'prepared'; readonly blockBytes: number }
  | { readonly kind: 'sent'; readonly atMs: number }
  | { readonly kind: 'whole'; readonly round: number; readonly atMs: number }
