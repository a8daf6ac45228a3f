import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keyTable } from '../../../../cli/dashboard/keys.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')

describe('the README', () => {
  it('has the table of keys as the dashboard has it', () => {
    expect(readme).toContain(keyTable())
  })

  it('shows pictures that are there', () => {
    const pictures = [...readme.matchAll(/\]\((cli\/dashboard\/pictures\/[\w-]+\.svg)\)/g)].map(
      ([, path]) => path ?? '',
    )
    expect(pictures.length).toBeGreaterThanOrEqual(3)
    for (const path of pictures) expect(existsSync(join(ROOT, path)), path).toBe(true)
  })
})
