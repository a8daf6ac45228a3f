/** V8 takes what it does not know without a word when it is told at run time; on a command line it refuses it. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { NODE_FLAGS } from '../../../cli/setup/process.mjs'
import { ENGINE_FLAGS } from '../../../node/execution/engine-flags.ts'

const isKnown = (flag: string): boolean =>
  spawnSync(process.execPath, [flag, '-e', '0'], { stdio: 'ignore' }).status === 0

test('the engine knows every flag that it is given', () => {
  expect([...ENGINE_FLAGS, ...NODE_FLAGS].filter(flag => !isKnown(flag))).toEqual([])
  expect(isKnown('--heap-growing-percentage=300')).toBe(false)
})
