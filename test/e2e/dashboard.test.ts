/** The dashboard as its user has it: on a terminal, in a pipe, while its node goes away and comes back. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DEV_CHAIN_ID, devGenesis } from '../../node/dev.ts'
import {
  removeDirectory,
  type RunningNode,
  startTestNode,
  temporaryDirectory,
} from '../support/running-node.ts'
import { type Answer, typeTo } from '../support/terminal.ts'
import { runVex, startVex, waitForLine } from '../support/vex-command.ts'

const ENVIRONMENT = { CI: '', TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' }
const SIZE = { columns: 100, rows: 30 }
const ENTER_SCREEN = '\u001b[?1049h'
const LEAVE_SCREEN = '\u001b[?1049l'
const SHOW_CURSOR = '\u001b[?25h'

let folder: string
const running: RunningNode[] = []
beforeEach(async () => {
  folder = await temporaryDirectory()
})
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop()
  await removeDirectory(folder)
})

const startNode = async (port = 0): Promise<RunningNode> => {
  const node = await startTestNode(
    join(folder, 'node'),
    port,
    {},
    {
      createGenesis: keys => devGenesis(keys, BigInt(Date.now()), DEV_CHAIN_ID),
      adminPort: 0,
      hasPublicMetrics: true,
      hasBlockControl: true,
    },
  )
  running.push(node)
  return node
}

const open = (node: RunningNode, answers: readonly Answer[], ...args: readonly string[]) =>
  typeTo(folder, ['dashboard', '--url', node.node.url, ...args], answers, ENVIRONMENT, SIZE)

/** The terminal is as it was: the ordinary screen, a cursor, an echo; in this order, after the last frame. */
const expectRestored = (screen: string): void => {
  expect(screen).toContain(ENTER_SCREEN)
  expect(screen.lastIndexOf(LEAVE_SCREEN)).toBeGreaterThan(screen.lastIndexOf(ENTER_SCREEN))
  expect(screen.lastIndexOf(SHOW_CURSOR)).toBeGreaterThan(screen.lastIndexOf(ENTER_SCREEN))
  expect(screen.slice(screen.lastIndexOf(LEAVE_SCREEN))).toMatch(/[^-]echo\r\n/)
}

