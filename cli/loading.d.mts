export declare const keepCompiled: () => void
export declare const leaveOutLocales: () => void
