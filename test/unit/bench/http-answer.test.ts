import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../bench/http-answer.ts'

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'))
const SIZED = bytes('HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 7\n\n{"a":1}')
/** The example of RFC 9112, section 7.1, in two chunks. */
const CHUNKED = bytes('HTTP/1.1 404 Not Found\ntransfer-encoding: chunked\n\n4\nWiki\n7\npedia\n\n0\n\n')

describe('the end of an HTTP answer', () => {
  it('is where its length says, whatever comes after', () => {
    const answer = readAnswer(Buffer.concat([SIZED, bytes('HTTP/1.1 500')]))
    expect(answer).toMatchObject({ status: 200, size: SIZED.length, isLast: false })
    expect(answer?.body.toString()).toBe('{"a":1}')
  })

  it('is after the empty chunk', () => {
    const answer = readAnswer(CHUNKED)
    expect(answer).toMatchObject({ status: 404, size: CHUNKED.length })
    expect(answer?.body.toString()).toBe('Wikipedia\r\n')
  })

  it('is not there before the last byte', () => {
    for (const whole of [SIZED, CHUNKED])
      for (let size = 0; size < whole.length; size++)
        expect(readAnswer(whole.subarray(0, size))).toBeUndefined()
  })

  it('may be the connection’s', () => {
    expect(readAnswer(bytes('HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n'))).toMatchObject({
      isLast: true,
    })
  })

  it('is refused where nothing says how long it is, or it is no HTTP', () => {
    expect(() => readAnswer(bytes('HTTP/1.1 200 OK\n\n{}'))).toThrow('does not say how long')
    expect(() => readAnswer(bytes('SSH-2.0-x\n\n'))).toThrow('does not begin as HTTP/1.1')
    expect(() => readAnswer(bytes('HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nxyz\n'))).toThrow(
      'has no length',
    )
  })
})
