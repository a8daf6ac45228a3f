import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const ROOT = new URL('../../../', import.meta.url)

/** The main thread loads what the other one loads too, which makes a proof and ends. */
const PROGRAM = `
  import { Worker } from 'node:worker_threads'
  import { keepCompiled } from ${JSON.stringify(new URL('cli/keep-compiled.mjs', ROOT).href)}
  keepCompiled()
  await import(${JSON.stringify(new URL('node/crypto/ecvrf.ts', ROOT).href)})
  const worker = new Worker(new URL(${JSON.stringify(new URL('node/view-proofs-worker.ts', ROOT).href)}), {
    workerData: { vrfSecretKey: new Uint8Array(32) },
    // That of this program, which is no file.
    execArgv: [],
  })
  worker.once('message', () => worker.terminate())
  worker.postMessage({ key: '', input: new Uint8Array(32) })
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
    expect((await start()).accepted).not.toContain('view-proofs-worker.ts')
    const { accepted, rejected } = await start()
    expect(rejected).toEqual([])
    expect(accepted).toContain('view-proofs-worker.ts')
    // Once in each thread.
    expect(accepted.filter(file => file === 'crypto/ecvrf.ts')).toHaveLength(2)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
