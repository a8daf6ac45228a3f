/** What the client says of servers that are no Vex node. */
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type ApiFailure, apiFailure, createApiClient } from '../../../node/api/client.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const listen = (server: Server): Promise<string> =>
  new Promise(resolve => {
    servers.push(server)
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${(server.address() as AddressInfo).port}`))
  })

const answering = (text: string, status = 200): Server =>
  createServer((_, response) => response.writeHead(status, { connection: 'close' }).end(text))

/** Sends `text` after the first bytes that come, then hangs up. */
const speaking = (text: string): Server =>
  createTcpServer(socket => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(text))
  })

const failureAt = async (url: string): Promise<ApiFailure | undefined> => {
  const client = createApiClient({ url })
  try {
    await client.api.chain.info.query()
    return undefined
  } catch (error) {
    return apiFailure(error, url)
  } finally {
    client.close()
  }
}

describe('a failure to reach a node', () => {
  it.each([
    ['a web page', answering('<html>hello</html>')],
    ['nothing', answering('', 404)],
    ['JSON of another kind', answering('{"ok":true}')],
    ['an error of another kind', answering('{"error":{"message":"not here"}}', 404)],
    ['another protocol', speaking('SSH-2.0-OpenSSH\r\n')],
  ])('says that what answers with %s is not a Vex node', async (_, server) => {
    const url = `http://${await listen(server)}`
    const failure = await failureAt(url)
    expect(failure).toMatchObject({
      code: 'not_vex',
      message: expect.stringMatching(`^something answers at ${url}, but it is not a Vex node\\. `),
    })
  })

  it('says that https:// leads to something that does not speak it, without the words of OpenSSL', async () => {
    const failure = await failureAt(`https://${await listen(answering('{}'))}`)
    expect(failure).toMatchObject({ code: 'not_vex', message: expect.stringContaining('Write http://') })
    expect(failure?.message).not.toMatch(/SSL|\n/)
  })

  it.each([
    ['breaks off within an answer', 'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"result'],
    ['hangs up', ''],
  ])('is no answer of another kind if the node %s', async (_, text) => {
    expect(await failureAt(`http://${await listen(speaking(text))}`)).toMatchObject({ code: 'unreachable' })
  })
})
