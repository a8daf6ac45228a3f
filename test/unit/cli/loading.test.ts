import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startThread } from '../../../node/loading/start-thread.ts'

const ROOT = new URL('../../../', import.meta.url)
const RESOLVE = new URL('node/loading/resolve.mjs', ROOT).href

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

const VEX = fileURLToPath(new URL('cli/vex.ts', ROOT))

it.each(['bundle', 'source'])(
  'the second start of a chain from the %s takes all that the first compiled, though V8 gets flags in between',
  async form => {
    const folder = await mkdtemp(join(tmpdir(), 'vex-kept-'))
    try {
      /** What it tells of its cache until it has ended. */
      const start = async (): Promise<string> => {
        const chain = spawn(process.execPath, [VEX, 'dev', '--data-dir', 'chain', '--port', '0', '--json'], {
          cwd: folder,
          env: {
            ...process.env,
            TMPDIR: folder,
            VEX_DEBUG: form === 'source' ? '1' : '',
            NODE_COMPILE_CACHE: undefined,
            NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
          },
        })
        let told = ''
        for (const stream of [chain.stdout, chain.stderr]) stream.on('data', part => (told += String(part)))
        const ended = once(chain, 'close')
        await expect.poll(() => told, { timeout: 30_000 }).toContain('"type":"ready"')
        chain.kill('SIGINT')
        await ended
        return told
      }
      const files = (told: string, what: string): string[] =>
        Array.from(told.matchAll(new RegExp(`code cache for \\w+ (\\S+) was ${what}`, 'g')), ([, file]) =>
          String(file),
        )
      await start()
      const second = await start()
      expect(files(second, 'rejected')).toEqual([])
      // By both of its threads, and more than a few.
      const accepted = files(second, 'accepted')
      expect(accepted.some(file => /\/block-worker\.[jt]s$/.test(file))).toBe(true)
      expect(accepted.filter(file => file.endsWith('/sodium-native/index.js'))).toHaveLength(2)
      expect(accepted.length).toBeGreaterThan(100)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

it('zod is loaded without its locales, and says what is wrong all the same', async () => {
  const program = `
    import module from 'node:module'
    const urls = []
    module.registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    await import(${JSON.stringify(RESOLVE)})
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

it('a server is loaded without undici, and others get all of node:http', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vex-http-'))
  try {
    const others = join(folder, 'others.mjs')
    await writeFile(others, "export { WebSocket } from 'node:http'")
    const program = `
      const isLoaded = () => process.moduleLoadList.some(name => name.includes('undici'))
      await import(${JSON.stringify(RESOLVE)})
      await import(${JSON.stringify(new URL('node/api/server.ts', ROOT).href)})
      const before = isLoaded()
      const { WebSocket } = await import(${JSON.stringify(pathToFileURL(others).href)})
      console.log(JSON.stringify([before, typeof WebSocket, isLoaded()]))
    `
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    expect(JSON.parse(stdout)).toEqual([false, 'function', true])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it('a thread finds its modules as the main one does', async () => {
  const program = `
    import module from 'node:module'
    import { parentPort } from 'node:worker_threads'
    const urls = []
    module.registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    await import(${JSON.stringify(import.meta.resolve('zod'))})
    parentPort.postMessage(urls.filter(url => url.includes('/locales/')).map(url => url.slice(url.lastIndexOf('/'))))
  `
  const thread = startThread(new URL(`data:text/javascript,${encodeURIComponent(program)}`))
  try {
    expect(await once(thread, 'message')).toEqual([['/en.js']])
  } finally {
    await thread.terminate()
  }
})

describe('modules found by name', () => {
  const run = async (program: string, cwd = fileURLToPath(ROOT)): Promise<unknown> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', RESOLVE, '--input-type=module', '-e', program],
      { cwd },
    )
    return JSON.parse(stdout)
  }

  it('are those that Node finds, each once, of Vex and of packages in both forms', async () => {
    const program = `
      import module from 'node:module'
      const found = new Map()
      // Registered later, and so asked first: what it passes on is what the other answers.
      module.registerHooks({
        resolve(name, context, next) {
          const answer = next(name, context)
          found.set(answer.url, answer.format)
          return answer
        },
      })
      const again = await import(new URL('node/node.ts', 'file://' + process.cwd() + '/'))
      const { startNode } = await import('./node/../node/node.ts')
      const { Command } = await import('commander')
      await import('./node/node-network.ts')
      console.log(JSON.stringify({ isOne: again.startNode === startNode, hasCommander: typeof Command, urls: [...found] }))
    `
    const { isOne, hasCommander, urls } = (await run(program)) as {
      isOne: boolean
      hasCommander: string
      urls: [string, string][]
    }
    expect({ isOne, hasCommander }).toEqual({ isOne: true, hasCommander: 'function' })
    expect(urls.length).toBeGreaterThan(500)
    const unhooked = `
      import { createRequire, findPackageJSON } from 'node:module'
      import { readFileSync, realpathSync } from 'node:fs'
      import { fileURLToPath, pathToFileURL } from 'node:url'
      const urls = JSON.parse(readFileSync(0, 'utf8'))
      const wrong = urls.filter(([url, format]) => {
        if (!url.startsWith('file:')) return false
        const path = fileURLToPath(url)
        if (realpathSync(path) !== path) return true
        if (path.endsWith('.ts')) return format !== 'module-typescript'
        if (path.endsWith('.mjs')) return format !== 'module'
        const { type } = JSON.parse(readFileSync(findPackageJSON(url), 'utf8'))
        return path.endsWith('.js') && (format === 'module') !== (type === 'module')
      })
      console.log(JSON.stringify(wrong))
    `
    const checked = spawnSync(process.execPath, ['--input-type=module', '-e', unhooked], {
      input: JSON.stringify(urls),
      encoding: 'utf8',
      cwd: fileURLToPath(ROOT),
    })
    expect({ wrong: checked.stdout, stderr: checked.stderr }).toEqual({ wrong: '[]\n', stderr: '' })
  })

  it('that somebody else wrote and that are missing are Node’s to tell of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vex-user-'))
    try {
      await writeFile(join(folder, 'mine.mjs'), "import './missing.mjs'")
      const program = `import('./mine.mjs').catch(({ code, message }) => console.log(JSON.stringify({ code, message })))`
      expect(await run(program, folder)).toMatchObject({
        code: 'ERR_MODULE_NOT_FOUND',
        message: expect.stringContaining('Cannot find module'),
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
