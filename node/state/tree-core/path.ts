import { fileURLToPath } from 'node:url'

export const TREE_CORE_WASM = fileURLToPath(new URL('./build/tree-core.wasm', import.meta.url))
