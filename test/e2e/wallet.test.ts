/** `vex wallet`, run as a user runs it: files, pipes and a terminal; and accounts of the wallet that sign. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWallet, sealWallet, addAccount, walletOf } from '../../node/wallet/wallet.ts'
import {
  type Environment,
  type Finished,
  runVex,
  startVex,
  type VexProcess,
  waitForLine,
} from '../support/vex-command.ts'
import { typeTo } from '../support/terminal.ts'

const PASSWORD = 'correct horse battery'
const NEXT = 'staple staple staple'
const MNEMONIC = `${'abandon '.repeat(11)}about`
const ADA = 'vex1fnzvzf6agz3r3g4gqg4qy5ry9a9klhwj3z0d3jf0jdfv5g2l9ksq0evgdk'
const ADA_KEY = '761541e8dfdf3d4c0acabafb1215ccba206cc3fa8b415c8137a83e344a59d112'
const BEN = 'vex1czelrn4y7jwyyzd0khwkhwvkgdm02nds8h43hpxthjfh3uz5857sj8wf0h'

let folder: string
/** Everything that any command here has printed. */
let printed = ''

const put = (name: string, text: string, mode = 0o600): string => {
  writeFileSync(join(folder, name), text, { mode })
  return name
}
const run = async (args: readonly string[], environment?: Environment): Promise<Finished> => {
  const finished = await runVex(folder, args, environment)
  printed += finished.stdout + finished.stderr
  return finished
}
/** With the password, if it is of any use. */
const wallet = (...args: string[]): Promise<Finished> =>
  run(['wallet', ...args, '--password-file', 'password'])
const walletJson = async (...args: string[]): Promise<Record<string, unknown>> => {
  const { exitCode, stdout, stderr } = await wallet(...args, '--json')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}
