/** Of requests, over tRPC and REST alike. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024
/** Of one that comes over a WebSocket. */
export const MAX_MESSAGE_BYTES = 1024 * 1024
/** A thousand subscribers, and those who ask beside them. */
export const MAX_CONNECTIONS = 2_000
/** Transactions in one request. */
export const MAX_SUBMIT = 2_000
/** Calls in one request. */
export const MAX_BATCH = 100
