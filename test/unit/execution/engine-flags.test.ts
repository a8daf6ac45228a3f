/** V8 takes what it does not know without a word when it is told at run time; on a command line it refuses it. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { NODE_FLAGS } from '../../../cli/setup/process.mjs'
import { ENGINE_FLAGS } from '../../../node/execution/engine-flags.ts'

const isKnown = (flag: string): boolean =>
  spawnSync(process.execPath, [flag, '-e', '0'], { stdio: 'ignore' }).status === 0

test('the engine knows every flag that it is given', () => {
  expect([...ENGINE_FLAGS, ...NODE_FLAGS].filter(flag => !isKnown(flag))).toEqual([])
  expect(isKnown('--heap-growing-percentage=300')).toBe(false)
})

test('a thread that is started ahead leaves the engine what was compiled before; the flags do not', async () => {
  const address = (path: string): string =>
    JSON.stringify(new URL(`../../../node/execution/${path}`, import.meta.url))
  const program = `
    import vm from 'node:vm'
    import { startBlockThreadAhead, takeBlockThread } from ${address('block-thread.ts')}
    import { setEngineFlags } from ${address('engine-flags.ts')}
    const code = 'globalThis.f = () => 1'
    const cachedData = new vm.Script(code).createCachedData()
    let scripts = 0
    const isTaken = () => !new vm.Script(code, { cachedData, filename: String(scripts++) }).cachedDataRejected
    startBlockThreadAhead()
    const before = isTaken()
    setEngineFlags()
    console.log(before, isTaken())
    await takeBlockThread().terminate()
  `
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  expect(stdout).toBe('true false\n')
})