const errorOf = ({ exitCode, stdout, stderr }: Finished): { code: string; message: string } => {
  expect([exitCode, stdout]).toEqual([expect.any(Number), ''])
  expect(stderr).not.toMatch(/\n\s+at /)
  return (JSON.parse(stderr) as { error: { code: string; message: string } }).error
}
const walletText = (): string => readFileSync(join(folder, 'wallet.json'), 'utf8')
const modeOf = (name: string): number => statSync(join(folder, name)).mode & 0o777
/** At the least cost that is read, so that the tests are not about the cost. */
const fresh = async (name: string): Promise<string> => {
  const kdf = { name: 'scrypt', n: 2 ** 13, r: 8, p: 2 } as const
  const made = await addAccount(await addAccount(walletOf(MNEMONIC), 'ada'), 'ben')
  return put(name, await sealWallet(made, PASSWORD, { kdf }))
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vex-wallet-'))
  put('password', `${PASSWORD}\n`)
  put('next', NEXT)
  put('words', `${MNEMONIC.toUpperCase()}\n`)
  await fresh('wallet.json')
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('vex wallet', () => {
  it('makes a wallet at the full cost, for its owner alone, without showing the words in a pipe', async () => {
    const args = ['wallet', 'new', 'savings', '--wallet', 'deep/er/new.json', '--password-file', 'password']
    const made = await run(args)
    expect([made.exitCode, made.stdout]).toEqual([
      0,
      expect.stringMatching(/^Made the wallet .*\n {2}savings {2}vex1/),
    ])
    expect(made.stderr).toContain('vex wallet export --mnemonic --out FILE')
    expect([modeOf('deep/er/new.json'), modeOf('deep/er')]).toEqual([0o600, 0o700])
    const text = readFileSync(join(folder, 'deep/er/new.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ version: 1, kdf: { name: 'scrypt', n: 131_072 } })
    const { mnemonic } = await openWallet(text, PASSWORD, 'it')
    expect(mnemonic.split(' ')).toHaveLength(24)
    expect(printed).not.toContain(mnemonic.split(' ').slice(0, 3).join(' '))
    const again = await run([...args, '--json'])
    expect([again.exitCode, errorOf(again).code]).toEqual([1, 'exists'])
    expect(readFileSync(join(folder, 'deep/er/new.json'), 'utf8')).toBe(text)
  })

  it('makes the wallet of words that are there', async () => {
    const args = ['import', 'ada', '--mnemonic-file', 'words', '--wallet', 'imported.json']
    const settings = ['--kdf', 'pbkdf2', '--cipher', 'aes-256-gcm']
    expect(await walletJson(...args, ...settings)).toMatchObject({
      path: 'imported.json',
      accounts: [{ name: 'ada', address: ADA, path: "m/44'/7759224'/0'" }],
    })
    expect(JSON.parse(readFileSync(join(folder, 'imported.json'), 'utf8'))).toMatchObject({
      kdf: { name: 'pbkdf2-hmac-sha512', iterations: 220_000 },
      cipher: { name: 'aes-256-gcm' },
    })
    put('bad-words', MNEMONIC.replace('about', 'abuot'))
    const refused = await run([
      'wallet',
      'import',
      '--mnemonic-file',
      'bad-words',
      '--wallet',
      'no.json',
      '--json',
    ])
    expect(errorOf(refused)).toEqual({
      code: 'bad_mnemonic',
      message: 'word 12 of the mnemonic is not in the English list of BIP-39',
    })
  })

  it('lists and shows without the password', async () => {
    const { accounts } = JSON.parse((await run(['wallet', 'list', '--json'])).stdout) as {
      accounts: object[]
    }
    expect(accounts).toMatchObject([
      { name: 'ada', address: ADA },
      { name: 'ben', address: BEN },
    ])
    expect((await run(['wallet', 'list'])).stdout).toContain(`ada  ${ADA}  m/44'/7759224'/0'`)
    expect((await run(['wallet', 'show', 'ben'])).stdout).toMatch(/^ben\n {2}address +vex1/)
    expect(await walletJson('show', '--check')).toMatchObject({ isChecked: true, kdf: { name: 'scrypt' } })
  })

  it('adds, renames, removes, and brings in a key, keeping the file for its owner', async () => {
    expect(await walletJson('add', 'cold', '--index', '7')).toMatchObject({ path: "m/44'/7759224'/7'" })
    expect(await walletJson('rename', 'cold', 'colder')).toMatchObject({ name: 'colder' })
    put('key', `0x${'12'.repeat(32)}\n`)
    expect(await walletJson('import', 'old', '--key-file', 'key')).toMatchObject({
      accounts: [{}, {}, {}, { name: 'old', path: null }],
    })
    const unasked = await wallet('remove', 'old', '--json')
    expect([unasked.exitCode, errorOf(unasked).message]).toEqual([2, expect.stringContaining('add --yes')])
    expect(await walletJson('remove', 'old', '--yes')).toMatchObject({ removed: { name: 'old' } })
    await walletJson('remove', 'colder', '--yes')
    expect(modeOf('wallet.json')).toBe(0o600)
  })

  it('exports into files for the owner only, never over one that is there', async () => {
    expect(await walletJson('export', 'ada', '--out', 'ada.key')).toMatchObject({ address: ADA })
    expect(await walletJson('export', '--mnemonic', '--out', 'ada.words')).toEqual({
      path: 'ada.words',
      exported: 'mnemonic',
    })
    expect([readFileSync(join(folder, 'ada.key'), 'utf8'), modeOf('ada.key')]).toEqual([
      `${ADA_KEY}\n`,
      0o600,
    ])
    expect([readFileSync(join(folder, 'ada.words'), 'utf8'), modeOf('ada.words')]).toEqual([
      `${MNEMONIC}\n`,
      0o600,
    ])
    expect(errorOf(await wallet('export', 'ben', '--out', 'ada.key', '--json')).code).toBe('exists')
    expect((await wallet('export', '--out', 'x')).exitCode).toBe(2)
  })

  it('changes the password; the old one opens nothing any more', async () => {
    await fresh('other.json')
    const change = ['wallet', 'password', '--wallet', 'other.json', '--password-file', 'password']
    const changed = await run([...change, '--new-password-file', 'next'])
    expect(changed.exitCode).toBe(0)
    expect(
      errorOf(
        await run(['wallet', 'add', 'x', '--wallet', 'other.json', '--password-file', 'password', '--json']),
      ).code,
    ).toBe('wrong_password')
    expect(
      (await run(['wallet', 'add', 'x', '--wallet', 'other.json', '--password-file', 'next'])).exitCode,
    ).toBe(0)
    put('short', 'short')
    const weak = [
      'wallet',
      'password',
      '--wallet',
      'other.json',
      '--password-file',
      'next',
      '--new-password-file',
      'short',
    ]
    expect(errorOf(await run([...weak, '--json'])).code).toBe('weak_password')
  })

  it('changes the file behind a link, and leaves the link', async () => {
    symlinkSync('wallet.json', join(folder, 'link.json'))
    await walletJson('add', 'linked', '--wallet', 'link.json')
    expect(walletText()).toContain('linked')
    await walletJson('remove', 'linked', '--yes')
  })
})

describe('what is wrong is told apart', () => {
  const change = (field: string, value: unknown): string => {
    put('bad.json', JSON.stringify({ ...(JSON.parse(walletText()) as object), [field]: value }))
    return 'bad.json'
  }
  it.each([
    [
      'a wrong password',
      () => 'wallet.json',
      'wrong_password',
      'the password is wrong: it does not open the wallet',
    ],
    ['a changed file', () => change('ciphertext', '00'.repeat(64)), 'tampered', 'its checksum does not hold'],
    [
      'a foreign version',
      () => change('version', 9),
      'foreign_version',
      'version 9, and this Vex reads version 1',
    ],
    ['a file of another kind', () => put('notes.txt', 'hello'), 'not_a_keystore', 'is no keystore of Vex'],
    ['no file', () => 'gone.json', 'no_wallet', 'make one with vex wallet new'],
  ])('%s', async (_, file, code, sentence) => {
    const finished = await run([
      'wallet',
      'add',
      'x',
      '--wallet',
      file(),
      '--password-file',
      'next',
      '--json',
    ])
    expect(finished.exitCode).toBe(1)
    expect(errorOf(finished)).toEqual({ code, message: expect.stringContaining(sentence) })
  })

  it.each([0o644, 0o640, 0o606])('a password file that others may use (mode %o)', async mode => {
    put('open', PASSWORD, mode)
    execFileSync('chmod', [mode.toString(8), join(folder, 'open')])
    const finished = await run(['wallet', 'show', '--check', '--password-file', 'open', '--json'])
    expect(errorOf(finished)).toEqual({
      code: 'key_file_open',
      message: expect.stringContaining('chmod 600 open'),
    })
  })

  it('a wallet that others may read', async () => {
    await fresh('public.json')
    execFileSync('chmod', ['644', join(folder, 'public.json')])
    expect(errorOf(await wallet('show', '--check', '--wallet', 'public.json', '--json')).code).toBe(
      'key_file_open',
    )
  })

  it('no terminal and no password', async () => {
    const finished = await run(['wallet', 'show', '--check', '--json'])
    expect([finished.exitCode, errorOf(finished).message]).toEqual([
      2,
      expect.stringContaining('--password-file PATH'),
    ])
  })

  it('in CI the password may be in the environment', async () => {
    const right = await run(['wallet', 'show', '--check', '--json'], { VEX_WALLET_PASSWORD: PASSWORD })
    expect(JSON.parse(right.stdout)).toMatchObject({ isChecked: true })
    const wrong = await run(['wallet', 'show', '--check', '--json'], { VEX_WALLET_PASSWORD: 'x' })
    expect(errorOf(wrong).code).toBe('wrong_password')
  })
})

describe('kill -9', () => {
  it('at any moment leaves the wallet as it was, or as it was to be', async () => {
    await fresh('killed.json')
    const args = ['wallet', 'add', 'eve', '--wallet', 'killed.json', '--password-file', 'password']
    const before = readFileSync(join(folder, 'killed.json'), 'utf8')
    const started = performance.now()
    expect((await run(args)).exitCode).toBe(0)
    const takesMs = performance.now() - started
    for (let i = 0; i < 6; i++) {
      put('killed.json', before)
      const { child, finished } = startVex(folder, args)
      await sleep(takesMs * (0.5 + i / 10))
      child.kill('SIGKILL')
      await finished
      const { accounts } = await openWallet(readFileSync(join(folder, 'killed.json'), 'utf8'), PASSWORD, 'it')
      expect([2, 3]).toContain(accounts.length)
    }
    expect((await run(['wallet', 'add', 'zoe', ...args.slice(3)])).exitCode).toBe(0)
    expect(readdirSync(folder).filter(name => name.startsWith('killed.json'))).toEqual(['killed.json'])
  })
})

describe('on a terminal', () => {
  it('the words are shown once, and the password is never echoed', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['wallet', 'new', '--wallet', 'typed.json', '--words', '12'],
      [
        ['New password of the wallet typed.json: ', `${PASSWORD}\r`],
        ['The same again: ', `${PASSWORD}\r`],
      ],
    )
    expect(exitCode).toBe(0)
    const { mnemonic } = await openWallet(readFileSync(join(folder, 'typed.json'), 'utf8'), PASSWORD, 'it')
    expect(screen).not.toContain(PASSWORD)
    for (const [i, word] of mnemonic.split(' ').entries())
      expect(screen).toMatch(new RegExp(`${i + 1} ${word}\\b`))
    expect(screen.trimEnd()).toMatch(/\becho$/)
  })

  it('two passwords that differ make nothing', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['wallet', 'new', '--wallet', 'differ.json'],
      [
        ['New password', `${PASSWORD}\r`],
        ['again: ', `${NEXT}\r`],
      ],
    )
    expect([exitCode, screen]).toEqual([1, expect.stringContaining('the two passwords differ')])
    expect(existsSync(join(folder, 'differ.json'))).toBe(false)
  })

  it('Ctrl-C leaves the terminal as it was', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['wallet', 'add', 'x'],
      [['Password of the wallet', 'corr\u0003']],
    )
    expect([exitCode, screen]).toEqual([130, expect.stringContaining('nothing was done')])
    expect(screen).not.toContain('corr\r')
    expect(screen.trimEnd()).toMatch(/\becho$/)
  })

  it('the environment’s password is not taken', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['wallet', 'show', '--check'],
      [['Password of the wallet', `${NEXT}\r`]],
      { VEX_WALLET_PASSWORD: PASSWORD },
    )
    expect([exitCode, screen]).toEqual([1, expect.stringContaining('the password is wrong')])
  })

  it('words are typed without an echo too', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['wallet', 'import', 'ada', '--wallet', 'typed-words.json'],
      [
        ['(not shown): ', `${MNEMONIC}\r`],
        ['New password', `${PASSWORD}\r`],
        ['again: ', `${PASSWORD}\r`],
      ],
    )
    expect([exitCode, screen]).toEqual([0, expect.stringContaining(ADA)])
    expect(screen).not.toContain('abandon')
  })
})

