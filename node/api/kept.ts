/** What is said of what is not found: a node restored from a snapshot has no block below that of the snapshot. */
import type { ChainView } from '../chain/chain-view.ts'
import type { BlockStore } from '../chain/store.ts'
import type { Hash, Height } from '../types/primitives.ts'
import { hex } from './views.ts'

export const notKept = (store: BlockStore, height: Height): string =>
  `block ${height} is not kept here: the blocks of this node begin with ${store.keptFrom()}. Ask a node that keeps them all`

const amongKept = (store: BlockStore): string => {
  const from = store.keptFrom()
  return from <= 1n ? '' : `; blocks below ${from} are not kept here`
}

export const missingBlock = (
  { store, head }: ChainView,
  selector: { hash: Hash } | { height: Height } | { tag: string },
): string => {
  if ('hash' in selector) return `no final block has the hash ${hex(selector.hash)}${amongKept(store)}`
  if ('height' in selector && selector.height <= head.header.height) return notKept(store, selector.height)
  return `there is no block ${'height' in selector ? selector.height : selector.tag} yet; the latest is ${head.header.height}`
}

export const noTransaction = (store: BlockStore, id: Hash): string =>
  `no transaction ${hex(id)} is final or waiting here${amongKept(store)}`
