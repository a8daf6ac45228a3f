/** The simulated network behind the figures of finality. */
import { describe, expect, it } from 'vitest'
import type { Costs } from '../../bench/finality-model/costs.ts'
import { FinalityModel } from '../../bench/finality-model/model.ts'
import { networkProfile, slowestQuorumMs } from '../../bench/finality-model/network-delays.ts'
import { percentile } from '../../bench/statistics.ts'

const FREE: Costs = {
  signMs: 0,
  certifyMs: 0,
  verifyCertificateMs: 0,
  vrfProveMs: 0,
  vrfVerifyMs: 0,
  decodeMs: 0,
  encodeMs: 0,
  syncMs: 0,
}

const run = (costs: Partial<Costs>, delayMs: number) => {
  const network = { ...networkProfile('lan'), jitter: 0, delayMs: () => delayMs }
  return new FinalityModel({ validators: 4, network, costs: { ...FREE, ...costs }, seed: 1 }).run(10, 1)
}

describe('the model of finality', () => {
  it('takes three delays where nothing else costs anything', () => {
    const { latenciesMs, nullified } = run({}, 100)
    expect(nullified).toBe(0)
    expect(percentile(latenciesMs, 0.5)).toBeGreaterThanOrEqual(300)
    // The replica's own steps run on this machine's clock.
    expect(percentile(latenciesMs, 0.5)).toBeLessThan(320)
  })

  it('adds what stands on the way of a vote: a check, two signatures, two certificates', () => {
    const costs = { signMs: 10, certifyMs: 20, vrfVerifyMs: 40 }
    const slower = percentile(run(costs, 100).latenciesMs, 0.5) - percentile(run({}, 100).latenciesMs, 0.5)
    expect(slower).toBeGreaterThanOrEqual(40 + 2 * 10 + 2 * 20 - 20)
    expect(slower).toBeLessThan(40 + 3 * 10 + 3 * 20 + 20)
  })

  it('counts messages and bytes: a proposal, two votes of each, and few certificates', () => {
    const { messages, bytes, blocks } = run({}, 1)
    const perBlock = messages / blocks
    // 3 proposals, 9 + 12 votes (the leader's N is in its proposal), and of every other block's finality at most all tell all.
    expect(perBlock).toBeGreaterThan(3 + 21)
    expect(perBlock).toBeLessThanOrEqual(3 + 21 + 12)
    expect(bytes / messages).toBeGreaterThan(100)
  })

  it('knows how far the slowest quorum is', () => {
    expect(slowestQuorumMs(networkProfile('lan'), 4)).toBe(0.25)
    // From São Paulo a quorum of 100 needs Washington, Frankfurt and Tokyo: half of 284.5 ms.
    expect(slowestQuorumMs(networkProfile('wan'), 100)).toBe(142.25)
  })
})
