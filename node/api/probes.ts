/** What machines ask of a node: whether it runs, whether it is of use, and its figures. */
import type { ServerResponse } from 'node:http'
import type { ApiBackend } from './backend.ts'
import { sendJson } from './send-json.ts'
import { SUBMIT_PATH } from './submit-codec.ts'

export const answerProbe = async ({
  backend,
  path,
  response,
  hasMetrics,
}: {
  readonly backend: ApiBackend
  readonly path: string
  readonly response: ServerResponse
  readonly hasMetrics: boolean
}): Promise<void> => {
  const { head, genesis } = backend.chain
  if (path === '/' || path === '/health') {
    sendJson(response, 200, {
      name: 'vex',
      version: backend.version,
      chainId: genesis.chainId,
      height: String(head.header.height),
      api: '/trpc',
      rest: '/api',
      docs: '/docs',
      submit: SUBMIT_PATH,
    })
  } else if (path === '/ready') {
    const reasons = backend.reasonsNotReady()
    sendJson(response, reasons.length === 0 ? 200 : 503, {
      ready: reasons.length === 0,
      height: String(head.header.height),
      reasons,
    })
  } else if (path === '/metrics' && hasMetrics) {
    const { contentType, text } = await backend.metrics()
    response.writeHead(200, { 'content-type': contentType }).end(text)
  } else if (path === '/metrics')
    sendJson(response, 404, {
      code: 'not_found',
      message: 'the metrics are on the admin port, api.adminPort',
    })
  else
    sendJson(response, 404, {
      code: 'not_found',
      message: `there is nothing at ${path}; the API is under /trpc and /api, its description at /docs`,
    })
}
