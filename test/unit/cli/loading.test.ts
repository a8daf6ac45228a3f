import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)

/** The main thread loads what the other one loads too, which verifies nothing and ends. */
const PROGRAM = `
  import { Worker } from 'node:worker_threads'
  import { keepCompiled } from ${JSON.stringify(new URL('cli/loading.mjs', ROOT).href)}
  keepCompiled()
  await import(${JSON.stringify(new URL('node/crypto/ed25519.ts', ROOT).href)})
  const worker = new Worker(new URL(${JSON.stringify(new URL('node/execution/signature-worker.ts', ROOT).href)}), {
    // That of this program, which is no file.
    execArgv: [],
  })
  worker.once('message', () => worker.terminate())
  worker.postMessage(new Uint8Array(0))
`

it('the second start takes what the first has compiled, in the main thread and in another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-kept-'))
  try {
    const start = async (): Promise<{ accepted: string[]; rejected: string[] }> => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', PROGRAM],
        {
          maxBuffer: 16 * 1024 * 1024,
          env: {
            ...process.env,
            TMPDIR: folder,
            NODE_COMPILE_CACHE: undefined,
            NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
          },
        },
      )
      const told = `${stdout}${stderr}`
      const filesThatWere = (what: string): string[] =>
        Array.from(
          told.matchAll(new RegExp(`code cache for ESM \\S*/node/(\\S+\\.ts) was ${what}`, 'g')),
          ([, file]) => file as string,
        )
      return { accepted: filesThatWere('accepted'), rejected: filesThatWere('rejected') }
    }
    expect((await start()).accepted).not.toContain('execution/signature-worker.ts')
    const { accepted, rejected } = await start()
    expect(rejected).toEqual([])
    expect(accepted).toContain('execution/signature-worker.ts')
    // Once in each thread.
    expect(accepted.filter(file => file === 'crypto/ed25519.ts')).toHaveLength(2)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('zod is loaded without its locales, and says what is wrong all the same', async () => {
  const program = `
    import module from 'node:module'
    import { leaveOutLocales } from ${JSON.stringify(new URL('cli/loading.mjs', ROOT).href)}
    const urls = []
    module.registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    leaveOutLocales()
    const { z } = await import(${JSON.stringify(import.meta.resolve('zod'))})
    const { error } = z.string().safeParse(1)
    console.log(JSON.stringify({ message: error.issues[0].message, urls }))
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  const { message, urls } = JSON.parse(stdout) as { message: string; urls: string[] }
  expect(message).toBe('Invalid input: expected string, received number')
  const locales = urls.filter(url => url.includes('/locales/')).map(url => url.slice(url.lastIndexOf('/')))
  expect(locales).toEqual(['/en.js'])
})
