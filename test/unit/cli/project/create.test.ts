import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assertEmptyFolder, assertProjectName } from '../../../../cli/project/create.ts'

describe('the name of a project', () => {
  it.each(['hello', 'a', 'my-2nd-contract', 'a'.repeat(50)])('may be %s', name => {
    assertProjectName(name)
  })
  it.each(['', 'Hello', '2nd', '-a', '../up', 'a/b', 'a b', 'ä', 'a'.repeat(51)])('is not %j', name => {
    expect(() => assertProjectName(name)).toThrow(/is no name for a project/)
  })
  it('is not that of the package it depends on', () => {
    expect(() => assertProjectName('vex')).toThrow('choose another name')
  })
})

describe('the folder of a project', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vex-create-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is empty, or not there', async () => {
    await assertEmptyFolder(folder)
    await assertEmptyFolder(join(folder, 'new'))
  })
  it('with a file in it is left as it is', async () => {
    await writeFile(join(folder, 'thesis.tex'), '')
    await expect(assertEmptyFolder(folder)).rejects.toThrow(/is not empty \(it holds thesis\.tex\)/)
    await expect(assertEmptyFolder(join(folder, 'thesis.tex'))).rejects.toThrow(/is a file/)
  })
})
