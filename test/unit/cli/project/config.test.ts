import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readProjectConfig } from '../../../../cli/project/config.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const read = async (text: string) => {
  await writeFile(join(folder, 'vex.json'), text)
  return readProjectConfig(folder)
}

describe('vex.json', () => {
  it('is what makes a folder a project', async () => {
    expect(await readProjectConfig(folder)).toBeUndefined()
    expect(await read('{}')).toEqual({ contracts: {} })
  })

  it('keeps every digit of a number, and the order of the contracts', async () => {
    const config = await read(
      '{"contracts":{"b":{"init":{"cap":18446744073709551615}},"a":{"from":"dev3"}},"client":"x.ts"}',
    )
    expect(config?.contracts['b']?.init).toEqual({ cap: 18446744073709551615n })
    expect(Object.keys(config?.contracts ?? {})).toEqual(['b', 'a'])
    expect(config?.contracts['a']).toEqual({ from: 'dev3', init: {} })
  })

  it.each([
    ['{', /^vex\.json: this is not valid JSON: /],
    ['[]', /^vex\.json: .*expected object/],
    ['{"contracs":{}}', /^vex\.json: .*"contracs"/],
    ['{"contracts":{"a":{"from":"dev10"}}}', /^vex\.json: contracts\.a\.from: expected dev0 to dev9$/],
    ['{"contracts":{"a":{"init":[1]}}}', /^vex\.json: contracts\.a\.init: /],
    ['{"client":1}', /^vex\.json: client: /],
  ])('refuses %s and says where', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })
})