describe('on a terminal', () => {
  it('opens, goes where keys lead, and leaves everything as it was', async () => {
    const node = await startNode()
    const { exitCode, screen } = await open(node, [
      ['Alive', '7'],
      ['Next leaders', '?'],
      ['copies the command', '\u001b'],
      ['Next leaders', 'q'],
    ])
    expect(exitCode).toBe(0)
    expectRestored(screen)
    const last = stripVTControlCharacters(screen.slice(screen.lastIndexOf(LEAVE_SCREEN)))
    expect(last).toContain(`Again: vex dashboard --url ${node.node.url}`)
  })

  it('pauses blocks, makes one, and sends VEX from a form', async () => {
    const node = await startNode()
    const { exitCode, screen } = await open(
      node,
      [
        ['Space', ' '],
        ['Blocks are paused', 'n'],
        ['A block is made', ' '],
        ['Blocks go on', 't'],
        ['such as 1.5vex', 'dev1\r2vex\r\r'],
        ['Send it?', 'y'],
        ['Final in block', '\u0003'],
      ],
      '--admin-url',
      node.node.adminUrl ?? '',
    )
    expect(exitCode).toBe(0)
    expectRestored(screen)
    expect(node.node.head.header.height).toBeGreaterThan(0n)
  })

  it('lines on the ordinary screen with s, and back', async () => {
    const node = await startNode()
    const { exitCode, screen } = await open(node, [
      ['Alive', 's'],
      ['Plain lines: s goes back', 's'],
      ['Alive', '2'],
      ['Block', 'q'],
    ])
    expect(exitCode).toBe(0)
    expect(screen.split(ENTER_SCREEN)).toHaveLength(3)
    expectRestored(screen)
  })

  it('Ctrl-Z gives the terminal back; where no shell takes it, the screen is there again', async () => {
    const node = await startNode()
    const { exitCode, screen } = await open(node, [
      ['Alive', '\u001a'],
      ['Alive', '7'],
      ['Next leaders', 'q'],
    ])
    expect(exitCode).toBe(0)
    expect(screen.split(ENTER_SCREEN)).toHaveLength(3)
    expectRestored(screen)
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)(
    'gives the terminal back on %s',
    async signal => {
      const node = await startNode()
      const vex = join(import.meta.dirname, '../../cli/vex.ts')
      const child = spawn(
        'script',
        [
          '-qec',
          `stty cols 100 rows 30; sh -c 'echo pid=$$; exec ${process.execPath} ${vex} dashboard --url ${node.node.url}'; stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo`,
          '/dev/null',
        ],
        {
          cwd: folder,
          env: { ...process.env, ...ENVIRONMENT, NO_COLOR: '1', VEX_WALLET: join(folder, 'w.json') },
        },
      )
      let screen = ''
      let isSent = false
      child.stdout.on('data', (chunk: Buffer) => {
        screen += chunk.toString()
        const pid = /pid=(\d+)/.exec(screen)?.[1]
        if (isSent || pid === undefined || !screen.includes('Trouble')) return
        isSent = true
        process.kill(Number(pid), signal)
      })
      await once(child, 'close')
      expectRestored(screen)
    },
  )

  it('comes back by itself when its node does', async () => {
    const node = await startNode()
    const port = Number(new URL(node.node.url).port)
    let again: Promise<unknown> = Promise.resolve()
    const { exitCode, screen } = await open(node, [
      [
        'Trouble',
        () => {
          again = node.stop()
        },
      ],
      [
        'no answer',
        () => {
          again = again.then(() => startNode(port))
        },
      ],
      [' ago', 'q'],
    ])
    await again
    expect(exitCode).toBe(0)
    expectRestored(screen)
  })
})

describe('without a terminal', () => {
  it('a line a block, until it is stopped', async () => {
    const node = await startNode()
    const process_ = startVex(folder, ['dashboard', '--url', node.node.url])
    expect(await waitForLine(process_, text => text.startsWith('block'))).toMatch(/^block \d+ +0 tx +0 gas/)
    process_.child.kill('SIGTERM')
    const { exitCode, stdout } = await process_.finished
    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('\u001b')
  })

  it('or a document, with --json', async () => {
    const node = await startNode()
    const process_ = startVex(folder, ['dashboard', '--url', node.node.url, '--json'])
    const text = await waitForLine(process_, () => true)
    expect(JSON.parse(text)).toMatchObject({ type: 'block', transactions: [] })
    process_.child.kill('SIGTERM')
    expect((await process_.finished).exitCode).toBe(0)
  })

  it('what is wrong is a sentence and an exit code', async () => {
    const nobody = await runVex(folder, ['dashboard', '--url', 'http://127.0.0.1:9'])
    expect(nobody).toMatchObject({ exitCode: 4, stdout: '' })
    expect(nobody.stderr).toContain('no Vex node answers')
    expect(await runVex(folder, ['dashboard', '--view', 'nothing'])).toMatchObject({ exitCode: 2 })
    expect(await runVex(folder, ['dashboard', '--lock-after', '0'])).toMatchObject({ exitCode: 2 })
  })
})

describe('vex dev on a terminal', () => {
  it('opens it on its own node; q leaves it, the chain goes on, Ctrl-C stops', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['dev', '--port', '0', '--data-dir', 'chain'],
      [
        ['Trouble', '8'],
        ['noticed by', 'q'],
        ['The chain goes on', '\u0003'],
      ],
      ENVIRONMENT,
      SIZE,
    )
    expect(exitCode).toBe(0)
    expectRestored(screen)
    expect(screen).toMatch(/Stopped at block \d+\. The state is in chain/)
    // Keys that everybody knows stand above it, on the ordinary screen.
    expect(screen.indexOf('Secret keys')).toBeLessThan(screen.indexOf(ENTER_SCREEN))
    expect(readFileSync(join(folder, 'chain', 'dev.log'), 'utf8')).not.toContain(ENTER_SCREEN)
  })

  it('Ctrl-C inside stops the chain too', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['dev', '--port', '0', '--data-dir', 'chain'],
      [['Trouble', '\u0003']],
      ENVIRONMENT,
      SIZE,
    )
    expect(exitCode).toBe(0)
    expectRestored(screen)
    expect(screen).toContain('Stopped at block')
  })

  it('--no-tui shows lines', async () => {
    const { exitCode, screen } = await typeTo(
      folder,
      ['dev', '--port', '0', '--data-dir', 'chain', '--no-tui'],
      [['Ctrl-C stops it', '\u0003']],
      ENVIRONMENT,
      SIZE,
    )
    expect(exitCode).toBe(0)
    expect(screen).not.toContain(ENTER_SCREEN)
  })
})
