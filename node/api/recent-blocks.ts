/** The last final blocks, read and shown once for all who follow them: a thousand subscribers ask within milliseconds. */
import type { StoredBlock } from '../chain/store.ts'
import type { Height } from '../types/primitives.ts'
import type { ApiBackend } from './backend.ts'
import { viewBlock } from './views.ts'

const KEPT = 8

type BlockView = ReturnType<typeof viewBlock>

interface Recent {
  readonly found: StoredBlock
  view: BlockView | undefined
}

const recentOf = new WeakMap<ApiBackend, Map<Height, Recent>>()

const find = (backend: ApiBackend, height: Height): Recent | undefined => {
  const recent = recentOf.get(backend) ?? new Map<Height, Recent>()
  recentOf.set(backend, recent)
  const known = recent.get(height)
  if (known !== undefined) return known
  const found = backend.chain.store.blockByHeight(height)
  if (found === undefined) return undefined
  const entry: Recent = { found, view: undefined }
  // Whoever reads old blocks does not push out new ones.
  if (height + BigInt(KEPT) <= backend.chain.head.header.height) return entry
  recent.set(height, entry)
  for (const oldest of recent.keys()) {
    if (recent.size <= KEPT) break
    recent.delete(oldest)
  }
  return entry
}

export const recentBlock = (backend: ApiBackend, height: Height): StoredBlock | undefined =>
  find(backend, height)?.found

/** With its certificate, which may come after the block where a node catches up. */
export const viewRecentBlock = (backend: ApiBackend, found: StoredBlock): BlockView => {
  const { height } = found.block.header
  const recent = find(backend, height)
  if (recent?.view !== undefined) return recent.view
  const certificate = backend.chain.store.certificate(height)
  const view = viewBlock(found, certificate)
  if (recent !== undefined && certificate !== undefined) recent.view = view
  return view
}
