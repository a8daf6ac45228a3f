/**
 * The documentation page at `/docs`: Swagger UI, from this node alone. Nothing is loaded from anywhere else, and the
 * page's policy forbids it.
 */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'

export const DOCS_PATH = '/docs'

/** In a package beside this file, where packing put them; in a clone as npm installed them. */
const FOLDERS = [
  join(import.meta.dirname, 'swagger-ui'),
  join(import.meta.dirname, '../../../node_modules/swagger-ui-dist'),
]

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI sets styles of elements.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vex node: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${DOCS_PATH}/swagger-ui.css">
<div id="api"></div>
<script src="${DOCS_PATH}/swagger-ui-bundle.js"></script>
<script src="${DOCS_PATH}/start.js"></script>
</html>
`

/** Without \`validatorUrl\` it would show the document to a server of its makers. */
const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#api',
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: 'none',
})
`

const TYPES = { css: 'text/css', js: 'text/javascript', html: 'text/html' } as const
const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const

const readAsset = async (name: (typeof ASSETS)[number]): Promise<Buffer> => {
  for (const folder of FOLDERS) {
    const found = await readFile(join(folder, name)).catch(() => undefined)
    if (found !== undefined) return found
  }
  throw new Error(`${name} of Swagger UI is in none of ${FOLDERS.join(', ')}`)
}

/** `undefined`: there is nothing at this path. */
const contentOf = async (path: string): Promise<{ body: string | Buffer; type: string } | undefined> => {
  if (path === DOCS_PATH || path === `${DOCS_PATH}/`) return { body: PAGE, type: TYPES.html }
  if (path === `${DOCS_PATH}/start.js`) return { body: START, type: TYPES.js }
  const name = ASSETS.find(asset => path === `${DOCS_PATH}/${asset}`)
  if (name === undefined) return undefined
  return { body: await readAsset(name), type: name.endsWith('.css') ? TYPES.css : TYPES.js }
}

/** Answers, unless there is nothing at this path: then false. Rejects if the page's files are missing. */
export const serveDocs = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
  const content = await contentOf((request.url ?? '').split('?')[0] ?? '')
  if (content === undefined) return false
  response
    .writeHead(200, {
      'content-type': `${content.type}; charset=utf-8`,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .end(content.body)
  return true
}
