import { describe, expect, it, vi } from 'vitest'
import { createBlockGate } from '../../node/block-gate.ts'

const never = new AbortController().signal
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  void promise.then(() => {
    settled = true
  })
  for (let i = 0; i < 5; i++) await Promise.resolve()
  return settled
}

describe('the gate before a block', () => {
  it('is open until somebody shuts it, and again after that', async () => {
    const gate = createBlockGate(() => undefined)
    expect(await isSettled(gate.pass(never))).toBe(true)
    gate.pause()
    const waiting = gate.pass(never)
    expect(await isSettled(waiting)).toBe(false)
    gate.resume()
    expect(await isSettled(waiting)).toBe(true)
  })

  it('lets one block through while it is shut, no second one', async () => {
    const ring = vi.fn()
    const gate = createBlockGate(ring)
    gate.pause()
    gate.makeBlock()
    expect(ring).toHaveBeenCalledOnce()
    expect(await isSettled(gate.pass(never))).toBe(true)
    expect(gate.isWanted).toBe(false)
    expect(await isSettled(gate.pass(never))).toBe(false)
  })

  it('says of a block whether it is the one that was asked for', async () => {
    const gate = createBlockGate(() => undefined)
    expect(await gate.pass(never)).toBe(false)
    gate.makeBlock()
    expect(await gate.pass(AbortSignal.abort())).toBe(false)
    expect(await gate.pass(never)).toBe(true)
    expect(await gate.pass(never)).toBe(false)
    gate.pause()
    const [asked, resumed] = [gate.pass(never), async () => gate.pass(never)]
    gate.makeBlock()
    expect(await asked).toBe(true)
    const waiting = resumed()
    gate.resume()
    expect(await waiting).toBe(false)
  })

  it('a view that is over takes no wish with it', async () => {
    const gate = createBlockGate(() => undefined)
    gate.pause()
    const view = new AbortController()
    const waiting = gate.pass(view.signal)
    view.abort()
    expect(await isSettled(waiting)).toBe(true)
    gate.makeBlock()
    await gate.pass(AbortSignal.abort())
    expect(gate.isWanted).toBe(true)
    expect(await isSettled(gate.pass(never))).toBe(true)
  })
})
