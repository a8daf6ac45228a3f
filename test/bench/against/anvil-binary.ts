/**
 * Where anvil is: a file that is named, or the pinned version, from npm's registry, in a cache folder of the bench's own. It is
 * no dependency of Vex: it is fetched when somebody asks to be held against it.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from '../../../cli/errors.ts'
import { runNpm } from '../../../cli/npm.ts'
import { BenchError } from '../error.ts'

export const ANVIL_VERSION = '1.7.1'

/** The package of each platform, by what package-lock.json calls its integrity. Memory and CPU time are read as Linux has them. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly integrity: string }>> = {
  'linux-x64': {
    name: '@foundry-rs/anvil-linux-amd64',
    integrity:
      'sha512-+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg==',
  },
  'linux-arm64': {
    name: '@foundry-rs/anvil-linux-arm64',
    integrity:
      'sha512-ykHJmFOGdBR8+9smOKBm9ZZDCCCkLQctiHOAddLvmYx9mPeBDMfq6jP51hKYsO5MG8ClPLSlWe+JpiXPjoXgBQ==',
  },
}
/** Nobody wants to wait long to hear that there is no network. */
const FETCH_FLAGS = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000']

export interface AnvilBinary {
  readonly path: string
  readonly version: string
}

export const platformPackage = (platform: string, arch: string): (typeof PACKAGES)[string] => {
  const found = PACKAGES[`${platform}-${arch}`]
  if (found !== undefined) return found
  throw new BenchError(
    'no_peer',
    `--against anvil runs on ${Object.keys(PACKAGES).join(' and ')}, not on ${platform}-${arch}`,
  )
}

export const cacheFolder = (environment: Readonly<Record<string, string | undefined>>): string => {
  const { XDG_CACHE_HOME: cache = '' } = environment
  return join(cache === '' ? join(homedir(), '.cache') : cache, 'vex-bench', `anvil-${ANVIL_VERSION}`)
}

/** npm checks what it gets against the integrity. */
const lockOf = ({ name, integrity }: (typeof PACKAGES)[string]) => ({
  name: 'vex-bench-anvil',
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': { dependencies: { [name]: ANVIL_VERSION } },
    [`node_modules/${name}`]: { version: ANVIL_VERSION, integrity },
  },
})

const install = async (folder: string, wanted: (typeof PACKAGES)[string]): Promise<void> => {
  const failed = (why: string): BenchError =>
    new BenchError(
      'no_peer',
      `${wanted.name}@${ANVIL_VERSION} could not be installed from npm’s registry into ${folder}: ${why}\n` +
        'Try again with a network, or name a binary with --anvil FILE.',
    )
  await mkdir(dirname(folder), { recursive: true })
  const partial = await mkdtemp(`${folder}.partial-`)
  try {
    const dependencies = { [wanted.name]: ANVIL_VERSION }
    await writeFile(join(partial, 'package.json'), JSON.stringify({ private: true, dependencies }))
    await writeFile(join(partial, 'package-lock.json'), JSON.stringify(lockOf(wanted)))
    const { exitCode, stderr } = await runNpm(['ci', ...FETCH_FLAGS], partial)
    if (exitCode !== 0) throw failed(stderr.trim().split('\n').slice(0, 3).join('; '))
    // Whoever else installed it meanwhile has the same.
    await rm(folder, { recursive: true, force: true })
    await rename(partial, folder)
  } catch (error) {
    throw error instanceof CliError ? failed(error.message) : error
  } finally {
    await rm(partial, { recursive: true, force: true })
  }
}

const versionOf = async (path: string): Promise<string> => {
  const refuse = (cause?: unknown): never => {
    throw new BenchError('no_peer', `${path} does not tell an anvil’s version when run with --version`, {
      cause,
    })
  }
  const { stdout } = await promisify(execFile)(path, ['--version']).catch(refuse)
  const [, version] = /^anvil Version: (\S+)/.exec(stdout) ?? []
  return version ?? refuse()
}

/** `given`: the file that the user named. Throws a {@link BenchError} `no_peer`. */
export const findAnvil = async (
  given: string | undefined,
  say: (text: string) => void,
): Promise<AnvilBinary> => {
  // It will be started in another folder.
  if (given !== undefined) {
    const path = resolve(given)
    return { path, version: await versionOf(path) }
  }
  const wanted = platformPackage(process.platform, process.arch)
  const folder = cacheFolder(process.env)
  const path = join(folder, 'node_modules', wanted.name, 'bin', 'anvil')
  if (!existsSync(path)) {
    say(`anvil ${ANVIL_VERSION} is not in ${folder}: installing ${wanted.name} from npm’s registry`)
    await install(folder, wanted)
  }
  return { path, version: await versionOf(path) }
}
