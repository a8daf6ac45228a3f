/** Where an HTTP/1.1 answer ends in what a connection has brought, and what its body says. Pure. */

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
  /** Bytes of the whole answer. */
  readonly size: number
  /** The server closes the connection after it. */
  readonly isLast: boolean
}

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/** `undefined` while there is more to come. */
const readChunks = (bytes: Buffer, start: number): { body: Buffer; end: number } | undefined => {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf(LINE_END, at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (Number.isNaN(size)) throw new SyntaxError('a chunk of the answer has no length')
    const from = lineEnd + LINE_END.length
    const end = from + size + LINE_END.length
    if (bytes.length < end) return undefined
    if (size === 0) return { body: Buffer.concat(chunks), end }
    chunks.push(bytes.subarray(from, from + size))
    at = end
  }
}

/** The first answer in `bytes`, or `undefined` if it is not all there. Throws a `SyntaxError` if it is none. */
export const readAnswer = (bytes: Buffer): HttpAnswer | undefined => {
  const headSize = bytes.indexOf(HEAD_END)
  if (headSize < 0) return undefined
  const head = bytes.toString('latin1', 0, headSize)
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head) ?? []
  if (status === undefined) throw new SyntaxError('the answer does not begin as HTTP/1.1 does')
  const isLast = /\r\nconnection: *close/i.test(head)
  const start = headSize + HEAD_END.length
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? []
  if (length !== undefined) {
    const end = start + Number(length)
    if (bytes.length < end) return undefined
    return { status: Number(status), body: bytes.subarray(start, end), size: end, isLast }
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head))
    throw new SyntaxError('the answer does not say how long it is')
  const chunked = readChunks(bytes, start)
  return chunked && { status: Number(status), body: chunked.body, size: chunked.end, isLast }
}
