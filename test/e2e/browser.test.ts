/**
 * `vex/client` in a real browser: a page of another origin than the node signs, sends and sees its own event.
 * Skipped where there is no Chromium; `npm run test:browser` fails there instead.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createVexClient, type VexClient } from '../../node/client/client.ts'
import { formatAddress, parseAddress } from '../../node/crypto/address.ts'
import { devAccounts } from '../../node/dev.ts'
import { VEX } from '../../node/params.ts'
import { type BrowserBundle, bundleForBrowser } from '../support/browser-bundle.ts'
import { builtContract } from '../support/built-contract.ts'
import { findChromium, launchChromium } from '../support/chromium.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { testAccount } from '../support/transactions.ts'
import type { PageResult, PageTask } from '../fixtures/page/app.ts'

const executable = findChromium()
const isWanted = process.env['VEX_BROWSER'] === 'required'
const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]
const LIMIT_MS = 120_000

/** A page that may load its own scripts and talk to the node, and nothing else. */
const pageOf = (task: PageTask): { html: string; policy: string } => ({
  html: `<!doctype html><meta charset="utf-8"><title>vex</title>
<script type="application/json" id="task">${JSON.stringify(task)}</script>
<p id="address"></p><p id="result"></p><script type="module" src="/app.js"></script>`,
  policy: `default-src 'none'; script-src 'self'; connect-src ${task.url} ${task.url.replace('http', 'ws')}`,
})

const serve = async (bundle: BrowserBundle, task: () => PageTask): Promise<Server> => {
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1)
    const script = bundle.files.get(name)
    const { html, policy } = pageOf(task())
    if (script !== undefined) response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    else if (name !== '') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(html)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

if (isWanted && executable === undefined)
  it('there is no Chromium: install one (Debian: apt-get install chromium), or name it in VEX_CHROMIUM', () => {
    expect.fail('no Chromium was found')
  })

describe.skipIf(executable === undefined)('a page in Chromium (skipped where the machine has none)', () => {
  let listed: Server
  let unlisted: Server
  let node: RunningNode
  let vex: VexClient
  let browser: Browser
  let task: PageTask
  beforeAll(async () => {
    const source = readFileSync(join(import.meta.dirname, '../fixtures/page/app.ts'), 'utf8')
    const bundle = await bundleForBrowser(source.replaceAll("'../../../", "'./"))
    listed = await serve(bundle, () => task)
    unlisted = await serve(bundle, () => task)
    node = await startTestNode(
      await temporaryDirectory(),
      0,
      {},
      {
        access: { corsOrigins: [originOf(listed)], token: undefined },
      },
    )
    vex = createVexClient({ url: node.node.url })
    const { abi, code } = await builtContract('counter')
    const counter = await vex.deploy(
      { name: 'Counter', abi, code },
      {},
      { account: vex.account(dev.secretKey) },
    )
    const { genesisHash } = await vex.api.chain.info.query()
    const recipient = formatAddress(testAccount('recipient of a page').address)
    task = { url: node.node.url, counter: counter.address, recipient, genesisHash }
    browser = await launchChromium(executable ?? '')
  }, LIMIT_MS)
  afterAll(async () => {
    await browser?.close()
    vex?.close()
    await node?.stop()
    for (const server of [listed, unlisted]) server?.close()
    if (node !== undefined) await removeDirectory(node.directory)
  })

  const open = async (server: Server) => {
    const page = await browser.newPage()
    const problems: string[] = []
    page.on('pageerror', error => problems.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error') problems.push(message.text())
    })
    await page.goto(originOf(server))
    const textOf = async (id: string): Promise<string> => {
      const place = page.locator(`#${id}:not(:empty)`)
      await place.waitFor({ timeout: LIMIT_MS, state: 'attached' })
      return (await place.textContent()) ?? ''
    }
    return { page, problems, textOf }
  }

  it(
    'signs with a key of its own, sends, waits until it is final, and sees its own event',
    async () => {
      const { page, problems, textOf } = await open(listed)
      const address = await textOf('address')
      const account = vex.account(dev.secretKey)
      await account.send({ kind: 'transfer', to: parseAddress(address), amount: VEX })
      const result = JSON.parse(await textOf('result')) as PageResult
      expect(result).toMatchObject({
        address,
        event: { by: address, count: '3', in: result.call },
        total: '3',
        provenNonce: '2',
        hasNode: false,
      })
      for (const id of [result.transfer, result.call])
        expect(await vex.api.transaction.receipt.query({ id })).toMatchObject({ status: 'success' })
      expect((await vex.api.account.get.query({ address: task.recipient })).balance).toBe('12345')
      expect(problems).toEqual([])
      console.log(`a signature in ${browser.version()}: ${result.signMs.toFixed(2)} ms`)
      await page.close()
    },
    LIMIT_MS,
  )

  it(
    'of an origin that the node does not list hears nothing of it',
    async () => {
      const { page, textOf } = await open(unlisted)
      await textOf('address')
      expect(JSON.parse(await textOf('result'))).toEqual({
        error: expect.stringContaining('Failed to fetch'),
      })
      await page.close()
    },
    LIMIT_MS,
  )
})
