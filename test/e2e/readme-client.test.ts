/** The README's program for the client does what the README says. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { devAccounts } from '../../node/dev.ts'
import { toHex } from '../../node/types/primitives.ts'
import { removeDirectory, startTestNode, temporaryDirectory } from '../support/running-node.ts'

const ROOT = join(import.meta.dirname, '../..')

it('the README’s program sends and waits', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const [, program = ''] = /## The client\n[^]*?```ts\n([^]*?)```/.exec(readme) ?? []
  const directory = await temporaryDirectory()
  const running = await startTestNode(directory)
  const [dev] = devAccounts() as [ReturnType<typeof devAccounts>[number]]
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module-typescript', '--eval', program],
    { cwd: ROOT, env: { ...process.env, VEX_URL: running.node.url, VEX_KEY: toHex(dev.secretKey) } },
  )
  expect(stdout).toMatch(/^final in block \d+\n$/)
  await running.stop()
  await removeDirectory(directory)
})
