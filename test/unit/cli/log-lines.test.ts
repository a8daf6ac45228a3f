import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { logToDatedText, logToText } from '../../../cli/log-lines.ts'

const lineOf = (write: (logger: pino.Logger) => void): string => {
  let line = ''
  const options = {
    level: 'trace',
    serializers: { error: pino.stdSerializers.err },
    timestamp: () => ',"time":"2030-01-01T00:00:00.000Z"',
  }
  write(pino(options, { write: text => (line = text) }))
  return line
}

describe('a line of the log', () => {
  it('for whoever develops says what happened, and why', () => {
    const line = lineOf(logger => logger.warn({ error: new Error('no room') }, 'not kept'))
    expect(logToText(line)).toBe('warning: not kept: no room\n')
    expect(logToText(lineOf(logger => logger.info('ready')))).toBe('node: ready\n')
  })

  it('for operators has its time, its level, and all fields', () => {
    const line = lineOf(logger => logger.debug({ height: '7', listen: ['a', 'b'] }, 'final block'))
    expect(logToDatedText(line)).toBe(
      '2030-01-01T00:00:00.000Z  debug  final block  height=7  listen=["a","b"]\n',
    )
    const failed = lineOf(logger => logger.error({ error: new Error('no room') }, 'not kept'))
    expect(logToDatedText(failed)).toBe('2030-01-01T00:00:00.000Z  error  not kept: no room\n')
  })

  it('cannot steer the terminal', () => {
    const line = lineOf(logger => logger.info({ reason: '\u001b[2J' }, 'a\u0007'))
    expect(logToDatedText(line)).toContain(String.raw`a\u0007  reason=\u001b[2J`)
    expect(logToText(line)).toContain(String.raw`a\u0007`)
  })
})
