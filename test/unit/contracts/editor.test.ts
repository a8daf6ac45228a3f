/**
 * What an editor shows in a contract. It reads contracts as TypeScript, which the SDK's sources are not quite:
 * contracts/sdk/types/ holds their declarations, one file for each that a contract can reach. When a source
 * changes, `npx vitest run test/unit/contracts/editor.test.ts -u` writes them anew.
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const path = (name: string): string => fileURLToPath(new URL(`../../../${name}`, import.meta.url))
const TYPES = path('contracts/sdk/types')

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-editor-'))
})
afterEach(async () => rm(folder, { recursive: true }))

/** What the TypeScript compiler prints; it may end with an error. */
const tsc = async (...args: string[]): Promise<string> =>
  new Promise(resolve => {
    execFile(path('node_modules/.bin/tsc'), args, { maxBuffer: 1 << 24 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })

/** The declarations that `name` and what it imports stand in. */
const reachableFrom = async (name: string, found = new Map<string, string>()): Promise<typeof found> => {
  if (found.has(name)) return found
  const text = await readFile(join(folder, `${name}.d.ts`), 'utf8')
  found.set(name, `// Written from ../assembly/${name}.ts by test/unit/contracts/editor.test.ts.\n${text}`)
  for (const [, imported = ''] of text.matchAll(/ from '\.\/([\w-]+)'/g)) await reachableFrom(imported, found)
  return found
}

describe('an editor', () => {
  it('has the declarations of the SDK as it is', async () => {
    await tsc('-p', path('contracts/sdk/assembly'), '--outDir', folder)
    const declarations = await reachableFrom('vex')
    expect(declarations.size).toBeGreaterThan(8)
    for (const [name, text] of declarations)
      await expect(text).toMatchFileSnapshot(join(TYPES, `${name}.d.ts`))
    expect((await readdir(TYPES)).sort()).toEqual([...declarations.keys()].map(name => `${name}.d.ts`).sort())
  })

  it('shows no error in the contracts of this repository', async () => {
    expect(await tsc('-p', path('contracts'))).toBe('')
  })

  it('shows what is wrong in a contract', async () => {
    const contract = `import { Mapping, Value, require, u128 } from 'vex'
@contract export class Main {
  private readonly shares: Value<u128>
  private readonly names: Mapping<u64, string>
  @view right(n: u64): string { return this.names.get(n) + n.toString() + this.shares.get().plus(u128.from(1)).low.toString() }
  @view wrong(n: u64): string { return this.names.get('x') + this.shares.gte() }
}`
    await mkdir(join(folder, 'main'))
    await writeFile(join(folder, 'main/main.ts'), contract)
    const ours = { extends: path('contracts/editor.json'), include: ['main/*.ts'] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(ours))
    const lines = (await tsc('-p', folder)).trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/main\.ts\(6,55\).*Argument of type 'string' is not assignable/)
    expect(lines[1]).toMatch(/main\.ts\(6,74\).*Property 'gte' does not exist/)
  })
})
