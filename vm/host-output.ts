/** Host functions for what leaves a contract: events, its result, its end. */
import { ContractFault } from './execution.ts'
import { type Frame, Revert } from './frame.ts'
import { define, HOST_LIMITS, type HostFunction, readCharged } from './host-function.ts'
import { PRICE } from './host-prices.ts'

export const OUTPUT_FUNCTIONS: readonly HostFunction[] = [
  define({
    name: 'emit',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.emit, perByte: PRICE.emitByte, bytes: 'topics and data' },
    since: 1,
    doc:
      'emit(topics, topicsLen, data, dataLen): adds an event. Topics are a count of 1 to 4 in one byte, then each as ' +
      'one byte of length and at most 64 bytes.',
    run(frame, topicsPointer, topicsLength, dataPointer, dataLength) {
      frame.refuseIfStatic()
      const most = 1 + HOST_LIMITS.topics * (1 + HOST_LIMITS.topicBytes)
      const topics = parseTopics(
        frame,
        readCharged(frame, topicsPointer, topicsLength, most, 'the topic list'),
      )
      frame.host.emit(
        topics,
        readCharged(frame, dataPointer, dataLength, HOST_LIMITS.eventDataBytes, 'the data'),
      )
    },
  }),
  define({
    name: 'return_data',
    params: ['i32', 'i32'],
    gas: { base: PRICE.returnData, perByte: PRICE.copyByte, bytes: 'data' },
    since: 1,
    doc: 'return_data(ptr, len): sets what the call returns; the last one counts. Execution goes on.',
    run(frame, pointer, length) {
      frame.returnData = readCharged(frame, pointer, length, HOST_LIMITS.returnDataBytes, 'the return value')
    },
  }),
  define({
    name: 'revert',
    params: ['i32', 'i32'],
    gas: { base: PRICE.revert, perByte: PRICE.copyByte, bytes: 'data' },
    since: 1,
    doc: 'revert(ptr, len): ends the call, undoes its changes and hands the data to the caller. Does not return.',
    run(frame, pointer, length) {
      throw new Revert(readCharged(frame, pointer, length, HOST_LIMITS.returnDataBytes, 'the revert data'))
    },
  }),
  define({
    name: 'abort',
    params: ['i32', 'i32', 'i32', 'i32'],
    gas: { base: PRICE.abort },
    since: 1,
    doc:
      'abort(message, file, line, column), AssemblyScript’s own: ends the call as failed with code `aborted` and the ' +
      'message `text (file:line:column)`. Does not return.',
    run(frame, message, file, line, column) {
      const text = frame.readString(message, HOST_LIMITS.messageUnits) ?? 'abort'
      const source = frame.readString(file, HOST_LIMITS.fileUnits) ?? 'unknown'
      throw new ContractFault('aborted', `${text} (${source}:${line >>> 0}:${column >>> 0})`)
    },
  }),
  define({
    name: 'trace',
    params: ['i32', 'i32', 'f64', 'f64', 'f64', 'f64', 'f64'],
    gas: { base: PRICE.trace },
    since: 1,
    doc: 'trace(message, n, a0, a1, a2, a3, a4), AssemblyScript’s own: for development, no effect on the chain.',
    run(frame, message, count, ...values) {
      const text = frame.readString(message, HOST_LIMITS.messageUnits) ?? ''
      const shown = values.slice(0, Math.min(Math.max(count, 0), values.length))
      frame.host.trace(shown.length === 0 ? text : `${text} ${shown.join(', ')}`)
    },
  }),
]

function parseTopics(frame: Frame, bytes: Uint8Array): Uint8Array[] {
  const count = bytes[0] ?? 0
  if (count < 1 || count > HOST_LIMITS.topics) {
    throw frame.fault('limit_exceeded', `${count} topics, there must be 1 to ${HOST_LIMITS.topics}`)
  }
  const topics: Uint8Array[] = []
  let position = 1
  for (let i = 0; i < count; i++) {
    const length = bytes[position] ?? 0
    frame.limit(length, HOST_LIMITS.topicBytes, `topic ${i}`)
    const topic = bytes.slice(position + 1, position + 1 + length)
    position += 1 + length
    if (position > bytes.length) throw frame.fault('limit_exceeded', 'the topic list ends too early')
    topics.push(topic)
  }
  if (position !== bytes.length) throw frame.fault('limit_exceeded', 'the topic list has bytes left over')
  return topics
}