describe('an account of the wallet', () => {
  let devChain: VexProcess
  let url: string
  beforeAll(async () => {
    devChain = startVex(folder, ['dev', '--port', '0', '--json'])
    url = (JSON.parse(await waitForLine(devChain, () => true)) as { url: string }).url
  })
  afterAll(async () => {
    devChain.child.kill('SIGINT')
    await devChain.finished
  })
  const vex = (...args: string[]): Promise<Finished> => run(args, { VEX_URL: url })
  const password = ['--password-file', 'password']

  it('receives by its name, signs with --from, and is shown by its name', async () => {
    expect((await vex('send', 'ada', '50vex', '--from', 'dev3')).stdout).toContain(
      `Sent 50 VEX to ${ADA} (ada)`,
    )
    const sent = await vex('send', 'ben', '1vex', '--from', 'ada', ...password)
    expect([sent.exitCode, sent.stdout]).toEqual([0, expect.stringContaining(`from         ${ADA} (ada)`)])
    const { accounts } = JSON.parse((await vex('accounts', 'ben', '--json')).stdout) as { accounts: object[] }
    expect(accounts).toMatchObject([{ address: BEN, balance: '1000000000' }])
    const all = await vex('accounts')
    expect(all.stdout).toMatch(new RegExp(`^${ADA} \\(ada\\)\n`))
    expect(all.stdout).toContain('(dev9)')
    expect((await vex('send', 'dev1', '1', '--from', ADA, ...password)).exitCode).toBe(0)
  })

  it('deploys, calls, upgrades, delegates', async () => {
    const token = join(import.meta.dirname, '../../contracts/token/token.ts')
    const deployed = await vex(
      'deploy',
      token,
      'Gold',
      'GLD',
      '9',
      '1000',
      '--from',
      'ada',
      ...password,
      '--json',
    )
    const [contract] = (JSON.parse(deployed.stdout) as { created: [string] }).created
    expect(
      (await vex('call', contract, 'transfer', 'ben', '5', '--from', 'ada', ...password)).stdout,
    ).toContain('(ben)')
    expect((await vex('view', contract, 'balanceOf', 'ben')).stdout).toBe('5\n')
    expect((await vex('owner', contract, 'ben', '--from', 'ada', ...password)).stdout).toContain('(ben)')
    const { validators } = JSON.parse((await vex('validators', '--json')).stdout) as {
      validators: [{ address: string }]
    }
    const [{ address }] = validators
    expect((await vex('stake', 'delegate', address, '10vex', '--from', 'ada', ...password)).exitCode).toBe(0)
    // Who asks for what is known needs no password.
    expect((await vex('stake', 'show', '--from', 'ada')).stdout).toContain('10 VEX')
  })

  it('is asked for its password once', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['send', 'ben', '2', '--from', 'ada'],
      [['Password of the wallet', `${PASSWORD}\r`]],
      { VEX_URL: url },
    )
    expect([exitCode, screen.split('Password of').length]).toEqual([0, 2])
  })

  it('that does not exist is told before a password is asked for', async () => {
    const nobody = await vex('send', 'ada', '1', '--from', 'eve', '--json')
    expect([nobody.exitCode, errorOf(nobody).message]).toEqual([
      1,
      'the wallet has no account "eve"; it has: ada, ben',
    ])
    const unknown = await vex('send', 'eve', '1', '--json')
    expect([unknown.exitCode, errorOf(unknown).message]).toEqual([
      2,
      expect.stringContaining('wallet.json has ada, ben'),
    ])
  })

  it('of a damaged wallet stops nobody who does not need it', async () => {
    put('damaged.json', '{"format":"vex-keystore","version":1}')
    expect((await vex('send', 'dev1', '1', '--wallet', 'damaged.json')).exitCode).toBe(0)
    expect(errorOf(await vex('send', 'ada', '1', '--wallet', 'damaged.json', '--json')).code).toBe('tampered')
  })
})

describe('secrets', () => {
  it('are in nothing that any of these commands has printed', () => {
    expect(printed.length).toBeGreaterThan(5_000)
    for (const secret of [PASSWORD, NEXT, 'abandon', ADA_KEY, '12'.repeat(32)])
      expect(printed).not.toContain(secret)
  })
})
