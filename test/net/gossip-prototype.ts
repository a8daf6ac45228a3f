/** The inside of gossipsub, to count what passes through it: its class is not exported. */
interface GossipPrototype {
  handleReceivedRpc: (
    this: GossipPrototype,
    from: { toString(): string },
    rpc: { readonly messages: readonly { readonly data?: Uint8Array }[] },
  ) => Promise<void>
  publish: (
    this: GossipPrototype,
    topic: string,
    data: Uint8Array,
  ) => Promise<{ readonly recipients: readonly unknown[] }>
}

export const gossipPrototype = async (): Promise<GossipPrototype> => {
  const inside = new URL('gossipsub.js', import.meta.resolve('@libp2p/gossipsub')).href
  const { GossipSub } = (await import(inside)) as { GossipSub: { readonly prototype: GossipPrototype } }
  return GossipSub.prototype
}
