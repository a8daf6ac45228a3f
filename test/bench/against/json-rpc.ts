/** Ethereum's JSON-RPC over one plain connection. */
import { BenchError } from '../error.ts'
import { openPlainConnection } from '../plain-http.ts'

export interface RpcCall {
  readonly method: string
  readonly params: readonly unknown[]
}

/** The text of one request. */
export const rpcText = ({ method, params }: RpcCall, id: number): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

/** Of several requests in one; their ids are their places. */
export const rpcBatchText = (calls: readonly RpcCall[]): string => `[${calls.map(rpcText).join(',')}]`

interface RpcAnswer {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

const resultOf = ({ result, error }: RpcAnswer, { method }: RpcCall): unknown => {
  if (error !== undefined) throw new BenchError('refused', `${method}: ${error.message}`)
  return result
}

/** Any error in an answer is thrown, as a {@link BenchError} `refused`. */
export interface JsonRpc {
  call(method: string, ...params: readonly unknown[]): Promise<unknown>
  /** In their order. */
  batch(calls: readonly RpcCall[]): Promise<unknown[]>
  /** A body that was made before the clock started; its answers are all good, and not read. */
  send(body: string): Promise<void>
  close(): void
}

export const openJsonRpc = (url: string): JsonRpc => {
  const connection = openPlainConnection(url)
  return {
    async call(method, ...params) {
      const call = { method, params }
      return resultOf(JSON.parse(await connection.post('/', rpcText(call, 0))) as RpcAnswer, call)
    },
    async batch(calls) {
      const answers = JSON.parse(await connection.post('/', rpcBatchText(calls))) as RpcAnswer[]
      const byId = new Map(answers.map(answer => [answer.id, answer]))
      return calls.map((call, id) => {
        const answer = byId.get(id)
        if (answer === undefined) throw new BenchError('refused', `${call.method}: no answer`)
        return resultOf(answer, call)
      })
    },
    async send(body) {
      const answer = await connection.post('/', body)
      const at = answer.indexOf('"error"')
      if (at >= 0) throw new BenchError('refused', `anvil answers ${answer.slice(at, at + 300)}`)
    },
    close: () => connection.close(),
  }
}
