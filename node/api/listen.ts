/** A server on its address, or the sentence that says why not. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'

export type ApiServerErrorCode = 'port_in_use' | 'port_denied' | 'bad_host' | 'bad_certificate' | 'io'

/** The API cannot listen; the message says on what, and what to do. */
export class ApiServerError extends Error {
  override readonly name = 'ApiServerError'
  readonly code: ApiServerErrorCode
  constructor(code: ApiServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const listenError = (cause: NodeJS.ErrnoException, host: string, port: number): ApiServerError => {
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ApiServerError(
        'port_in_use',
        `port ${port} on ${host} is in use. Stop the program that holds it, or choose another with --port`,
        { cause },
      )
    case 'EACCES':
      return new ApiServerError(
        'port_denied',
        `this user may not listen on port ${port}. Choose one above 1023 with --port`,
        { cause },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ApiServerError(
        'bad_host',
        `${host} is not an address of this machine. Give another with --host`,
        { cause },
      )
    case undefined:
    default:
      return new ApiServerError('io', `the API cannot listen on ${host}:${port}: ${cause.message}`, { cause })
  }
}

/** Throws an {@link ApiServerError}. */
export const listen = async (server: Server, host: string, port: number): Promise<void> => {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw listenError(error as NodeJS.ErrnoException, host, port)
  }
}

/** Throws an {@link ApiServerError} if the address cannot be had now. */
export const assertCanListen = async (host: string, port: number): Promise<void> => {
  const probe = createServer()
  await listen(probe, host, port)
  probe.close()
  await once(probe, 'close')
}
