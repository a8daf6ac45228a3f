import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createWorkerVm } from '../../../node/execution/worker-vm.ts'
import { contract, run } from '../vm/run-wat.ts'

const code = contract(
  '(i32.store (i32.const 0) (i32.const 7)) (call $return_data (i32.const 0) (i32.const 4))',
)

it('the VM of a thread keeps what it instrumented in the folder, and works on if that is damaged or gone', () => {
  const directory = mkdtempSync(join(tmpdir(), 'vex-worker-vm-'))
  try {
    const folder = join(directory, 'instrumented')
    const expected = run(code)
    expect(run(code, { vm: createWorkerVm(undefined) })).toEqual(expected)
    expect(run(code, { vm: createWorkerVm(folder) })).toEqual(expected)
    const [name, ...others] = readdirSync(folder)
    expect(others).toEqual([])
    writeFileSync(join(folder, name as string), 'not what was written')
    expect(run(code, { vm: createWorkerVm(folder) })).toEqual(expected)
    const last = createWorkerVm(folder)
    rmSync(folder, { recursive: true })
    expect(run(code, { vm: last })).toEqual(expected)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
