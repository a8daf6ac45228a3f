/** Questions between peers, by the table of request-table.ts: a stream each. */
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from 'pino'
import { answer, ask } from './asking.ts'
import type { Host } from './host.ts'
import { type PeerTable, toNetworkPeer } from './peer-table.ts'
import { type Offence, RequestError, type RequestHandlers, type Requests } from './ports.ts'
import { REQUESTS, type RequestName } from './request-table.ts'

const protocolOf = (name: RequestName): string => `/vex/ask/${name}/1`

export interface QuestionOptions {
  readonly host: Host
  readonly table: PeerTable
  readonly handlers: RequestHandlers
  readonly logger: Logger
  readonly mayAsk: (peer: string, name: RequestName) => boolean
  readonly report: (peer: string, offence: Offence, reason: string) => void
}

const onAsked = async (
  { table, handlers, logger, mayAsk, report }: QuestionOptions,
  name: RequestName,
  stream: Stream,
  connection: Connection,
): Promise<void> => {
  const id = connection.remotePeer.toString()
  const entry = table.get(id)
  const handler = handlers[name]
  if (entry === undefined || handler === undefined) return stream.abort(new Error('no hello'))
  try {
    await answer(stream, REQUESTS[name], (body, signal) => {
      if (mayAsk(id, name)) return handler(body, toNetworkPeer(entry), signal)
      report(id, 'useless', `it asks for ${name} more often than the limit`)
      return Promise.resolve(undefined)
    })
  } catch (error) {
    logger.debug({ peer: id, name, error }, 'a question was not answered')
  }
}

/** Answers what there are handlers for, and asks others. */
export const startQuestions = async (options: QuestionOptions): Promise<Requests> => {
  const { host, table, handlers, report } = options
  for (const name of Object.keys(handlers) as RequestName[])
    await host.handle(protocolOf(name), (stream, connection) => onAsked(options, name, stream, connection), {
      maxInboundStreams: 32,
      maxOutboundStreams: 64,
    })
  return {
    peers: () => table.all().map(toNetworkPeer),
    async request(peer, name, body, signal) {
      const entry = table.get(peer)
      if (entry === undefined) throw new RequestError('closed', `there is no connection to ${peer}`)
      return ask(entry.connection, protocolOf(name), body, REQUESTS[name], signal)
    },
    report,
  }
}
