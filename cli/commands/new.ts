/** `vex new NAME` */
import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { buildContract } from '../../contracts/sdk/build.ts'
import { formatAddress } from '../../node/crypto/address.ts'
import { ADDRESS_BYTES, toAddress } from '../../node/types/primitives.ts'
import { contractsIn } from '../contract-file.ts'
import { CliError } from '../errors.ts'
import { assertNpm, runNpm } from '../npm.ts'
import { addExamples } from '../help/examples.ts'
import { addCommonOptions, type CommonOptions } from '../options.ts'
import { createOutput, type Output } from '../output.ts'
import { paint } from '../terminal/colour.ts'
import { whileShown } from '../terminal/progress.ts'
import { type Deployment, writeDeployments } from '../project/deployments.ts'
import { assertEmptyFolder, assertProjectName, createProject } from '../project/create.ts'

interface NewOptions extends CommonOptions {
  readonly dir?: string
  readonly install: boolean
}

const seconds = (startedMs: number): string => `${((performance.now() - startedMs) / 1_000).toFixed(1)} s`

/** Says what is done, and how long it took when it is. */
const step = async (title: string, output: Output, work: () => Promise<void>): Promise<void> => {
  const startedMs = performance.now()
  await whileShown(output, title, work)
  output.notice(`${title}  ${paint('dim', seconds(startedMs))}`)
}

const install = async (folder: string): Promise<void> => {
  const { exitCode, stderr } = await runNpm(['install', '--prefer-offline'], folder)
  if (exitCode === 0) return
  throw new CliError(
    'not_installed',
    `the project is made, but npm could not install its packages:\n${stderr.trim()}\nWhen the reason is gone, run "npm install" in ${folder}`,
  )
}

/** Until `vex dev` deploys. */
const NOWHERE = formatAddress(toAddress(new Uint8Array(ADDRESS_BYTES)))

/** Editors and tests find the types of the contract from the start. */
const build = async (folder: string): Promise<void> => {
  const outFolder = join(folder, 'build')
  const deployments = new Map<string, Deployment>()
  for (const entry of await contractsIn(join(folder, 'contracts'))) {
    const { name } = await buildContract(entry, outFolder)
    deployments.set(name, { address: NOWHERE, digest: '' })
  }
  await writeDeployments(outFolder, '', deployments)
}

const create = async (name: string, options: NewOptions): Promise<void> => {
  const output = createOutput(options)
  assertProjectName(name)
  const folder = relative('', resolve(options.dir ?? name)) || '.'
  await assertEmptyFolder(folder)
  assertNpm()
  await step(`Making ${folder}`, output, () => createProject(name, folder))
  if (options.install) await step('Installing its packages', output, () => install(folder))
  await step('Compiling its contract', output, () => build(folder))
  output.result({ type: 'created', name, folder, isInstalled: options.install }, () =>
    [
      '',
      `${paint('bold', name)} is a project with a contract, its tests and a client. Next:`,
      '',
      ...(folder === '.' ? [] : [`  cd ${folder}`]),
      ...(options.install ? [] : ['  npm install']),
      '  npm run dev',
    ].join('\n'),
  )
}

export const define = (command: Command): void => {
  command
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .option('--dir <dir>', 'where to make it (default: a folder of that name)')
    .option('--no-install', 'do not run npm install')
    .action(create)
  addExamples(addCommonOptions(command), ['vex new hello', 'vex new hello --dir projects/hello --no-install'])
}
