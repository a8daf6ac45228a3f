/**
 * `node:http` without the names that only browsers' sockets have: an import of the whole asks for each, and each loads undici,
 * and with it HTTP/2: 45 ms that no server needs. resolve.mjs gives it to Vex and tRPC.
 */
const http = process.getBuiltinModule('node:http')

// As node:http has one.
// oxlint-disable-next-line import/no-default-export
export default http
export const {
  Agent,
  ClientRequest,
  IncomingMessage,
  METHODS,
  OutgoingMessage,
  STATUS_CODES,
  Server,
  ServerResponse,
  createServer,
  get,
  globalAgent,
  maxHeaderSize,
  request,
  setMaxIdleHTTPParsers,
  validateHeaderName,
  validateHeaderValue,
} = http
