/**
 * Frames on a terminal, by Ink: the alternate screen, lines that changed alone, keys and pasted text. Ink lays out nothing
 * here: a frame is lines that are as wide as the terminal (frame.ts), each a component that is drawn again when it changed.
 */
import './production.ts'
import { Box, render, Text, useInput, usePaste } from 'ink'
import { createElement as h, memo, type ReactNode } from 'react'
import { keyNames } from './keys.ts'

/** How often Ink may write: more often than frames are asked for (pacer.ts), so that none waits here. */
const MAX_FPS = 1_000

const Row = memo(
  ({ text }: { readonly text: string }): ReactNode =>
    h(Text, { wrap: 'truncate-end' }, text === '' ? ' ' : text),
)

export interface ScreenEvents {
  readonly onKeys: (names: readonly string[]) => void
  readonly onPaste: (text: string) => void
}

interface AppProps extends ScreenEvents {
  readonly lines: readonly string[]
}

/** The component of the whole screen. */
export const App = ({ lines, onKeys, onPaste }: AppProps): ReactNode => {
  useInput((input, key) => {
    if (key.eventType === 'release') return
    const names = keyNames(input, key)
    if (names.length > 0) onKeys(names)
  })
  usePaste(onPaste)
  return h(
    Box,
    { flexDirection: 'column' },
    lines.map((text, i) => h(Row, { key: i, text })),
  )
}

export interface Screen {
  draw(lines: readonly string[]): void
  /** Restores the terminal. */
  close(): void
  /** Rejects with what broke the screen; resolves when it was closed. */
  readonly ended: Promise<unknown>
}

export interface Streams {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
}

export const openScreen = (
  lines: readonly string[],
  { stdin, stdout }: Streams,
  events: ScreenEvents,
): Screen => {
  const instance = render(h(App, { lines, ...events }), {
    stdin,
    stdout,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    maxFps: MAX_FPS,
    exitOnCtrlC: false,
    patchConsole: false,
  })
  return {
    draw: next => instance.rerender(h(App, { lines: next, ...events })),
    close: () => instance.unmount(),
    ended: instance.waitUntilExit(),
  }
}
