export declare const findNpm: () => string
