import { afterEach, describe, expect, it, vi } from 'vitest'
import { listenForStop, type StopRequest } from '../../../cli/signals.ts'

let stop: StopRequest | undefined
afterEach(() => {
  stop?.release()
  vi.restoreAllMocks()
})

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s asks to stop', name => {
    stop = listenForStop()
    expect(stop.signal.aborted).toBe(false)
    process.emit(name, name)
    expect(stop.signal.aborted).toBe(true)
  })

  it('that comes twice ends the process at once', () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
    vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    stop = listenForStop()
    process.emit('SIGINT', 'SIGINT')
    expect(exit).not.toHaveBeenCalled()
    process.emit('SIGINT', 'SIGINT')
    expect(exit).toHaveBeenCalledWith(130)
  })

  it('is left alone after release', () => {
    const before = process.listenerCount('SIGINT')
    listenForStop().release()
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})
