/** Places in the sources of test/fixtures/contracts, so that no test counts lines. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const FIXTURES = 'test/fixtures/contracts'

export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/contracts/${name}.ts`, import.meta.url))

/** `line:column` of the first `text` in the fixture after the first `after`. */
export const placeIn = (name: string, text: string, after = ''): string => {
  const source = readFileSync(fixturePath(name), 'utf8')
  const at = source.indexOf(text, source.indexOf(after))
  if (at < 0) throw new Error(`${name}.ts does not hold ${text}`)
  const before = source.slice(0, at).split('\n')
  return `${before.length}:${(before.at(-1) ?? '').length + 1}`
}
