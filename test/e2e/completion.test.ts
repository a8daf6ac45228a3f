/** `vex completion` in the shells it is for: those that this machine has. */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runVex } from '../support/vex-command.ts'

const run = promisify(execFile)
const VEX = join(import.meta.dirname, '../../cli/vex.ts')

const has = (shell: string): Promise<boolean> =>
  run(shell, ['-c', 'exit 0']).then(
    () => true,
    () => false,
  )
const SHELLS = { bash: await has('bash'), zsh: await has('zsh'), fish: await has('fish') }

let folder: string

const shell = async (name: string, args: readonly string[]): Promise<string[]> => {
  const path = `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const environment = { PATH: path, HOME: folder, VEX_WALLET: join(folder, 'wallet.json'), LANG: 'C.UTF-8' }
  const { stdout } = await run(name, args, { cwd: folder, env: environment })
  return stdout.split('\n').filter(line => line !== '')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-shells-'))
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'my contracts'))
  await writeFile(join(folder, 'bin', 'vex'), `#!/bin/sh\nexec '${process.execPath}' '${VEX}' "$@"\n`)
  await chmod(join(folder, 'bin', 'vex'), 0o755)
  await writeFile(join(folder, 'my-token.wasm'), '')
  for (const name of ['bash', 'zsh', 'fish']) {
    const { stdout } = await runVex(folder, ['completion', name])
    await writeFile(join(folder, `vex.${name}`), stdout)
  }
  const accounts = [{ name: 'savings', address: 'vex1savings' }]
  await writeFile(join(folder, 'wallet.json'), JSON.stringify({ public: { accounts } }))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** What is typed, and what must be offered. */
const CASES: readonly (readonly [words: readonly string[], offered: readonly string[]])[] = [
  [['sta'], ['stake', 'state']],
  [
    ['dev', '--pruning', ''],
    ['archive', 'default', 'minimal'],
  ],
  [['send', 'sav'], ['savings']],
  [['deploy', 'my-t'], ['my-token.wasm']],
  [['doctor', '--data-dir', 'my'], ['my contracts']],
]

const quoted = (words: readonly string[]): string => words.map(word => `'${word}'`).join(' ')

describe.skipIf(!SHELLS.bash)('bash (skipped where there is none)', () => {
  it.each(CASES)('completes %j', async (words, offered) => {
    const script = `source ./vex.bash; COMP_WORDS=(vex ${quoted(words)}); COMP_CWORD=${words.length}
_vex; printf '%s\\n' "\${COMPREPLY[@]}"`
    expect(await shell('bash', ['--norc', '-c', script])).toEqual(offered)
  })

  it('takes what stands behind an equals sign for a value, as bash splits it', async () => {
    const script = `source ./vex.bash; COMP_WORDS=(vex dev --pruning = a); COMP_CWORD=4
_vex; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p vex`
    expect(await shell('bash', ['--norc', '-c', script])).toEqual(['archive', 'complete -F _vex vex'])
  })
})

describe.skipIf(!SHELLS.zsh)('zsh (skipped where there is none)', () => {
  it.each(CASES)('completes %j', async (words, offered) => {
    // The completion system needs a terminal: what it would be given is printed instead.
    const script = `compdef() { : }
_describe() { print -rl -- \${offers%%:*} }
_files() { [[ $1 == -/ ]] && print -rl -- \${words[-1]}*(N/) || print -rl -- \${words[-1]}*(N) }
source ./vex.zsh
words=(vex ${quoted(words)}); CURRENT=${words.length + 1}; _vex`
    expect(await shell('zsh', ['-f', '-c', script])).toEqual(offered)
  })
})

describe.skipIf(!SHELLS.fish)('fish (skipped where there is none)', () => {
  it.each(CASES)('completes %j', async (words, offered) => {
    const script = `source ./vex.fish; complete -C 'vex ${words.join(' ')}'`
    const lines = await shell('fish', ['--no-config', '-c', script])
    expect(lines.map(line => line.split('\t')[0]?.replace(/\/$/, '').replaceAll('\\ ', ' '))).toEqual(
      [...offered].sort(),
    )
  })
})

describe('vex completion and vex schema', () => {
  it('give their scripts and schemas as JSON too, and say what there is', async () => {
    const script = await runVex(folder, ['completion', 'bash', '--json'])
    expect(JSON.parse(script.stdout)).toMatchObject({ shell: 'bash' })
    const unknown = await runVex(folder, ['completion', 'csh'])
    expect([unknown.exitCode, unknown.stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')])
    const schema = await runVex(folder, ['schema', 'stake', 'delegate'])
    expect(JSON.parse(schema.stdout)).toMatchObject({ title: 'vex stake delegate', type: 'object' })
    const all = await runVex(folder, ['schema', '--json'])
    expect(Object.keys((JSON.parse(all.stdout) as { $defs: object }).$defs)).toContain('error')
    const group = await runVex(folder, ['schema', 'stake', '--json'])
    expect([group.exitCode, group.stderr]).toEqual([1, expect.stringContaining('stake claim')])
  })
})
