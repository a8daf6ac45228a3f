export declare const BUNDLES: string
export declare const SHIPPED: string
export declare const keepCompiled: () => void
export declare const findBundle: (root: string, name: string) => string | undefined
export declare const bundled: (entry: string, name?: string, root?: string) => string | undefined
