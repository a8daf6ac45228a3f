import { globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { areaOf, findViolations, type Rule } from '../architecture/check.ts'
import { AREAS } from '../architecture/rules.ts'

const ROOT = join(import.meta.dirname, '../..')

const sourceFiles = (): Map<string, string> =>
  new Map(
    globSync('{vm,node,cli,contracts,test}/**/*.ts', { cwd: ROOT })
      .map(path => path.split(sep).join('/'))
      .filter(path => !/\/build\/|^test\/vectors\/|-core\/assembly\//.test(path))
      .sort()
      .map(path => [path, readFileSync(join(ROOT, path), 'utf8')]),
  )

/** The rules that `files` break. */
const rulesBroken = (files: Record<string, string>): Rule[] =>
  findViolations(new Map(Object.entries(files))).map(violation => violation.rule)

describe('the source', () => {
  it('keeps to the import table, without cycles, barrels or impurity', () => {
    const violations = findViolations(sourceFiles())
    expect(violations.map(({ rule, file, message }) => `${rule}: ${file} ${message}`)).toEqual([])
  })

  it('is all looked at', () => {
    const files = [...sourceFiles().keys()]
    for (const folder of ['vm/', 'node/types/', 'test/unit/']) {
      expect(files.filter(file => file.startsWith(folder)).length).toBeGreaterThan(2)
    }
  })

  it('has a rule for every row of ARCHITECTURE.md', () => {
    const [, house = ''] = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split(/^## /m)
    const rows = house.matchAll(/^\| `([^`]+)`/gm)
    const documented = [...rows].map(row => String(row[1]).replace(/^contracts\/\*\/$/, 'contracts/'))
    expect(documented.length).toBeGreaterThan(10)
    const isCovered = (path: string): boolean =>
      AREAS.some(area => area.path === path) || areaOf(path)?.path === 'node/*'
    expect(documented.filter(path => !isCovered(path))).toEqual([])
  })
})

describe('an import', () => {
  const FORBIDDEN: [file: string, specifier: string][] = [
    ['vm/gas.ts', '../node/params.ts'],
    ['contracts/token/token.ts', '../../node/params.ts'],
    ['contracts/sdk/entry.ts', '../token/token.ts'],
    ['node/params.ts', './types/block.ts'],
    ['node/types/block.ts', '../crypto/bls.ts'],
    ['node/crypto/hash.ts', '../state/tree.ts'],
    ['node/abi/values.ts', '../state/tree.ts'],
    ['node/state/tree.ts', '../storage/rocks.ts'],
    ['node/storage/rocks.ts', '../state/tree.ts'],
    ['node/transition/block.ts', '../storage/database.ts'],
    ['node/consensus/machine.ts', '../transition/block.ts'],
    ['node/mempool/mempool.ts', '../transition/gas.ts'],
    ['node/chain/chain.ts', '../mempool/mempool.ts'],
    ['node/api/router.ts', '../chain/chain.ts'],
    ['node/state/tree.ts', '../node.ts'],
    ['cli/vex.ts', '../test/run.ts'],
  ]
  it.each(FORBIDDEN)('of %s may not reach %s', (file, specifier) => {
    expect(rulesBroken({ [file]: `import { x } from '${specifier}'` })).toEqual(['forbidden_import'])
  })

  it('is seen in every form', () => {
    const forms = [
      `import x from '../node/params.ts'`,
      `import '../node/params.ts'`,
      `import type { X } from '../node/params.ts'`,
      `import { type X } from '../node/params.ts'`,
      `const x = await import('../node/params.ts')`,
      `type X = import('../node/params.ts').X`,
      `const x = new Worker(new URL('../node/params.ts', import.meta.url))`,
    ]
    for (const form of forms)
      expect([form, rulesBroken({ 'vm/gas.ts': form })]).toEqual([form, ['forbidden_import']])
  })

  it('in a comment or a string is none', () => {
    const code = `// import '../node/params.ts'\nconst s = "import x from '../node/params.ts'"`
    expect(rulesBroken({ 'vm/gas.ts': code })).toEqual([])
  })

  it('of a type may go where an area is handed an interface', () => {
    const from = (keyword: string) => ({
      'node/api/router.ts': `import ${keyword} { Chain } from '../chain/chain.ts'`,
    })
    expect(rulesBroken(from('type'))).toEqual([])
    expect(rulesBroken(from(''))).toEqual(['forbidden_import'])
  })

  it('may not close a cycle', () => {
    const cycle = {
      'vm/a.ts': `import { b } from './b.ts'`,
      'vm/b.ts': `import { c } from './c.ts'`,
      'vm/c.ts': `import type { A } from './a.ts'`,
    }
    expect(findViolations(new Map(Object.entries(cycle)))).toEqual([
      { rule: 'import_cycle', file: 'vm/a.ts', message: 'vm/a.ts -> vm/b.ts -> vm/c.ts -> vm/a.ts' },
    ])
  })
})

describe('a program that another file starts', () => {
  it('may import from that file', () => {
    const files = {
      'vm/pool.ts': `export const worker = new Worker(new URL('./worker.ts', import.meta.url))`,
      'vm/worker.ts': `import type { Job } from './pool.ts'`,
    }
    expect(rulesBroken(files)).toEqual([])
  })
})

describe('a file', () => {
  it('belongs to an area', () => {
    expect(rulesBroken({ 'node/attic/old.ts': '' })).toEqual(['unowned_file'])
  })
  it('is not named index.ts', () => {
    expect(rulesBroken({ 'vm/index.ts': '' })).toEqual(['index_file'])
  })
  it('does not pass on what another declares', () => {
    expect(rulesBroken({ 'vm/a.ts': `export * from './b.ts'` })).toEqual(['export_all'])
    expect(rulesBroken({ 'vm/a.ts': `export { b } from './b.ts'` })).toEqual(['re_export'])
  })
})

describe('a pure file', () => {
  const PURE_FILES = [
    'vm/gas.ts',
    'node/params.ts',
    'node/types/block.ts',
    'node/abi/values.ts',
    'node/state/tree.ts',
    'node/transition/block.ts',
    'node/consensus/machine.ts',
    'node/mempool/mempool.ts',
  ]
  it.each(PURE_FILES)('%s imports nothing of Node', file => {
    expect(rulesBroken({ [file]: `import { readFileSync } from 'node:fs'` })).toEqual(['impure_import'])
    expect(rulesBroken({ [file]: `import * as all from 'node:crypto'` })).toEqual(['impure_import'])
    expect(rulesBroken({ [file]: `import { hash, randomBytes } from 'node:crypto'` })).toEqual([
      'impure_import',
    ])
  })

  it('may hash', () => {
    expect(rulesBroken({ 'node/state/tree.ts': `import { hash } from 'node:crypto'` })).toEqual([])
  })

  it('knows its shell only by type', () => {
    const from = (keyword: string) => ({
      'node/mempool/mempool.ts': `import ${keyword} { Journal } from './journal.ts'`,
    })
    expect(rulesBroken(from('type'))).toEqual([])
    expect(rulesBroken(from(''))).toEqual(['impure_import'])
  })

  it.each([
    'Date.now()',
    'new Date()',
    'Math.random()',
    'performance.now()',
    'process.env.HOME',
    'setTimeout(() => {}, 1)',
    'fetch("x")',
    'crypto.getRandomValues(b)',
    'console.log(1)',
  ])('does not use %s', expression => {
    expect(rulesBroken({ 'node/state/tree.ts': `export const f = () => ${expression}` })).toEqual([
      'impure_name',
    ])
  })

  it('may have properties of such names, and WebAssembly', () => {
    const code = `export const f = (clock: { Date: number }) => [clock.Date, { process: 1 }, WebAssembly.Module, Math.min(1)]`
    expect(rulesBroken({ 'vm/gas.ts': code })).toEqual([])
  })

  it('has a shell that may do what it may not', () => {
    const code = `import { appendFile } from 'node:fs/promises'\nexport const f = () => Date.now()`
    expect(rulesBroken({ 'node/mempool/journal.ts': code })).toEqual([])
    expect(rulesBroken({ 'node/crypto/bls.ts': `import { verify } from 'node:crypto'` })).toEqual([])
  })
})
