/** Where a node's API listens, and where commands look for it, unless somebody says otherwise. */
export const DEFAULT_API = { host: '127.0.0.1', port: 4100 } as const
